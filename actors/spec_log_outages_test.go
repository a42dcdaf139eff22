package actors_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// When something is well again the log says so once, not before it is so, and behind what it said while it was not (S9).

func TestS9AJournalIsNotWellAgainBecauseTheNodeStops(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Logged(slog.LevelInfo)
		w.Journal.All().Fail(errors.New("connection refused"))
		game.Restart(1)
		w.Ticks(2)
		w.Stop(time.Second)
		w.ExpectInfos()
	})
}

func TestS9AJournalIsNotWellAgainBecauseAnInspectorPanics(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Logged(slog.LevelInfo)
		w.Journal.All().Full(true)
		game.Restart(1)
		w.Ticks(2)
		w.When(game.Before(actorstest.Detect), func() { panic("a bug") })
		w.Ticks(3)
		w.ExpectInfos()
		w.Journal.All().Full(false)
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "the journal is well again"}, actorstest.Line{"msg": "event published"})
	})
}

// A full journal can be read all the while.
func TestS9AJournalThatIsFullIsNotWell(t *testing.T) {
	tests := map[string]struct {
		happens func(*actorstest.Game)
		after   actorstest.Line
	}{
		"for an observation":        {func(g *actorstest.Game) { g.Restart(1) }, actorstest.Line{"msg": "event published"}},
		"for a game that leaves":    {(*actorstest.Game).Leave, actorstest.Line{"msg": "a game left the running list"}},
		"for a container's end":     {func(g *actorstest.Game) { g.Replace("second") }, actorstest.Line{"msg": "a game got another container"}},
		"for an unseen successor's": {func(g *actorstest.Game) { g.Replace("second"); g.Remove() }, actorstest.Line{"msg": "a game got another container"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				w.Logged(slog.LevelInfo)
				w.Journal.All().Full(true)
				tt.happens(game)
				w.Ticks(20)
				infos := w.Logged(slog.LevelInfo)
				if again := infosOf(infos, "the journal is well again"); len(again) > 0 {
					t.Errorf("while it is full, the log says %v", again)
				}
				w.Journal.All().Full(false)
				w.Ticks(10)
				infos = append(infos, w.Logged(slog.LevelInfo)...)
				expectOne(t, infos, actorstest.Line{"msg": "the journal is well again"})
				expectOne(t, infos, tt.after)
			})
		})
	}
}

func TestS9AJournalIsWellAgainAlthoughTheBrokerIsNot(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		w.Journal.All().Full(true)
		game.Leave()
		w.Ticks(2)
		w.Logged(slog.LevelInfo)
		w.Journal.All().Full(false)
		w.Ticks(10)
		w.ExpectInfos(actorstest.Line{"msg": "the journal is well again"})
	})
}

// A damaged stream is one game's trouble for good, and no outage.
func TestS9AJournalIsWellAgainAlthoughAStreamIsDamaged(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		damaged, game := w.Game("game-7"), w.Game("game-8")
		w.Start()
		w.Crash()
		w.Logged(slog.LevelInfo)
		damaged.Stream().Damage(true)
		w.Start()
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "games found in the journal"})
		game.Stream().Fail(errors.New("connection refused"))
		game.Restart(1)
		w.Ticks(2)
		game.Stream().Fail(nil)
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "the journal is well again"}, actorstest.Line{"msg": "event published"})
	})
}

// What is told of its end was told before.
func TestS9AJournalIsWellAgainBehindItsWarnings(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Broker.Slow(time.Second) // so that the mark comes when the pass is over
		game := w.Game("game-7")
		w.Start()
		w.Logged(slog.LevelInfo)
		game.Restart(1)
		w.In(10500*time.Millisecond, func() { game.Stream().Fail(errors.New("connection refused")) })
		w.In(11200*time.Millisecond, func() { game.Stream().Fail(nil) })
		w.Pass(15 * time.Second)
		infos := w.Logged(slog.LevelInfo)
		again := slices.ContainsFunc(infos, func(r actorstest.LogRecord) bool { return r.Message == "the journal is well again" })
		if warnings := w.Logged(slog.LevelWarn); !again || len(warnings) != 1 {
			t.Errorf("before the next tick, infos %v, warnings %v; want the journal's trouble and its end", infos, warnings)
		}
	})
}

func TestS9AnEngineWithoutGamesIsForgotten(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.GameOn("east", "game-7")
		game := w.Game("game-8")
		w.Start()
		w.Engine(actors.DefaultEngine).Down(fmt.Errorf("dial: %w", actors.ErrEngineUnreachable))
		w.Ticks(2)
		game.Leave()
		w.Tick()
		w.Engine(actors.DefaultEngine).Down(nil)
		w.Ticks(100)
		w.Logged(slog.LevelInfo)
		game.Return()
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "a game came onto the running list"}) // when the engine was well again nobody knows
	})
}

func TestS9MoreThanTenGamesOfSeveralEnginesAreOneLine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.List.ByEngine = true
		for n := range 8 {
			w.GameOn("east", fmt.Sprint("east-", n))
			w.GameOn("west", fmt.Sprint("west-", n))
		}
		w.List.SlowEngine("west", time.Second)
		w.Start()
		w.Pass(5 * time.Second)
		w.ExpectInfos(actorstest.Line{"msg": "games came onto the running list", "count": "16"})
	})
}

// Nothing asks for a write then, and what could not be read can.
func TestS9AJournalIsWellAgainAlthoughTheListIsNot(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		w.Logged(slog.LevelInfo)
		w.List.Fail(errors.New("no such file"))
		game.Stream().FailLoads(errors.New("connection refused"))
		w.Start()
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "games found in the journal"})
		game.Stream().FailLoads(nil)
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{"msg": "the journal is well again"})
	})
}
