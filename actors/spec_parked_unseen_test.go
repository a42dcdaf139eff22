package actors_test

import (
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// Parked events that the journal does not show when a start tries them again (R7, P4).

// parked starts a node anew that has three parked events, whose broker takes them again by now, and whose journal lags.
func parked(t *testing.T, lag time.Duration, test func(w *actorstest.World, game *actorstest.Game, expected []actorstest.Event)) {
	t.Helper()
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Refuse(actors.ErrTooLarge)
		expected := restarts(w, game, 3)
		w.Crash()
		w.Logged(slog.LevelWarn)
		game.Refuse(nil)
		game.Stream().Lag(lag)
		w.Start()
		test(w, game, expected)
	})
}

func TestR7ParkedEventsThatTheJournalDoesNotShowStayParked(t *testing.T) {
	parked(t, time.Hour, func(w *actorstest.World, game *actorstest.Game, expected []actorstest.Event) {
		w.Pass(time.Minute)
		w.ExpectNothing()
		if parked := w.Metrics().Sum("healthactors_events_parked"); parked != 3 {
			t.Errorf("parked: %d, want 3", parked)
		}
		if len(w.Logged(slog.LevelWarn)) == 0 {
			t.Error("nobody is told")
		}
		game.Stream().Lag(0)
		w.Pass(15 * time.Second) // longer than the longest pause between two looks
		w.Expect(expected...)
	})
}

func TestR7OfParkedEventsOnlyThoseAreSettledThatTheJournalShows(t *testing.T) {
	parked(t, 15*time.Second, func(w *actorstest.World, _ *actorstest.Game, expected []actorstest.Event) {
		if arrived := len(w.Broker.Arrived()); arrived == 0 || arrived == 3 {
			t.Errorf("arrived: %d, want some and not all", arrived)
		}
		w.Pass(time.Minute)
		w.Expect(expected...)
		if n := len(w.Broker.Arrived()); n != 3 {
			t.Errorf("deliveries: %d, want each event once", n)
		}
	})
}

// Those that were tried and refused again in this start wait for the next one, while the others are still looked for.
func TestR7ParkedEventsAreTriedOnceAStartAlthoughTheJournalShowsThemLate(t *testing.T) {
	parked(t, 15*time.Second, func(w *actorstest.World, game *actorstest.Game, _ []actorstest.Event) {
		w.Crash()
		w.Logged(slog.LevelError)
		game.Refuse(actors.ErrTooLarge)
		game.Stream().Lag(25 * time.Second)
		w.Start()
		w.Pass(time.Minute)
		if lines := w.Logged(slog.LevelError); len(lines) != 3 {
			t.Errorf("errors: %v, want one for each parked event", lines)
		}
	})
}

// What is found out late keeps no event from being published that comes meanwhile.
func TestR7P4LaterEventsGoOnWhileParkedOnesAreNotShown(t *testing.T) {
	parked(t, time.Hour, func(w *actorstest.World, game *actorstest.Game, expected []actorstest.Event) {
		game.Restart(1)
		w.Tick()
		w.Pass(15 * time.Second)
		game.Stream().Lag(0)
		w.Pass(time.Minute)
		w.Expect(append(expected, game.Unhealthy(restarted).Count(4))...)
		game.ExpectPending(0)
	})
}
