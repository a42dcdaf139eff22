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

// These specs hold edges of the rules that the mutation check found nobody to hold: see docs/mutations.md.

func TestP2AnEventIsOfTheTimeOfItsObservation(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Journal.Slow(time.Second)
		w.Broker.Slow(time.Second)
		w.Tick()
		observed := w.Clock.Now()
		w.Pass(5 * time.Second)
		w.Expect(game.Unhealthy(restarted).At(observed))
	})
}

func TestP2WithoutAFailureNothingIsDeliveredTwice(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Slow(25 * time.Second) // longer than two intervals
		game.State("exited")
		w.Ticks(20)
		w.Broker.Slow(0)
		w.Pass(30 * time.Second)
		if events, deliveries := len(w.TakeEvents("game-7")), len(w.Broker.Arrived()); events != 23 || deliveries != events {
			t.Errorf("%d deliveries of %d events, want 23", deliveries, events)
		}
	})
}

// The inspector fails while its first event is in flight. The delivery goes on, its answer is nobody's, and what the next
// incarnation asks for waits for it.
func TestP3ARestartedInspectorWaitsForTheDeliveryInFlight(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.SlowPublish(15 * time.Second)
		game.Restart(1)
		w.Tick()
		w.Journal.PanicOnce("game-7")
		game.Restart(1)
		w.Ticks(2)
		game.SlowPublish(0)
		w.Ticks(4)
		w.Expect(game.Unhealthy(restarted).Count(1), game.Unhealthy(restarted).Count(2))
		game.ExpectPending(0)
		if overlaps := w.Broker.Overlaps(); overlaps != 0 {
			t.Errorf("%d events were in flight beside another of the game", overlaps)
		}
	})
}

// Of a page of events the second fails: those behind it wait.
func TestP3AFailedEventIsNotSkipped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		var expected []actorstest.Event
		for n := range 5 {
			game.Restart(1)
			w.Tick()
			expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)))
		}
		w.Broker.Slow(time.Second)
		w.Broker.Down(nil)
		for len(w.Broker.Arrived()) == 0 {
			w.Pass(100 * time.Millisecond)
		}
		actorstest.For(w, 1500*time.Millisecond, w.Broker.Down, actorstest.ErrBrokerDown)
		w.Pass(30 * time.Second)
		w.Expect(expected...)
		game.ExpectPending(0)
	})
}

func TestP4OneTryIsOneErrorAndOneEventTriesAgain(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(50)
		w.Start()
		w.Broker.Slow(100 * time.Millisecond) // all are in flight when the first fails
		w.Broker.Down(actorstest.ErrBrokerDown)
		for _, g := range games {
			g.Restart(1)
		}
		w.Pass(w.Config.Interval + 150*time.Millisecond)
		w.ExpectErrors(actorstest.Line{"pause": "200ms"})
		w.Pass(5 * time.Second)
		w.ExpectErrors(actorstest.Line{"pause": "400ms"}, actorstest.Line{"pause": "800ms"}, actorstest.Line{"pause": "1.6s"}, actorstest.Line{"pause": "3.2s"})
		if tries := w.Broker.Tries(); tries != 50+4 {
			t.Errorf("tries: %d, want each once, and one at each try", tries)
		}
	})
}

func TestP4ThePausesAreShortAgainAfterASuccess(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		for range 2 {
			w.Broker.Down(actorstest.ErrBrokerDown)
			game.Restart(1)
			w.Tick()
			if errs := w.Logged(slog.LevelError); len(errs) == 0 || errs[0].Attrs["pause"] != "200ms" {
				t.Errorf("errors: %v, want a first pause of 200ms", errs)
			}
			w.Ticks(6)
			w.Broker.Down(nil)
			w.Ticks(2)
			w.Logged(slog.LevelError)
			w.Expect(game.Unhealthy(restarted))
		}
	})
}

func TestP4AfterAnOutageMoreAndMoreAreInFlight(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(300)
		w.Config.Interval = time.Minute
		w.Start()
		w.Broker.Slow(time.Second)
		for _, g := range games {
			g.Restart(1)
		}
		w.Pass(w.Config.Interval + 1500*time.Millisecond)
		if n := len(w.Broker.Arrived()); n != 256 {
			t.Errorf("arrived after a round trip: %d, want 256", n)
		}
		w.Pass(2 * time.Second)
		w.Broker.Down(actorstest.ErrBrokerDown)
		for _, g := range games {
			g.Restart(1)
		}
		w.Tick()
		w.Broker.Down(nil)
		before := len(w.Broker.Arrived())
		w.Pass(24 * time.Second) // a pause of at most ten seconds, and 1, 2, 4 … at once
		if n := len(w.Broker.Arrived()) - before; n != 300 {
			t.Errorf("arrived after the outage: %d, want 300", n)
		}
	})
}

// A game whose events always fail goes behind those that may not.
func TestP4AGameThatNeverFailedGoesBeforeOneThatDid(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		sick, other := w.Game("sick"), w.Game("other")
		w.Start()
		sick.Refuse(errors.New("the partition has no leader"))
		sick.State("exited")
		w.Ticks(10) // the pauses are ten seconds long now
		tries := w.Broker.Tries()
		for w.Broker.Tries() == tries {
			w.Pass(100 * time.Millisecond)
		}
		other.Restart(1)
		w.Pass(9 * time.Second) // a tick is within these, the end of the pause is not
		w.ExpectNothing()
		w.Pass(1500 * time.Millisecond)
		w.Expect(other.Unhealthy(restarted))
	})
}

func TestP4GamesThatFailedTakeTurns(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(3)
		w.Start()
		for _, g := range games {
			g.Refuse(errors.New("the partition has no leader"))
			g.Restart(1)
		}
		w.Ticks(3)
		for n, g := range games {
			g.Refuse(nil)
			w.Pass(40 * time.Second) // a pause for each
			if n == 0 {
				g.Refuse(errors.New("the partition has no leader"))
			}
		}
		w.Expect(games[0].Unhealthy(restarted), games[1].Unhealthy(restarted), games[2].Unhealthy(restarted))
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

func TestP4ABrokerThatPanicsIsAFailedPublish(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		panics := true
		w.Broker.Watch = func(string, string, error) {
			if panics {
				panics = false
				panic("a bug")
			}
		}
		w.Start()
		game.Restart(1)
		w.Tick()
		w.ExpectErrors(actorstest.Line{"error": "publishing panicked: a bug", "game": "game-7"})
		w.Pass(time.Second)
		w.Expect(game.Unhealthy(restarted))
		game.ExpectPending(0)
	})
}

func TestP4ABrokerThatIsGoneForGoodEndsTheNode(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(fmt.Errorf("write: %w", actors.ErrBrokerGone))
		game.Restart(1)
		w.Tick()
		select {
		case err := <-w.Node().Failed():
			if !errors.Is(err, actors.ErrBrokerGone) {
				t.Errorf("failed: %v", err)
			}
		default:
			t.Error("the node goes on")
		}
		tries := w.Broker.Tries()
		w.Ticks(3)
		if w.Broker.Tries() != tries {
			t.Error("it tries again")
		}
	})
}

func TestP5WhatWasPublishedBeforeAStopIsLogged(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Tick()
		w.Stop(time.Second)
		if infos := published(w); !slices.ContainsFunc(infos, func(r actorstest.LogRecord) bool { return r.Attrs["game"] == "game-7" }) {
			t.Errorf("logged: %v, want the event", infos)
		}
	})
}
