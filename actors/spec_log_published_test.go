package actors_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What was told to the outside is in the log (S9, P5).

func TestS9P5APublishedEventsLineHasItsReasonsAndId(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Logged(slog.LevelInfo)
		game.Restart(1)
		game.State("exited")
		w.Tick()
		id := w.TakeEvents("game-7")[0].EventID
		w.Pass(2 * time.Second)
		w.ExpectInfos(actorstest.Line{
			"msg": "event published", "game": "game-7", "type": "inspect_unhealthy", "reasons": "[restart_count_increased not_running]", "event_id": id,
		})
	})
}

func TestS9P5ManyPublishedEventsAreCountedByReason(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		games := w.Fleet(15)
		games[0].State("exited")
		w.Start()
		w.Pass(2 * time.Second)
		w.Logged(slog.LevelInfo)
		for _, g := range games[1:] {
			g.Restart(1)
		}
		games[0].State("running")
		games[1].Health("unhealthy")
		w.Tick()
		w.Pass(2 * time.Second)
		published := expectOne(t, w.Logged(slog.LevelInfo), actorstest.Line{
			"msg": "events published", "count": "15",
			"reasons": "[restart_count_increased=14 healthcheck_unhealthy=1]", "recovered": "1",
		})
		if names := strings.Fields(published.Attrs["games"]); len(names) != 10 {
			t.Errorf("logged the names %v, want ten", names)
		}
	})
}
