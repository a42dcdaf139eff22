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

// A broker that is away, slow or in trouble: what is tried again, when, and in which order.

func TestP4ABrokerThatAnswersOnAndOffGetsEverything(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		stop := w.Every(time.Minute, func() { actorstest.For(w, 45*time.Second, w.Broker.Down, actorstest.ErrBrokerDown) })
		var expected []actorstest.Event
		for n := range 60 {
			game.Restart(1)
			w.Tick()
			expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)))
		}
		stop()
		w.Pass(time.Minute)
		w.Expect(expected...)
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

func TestP4AFailedPublishIsRetriedWithGrowingPauses(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(50)
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		for _, g := range games {
			g.Restart(1)
		}
		w.Tick()
		w.Pass(5 * time.Second)
		var pauses []time.Duration
		for _, r := range w.Logged(slog.LevelError) {
			pause, err := time.ParseDuration(r.Attrs["pause"])
			if err != nil {
				t.Errorf("error line without a pause: %v", r)
			}
			pauses = append(pauses, pause)
		}
		if len(pauses) < 4 || len(pauses) > 6 || !slices.IsSorted(pauses) {
			t.Errorf("pauses: %v, want a growing one for each try", pauses)
		}
		if inspects := w.Engine("default").Inspects(games[0].Container()); inspects != 2 {
			t.Errorf("inspects: %d, want 2: inspection goes on", inspects)
		}
		w.Broker.Down(nil)
		w.Pass(10 * time.Second)
		if n := len(w.Broker.Arrived()); n != 50 {
			t.Errorf("arrived: %d, want 50", n)
		}
	})
}

// One game's events that fail, whatever the reason, hold up no other game's for longer than a pause.
func TestP4OneGamesFailureHoldsUpNoOther(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		sick, other := w.Game("sick"), w.Game("other")
		w.Start()
		w.Broker.Refuse("sick", errors.New("the partition has no leader"))
		sick.State("exited")
		w.Ticks(10)
		w.ExpectNothing()
		other.State("exited")
		w.Ticks(3)
		if events := w.TakeEvents("other"); len(events) < 2 {
			t.Errorf("events of the other game: %d, want 2 or 3", len(events))
		}
	})
}
