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
func parked(t *testing.T, lag time.Duration, test func(w *actorstest.World, metrics *actorstest.Metrics, game *actorstest.Game, expected []actorstest.Event)) {
	t.Helper()
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics, game := w.Metrics(), w.Game("game-7")
		w.Start()
		game.Refuse(actors.ErrTooLarge)
		expected := restarts(w, game, 3)
		w.Crash()
		w.Logged(slog.LevelWarn)
		game.Refuse(nil)
		game.Stream().Lag(lag)
		w.Start()
		test(w, metrics, game, expected)
	})
}

func TestR7ParkedEventsThatTheJournalDoesNotShowStayParked(t *testing.T) {
	parked(t, time.Hour, func(w *actorstest.World, metrics *actorstest.Metrics, game *actorstest.Game, expected []actorstest.Event) {
		w.Pass(time.Minute)
		w.ExpectNothing()
		if parked := metrics.Sum("healthactors_events_parked"); parked != 3 {
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
	parked(t, 15*time.Second, func(w *actorstest.World, _ *actorstest.Metrics, _ *actorstest.Game, expected []actorstest.Event) {
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
	parked(t, time.Hour, func(w *actorstest.World, _ *actorstest.Metrics, game *actorstest.Game, _ []actorstest.Event) {
		w.Logged(slog.LevelError)
		game.Refuse(actors.ErrTooLarge)
		game.Stream().Lag(15 * time.Second)
		w.Pass(time.Minute)
		if lines := w.Logged(slog.LevelError); len(lines) != 3 {
			t.Errorf("errors: %v, want one for each parked event", lines)
		}
	})
}

// What is found out late keeps no event from being published that comes meanwhile: it is at hand, and waits for no look into the
// journal.
func TestR7P4LaterEventsGoOnWhileParkedOnesAreNotShown(t *testing.T) {
	parked(t, time.Hour, func(w *actorstest.World, metrics *actorstest.Metrics, game *actorstest.Game, expected []actorstest.Event) {
		w.Pass(time.Minute)
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(4))
		if parked := metrics.Sum("healthactors_events_parked"); parked != 3 {
			t.Errorf("parked: %d, want 3", parked)
		}
		game.Stream().Lag(0)
		w.Pass(15 * time.Second)
		w.Expect(expected...)
		game.ExpectPending(0)
	})
}

// A game that leaves meanwhile is forgotten once its parked events are delivered.
func TestR7S2AGameThatLeavesWhileItsParkedEventsAreNotShownIsForgottenWhenTheyAreDelivered(t *testing.T) {
	parked(t, time.Hour, func(w *actorstest.World, _ *actorstest.Metrics, game *actorstest.Game, expected []actorstest.Event) {
		w.Pass(time.Minute)
		game.Leave()
		w.Tick()
		w.ExpectNothing()
		game.Stream().Lag(0)
		w.Pass(time.Minute)
		w.Expect(expected...)
		game.ExpectForgotten()
		if open := w.Journal.OpenStreams(); len(open) != 0 {
			t.Errorf("open streams: %v, want none", open)
		}
	})
}
