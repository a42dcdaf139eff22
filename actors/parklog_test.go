package actors_test

import (
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// TestP4ManyParkedEventsAtTheStartAreOneLine; up to ten are a line each.
func TestP4ManyParkedEventsAtTheStartAreOneLine(t *testing.T) {
	for games, lines := range map[int]int{10: 10, 11: 1} {
		actorstest.Spec(t, func(w *actorstest.World) {
			fleet := w.Fleet(games)
			w.Start()
			for _, g := range fleet {
				g.Refuse(actors.ErrTooLarge)
				g.Restart(1)
			}
			w.Tick()
			w.Crash()
			w.Logged(slog.LevelError)
			w.Start()
			w.Pass(time.Second)
			errs := w.Logged(slog.LevelError)
			if len(errs) != lines || lines == 1 && errs[0].Attrs["count"] != "11" {
				t.Errorf("%d parked events: logged %v, want %d lines", games, errs, lines)
			}
		})
	}
}
