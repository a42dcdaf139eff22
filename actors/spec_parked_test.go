package actors_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// Events that the broker refuses as too large.

func TestP4AParkedEventStaysParkedAcrossRestarts(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		game.Refuse(actors.ErrTooLarge)
		for range 3 {
			game.Restart(1)
			w.Tick()
		}
		game.Refuse(nil)
		game.State("exited")
		w.Tick()
		w.Expect(game.Unhealthy(notRunning).Count(3)) // later events go on
		game.State("running")
		w.Tick()
		game.Refuse(actors.ErrTooLarge)
		for range 2 {
			w.Crash()
			w.Logged(slog.LevelError)
			w.Start()
			w.Pass(time.Second) // others might be parked meanwhile
			if lines := w.Logged(slog.LevelError); len(lines) != 3 {
				t.Errorf("errors: %v, want one for each parked event, at each start", lines)
			}
			if parked := metrics.Sum("healthactors_events_parked"); parked != 3 {
				t.Errorf("parked: %d, want 3", parked)
			}
		}
		w.ExpectNothingFor(time.Minute)
		w.Crash()
		game.Refuse(nil)
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(1), game.Unhealthy(restarted).Count(2), game.Unhealthy(restarted).Count(3))
	})
}

func TestP4AParkedEventOfADroppedGameIsTriedAtTheNextStart(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Refuse(actors.ErrTooLarge)
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Ticks(2)
		w.Crash()
		game.Refuse(nil)
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(1))
		game.ExpectForgotten()
	})
}

func TestP4ADroppedGameThatComesBackKeepsItsParkedEvent(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Refuse(actors.ErrTooLarge)
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Tick()
		game.Refuse(nil)
		game.Return()
		game.State("exited")
		w.Tick()
		w.Expect(game.Unhealthy(notRunning))
		game.State("running")
		w.Tick()
		w.Crash()
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

// An event that is alone because it was refused in a batch stays alone when others come meanwhile.
func TestP4WhatIsAloneStaysAlone(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(3)
		w.Start()
		w.Broker.RefuseTogether(actors.ErrTooLarge)
		w.Broker.Slow(4 * time.Second)
		games[0].Restart(1)
		games[1].Restart(1)
		w.Tick() // refused after four seconds, then one alone, then the other
		games[2].Restart(1)
		w.Ticks(3)
		w.ExpectErrors()
		w.Expect(games[0].Unhealthy(restarted), games[1].Unhealthy(restarted), games[2].Unhealthy(restarted))
	})
}

func TestP4WhatIsParkedWaitsForTheNextStartOfTheNode(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Refuse(actors.ErrTooLarge)
		game.Restart(1)
		w.Tick()
		game.Refuse(nil)
		w.Journal.PanicOnce("game-7") // another inspector, and the same node
		game.Restart(1)
		w.Ticks(3)
		w.Expect(game.Unhealthy(restarted).Count(2))
		w.Crash()
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

// Only what is parked is tried again, once, whatever was delivered since.
func TestP4AfterAStartOnlyWhatIsParkedIsTriedAgain(t *testing.T) {
	for _, delivered := range []int{3, 100} {
		t.Run(fmt.Sprint(delivered, " delivered since"), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				game.Refuse(actors.ErrTooLarge)
				game.Restart(1)
				w.Tick()
				game.Refuse(nil)
				for range delivered {
					game.Restart(1)
					w.Tick()
				}
				w.TakeEvents("game-7")
				before := len(w.Broker.Arrived())
				w.Crash()
				w.Broker.Slow(10 * time.Millisecond)
				w.Start()
				w.Pass(9 * time.Second)
				w.Expect(game.Unhealthy(restarted).Count(1))
				if n := len(w.Broker.Arrived()) - before; n != 1 {
					t.Errorf("deliveries after the start: %d, want the parked one", n)
				}
			})
		})
	}
}

func TestP4ATooLargeEventIsParkedAndTheNextGoesOn(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		w.Broker.Refuse("game-7", fmt.Errorf("refused: %w", actors.ErrTooLarge))
		game.Restart(1)
		w.Tick()
		w.ExpectNothing()
		w.Pass(time.Second) // others might be parked meanwhile
		if errs := w.Logged(slog.LevelError); len(errs) != 1 || errs[0].Attrs["game"] != "game-7" {
			t.Errorf("errors: %v, want one that names the game", errs)
		}
		if parked, pending := metrics.Sum("healthactors_events_parked"), metrics.Sum("healthactors_events_pending"); parked != 1 || pending != 0 {
			t.Errorf("parked %v, pending %v; want 1 and 0", parked, pending)
		}
		w.Broker.Refuse("game-7", nil)
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(2))
		w.Crash()
		w.Start() // the parked one is tried again
		w.Expect(game.Unhealthy(restarted).Count(1))
		if parked := metrics.Sum("healthactors_events_parked"); parked != 0 {
			t.Errorf("parked: %v, want none", parked)
		}
	})
}

// A batch can be too large where each event in it is not: an event is parked only when it was refused alone.
func TestP4AnEventIsParkedOnlyWhenRefusedAlone(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(10)
		w.Start()
		w.Broker.RefuseTogether(actors.ErrTooLarge)
		w.Broker.Slow(time.Millisecond)
		var expected []actorstest.Event
		for _, g := range games {
			g.Restart(1)
			expected = append(expected, g.Unhealthy(restarted))
		}
		w.Tick()
		w.Pass(time.Second)
		w.Expect(expected...)
		if errs := w.Logged(slog.LevelError); len(errs) != 0 {
			t.Errorf("errors: %v, want none", errs)
		}
	})
}
