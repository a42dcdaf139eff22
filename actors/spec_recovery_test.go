package actors_test

import (
	"errors"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What a node knows after it was killed and started again.

func TestR1ASlowJournalAtTheStartLosesNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(5)
		w.Start()
		w.Crash()
		actorstest.For(w, time.Minute, w.Journal.Slow, 3*time.Second)
		var expected []actorstest.Event
		for _, g := range games {
			g.Restart(1)
			expected = append(expected, g.Unhealthy(restarted).Count(1))
		}
		w.Start()
		w.ExpectNothing() // it is still reading
		w.Pass(30 * time.Second)
		w.Expect(expected...)
	})
}

// A write that was made although its answer was an error is found again, at every kind of write.
func TestR1AWriteWithAnUnknownOutcomeIsFoundAgain(t *testing.T) {
	for _, step := range []actorstest.Step{actorstest.Observe, actorstest.Detect, actorstest.Mark, actorstest.EndLifecycle, actorstest.CloseStream} {
		t.Run(string(step), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.When(game.Before(step), func() {
					actorstest.For(w, time.Nanosecond, game.Stream().FailAfter, errors.New("connection lost"))
				})
				w.Start()
				w.Tick()
				game.Restart(1)
				w.Ticks(2)
				w.Expect(game.Unhealthy(restarted).Count(1))
				game.Leave()
				w.Ticks(2)
				game.ExpectForgotten()
				game.Restart(1)
				game.Return()
				w.Ticks(2)
				w.ExpectNothing() // H1
				game.ExpectBaseline(2)
			})
		})
	}
}

// A journal that fails for one game is no empty journal: the game left, and what it had detected is still there.
func TestR1AStreamThatCanNotBeReadIsNotEmpty(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		w.Crash()
		game.Leave()
		w.Broker.Down(nil)
		w.Journal.Fail("game-7", errors.New("connection refused"))
		w.Start()
		w.Tick()
		w.Journal.Fail("game-7", nil)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted))
		game.ExpectForgotten()
	})
}

func TestR1AGameIDMayHaveSlashes(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		east, west := w.Game("east/7"), w.Game("west/7")
		east.Replace("east-7")
		west.Replace("west-7")
		w.Start()
		east.Restart(1)
		w.Tick()
		w.Expect(east.Unhealthy(restarted))
		w.Crash()
		west.Restart(1)
		w.Start()
		w.Expect(west.Unhealthy(restarted))
	})
}

func TestR1ARestartThatNobodyWatchedIsReported(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Restart(2)
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(2))
		w.Crash()
		w.Start()
		w.ExpectNothing()
	})
}

func TestR1ANodeWaitsForAJournalThatIsAway(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Restart(1)
		w.Journal.Fail("", errors.New("connection refused"))
		w.Start()
		w.Tick()
		w.ExpectNothing()
		w.Journal.Fail("", nil)
		w.Pass(5 * time.Second)
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestR2AGameThatLeftWithUndeliveredEventsWhileNobodyWatched(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		w.Crash()
		game.Leave()
		w.Start()
		w.ExpectNothingFor(time.Minute)
		w.Broker.Down(nil)
		w.Pass(10 * time.Second)
		w.Expect(game.Unhealthy(restarted))
		game.ExpectForgotten()
	})
}

// Without the list of open streams a node can't know which games left: it asks until it knows.
func TestR2ANodeAsksForItsOpenStreamsUntilItKnows(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Leave()
		w.Journal.Fail("", errors.New("connection refused"))
		w.Start()
		w.Tick()
		w.Journal.Fail("", nil)
		w.Ticks(2)
		game.ExpectForgotten()
	})
}

func TestR2AnAdoptedGamesContainerIsThePresentOne(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		w.List.Set(
			actors.Entry{GameID: "game-7", ContainerID: "newer", Created: time.Unix(2, 0)},
			actors.Entry{GameID: "game-7", ContainerID: game.Container(), Created: time.Unix(1, 0)},
		)
		game.Restart(1)
		w.Start()
		w.Expect(game.Unhealthy(restarted).In(game.Container()))
	})
}

func TestR2AGameThatLeftWhileNobodyWatchedIsDropped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Leave()
		game.Restart(1)
		w.Start()
		w.ExpectNothing()
		if open := w.Journal.OpenStreams(); len(open) != 0 {
			t.Errorf("open streams: %v, want none", open)
		}
		game.Return()
		w.Tick()
		w.ExpectNothing() // H1
	})
}

func TestR2NothingIsForgottenWhileTheListCanNotBeRead(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		w.Crash()
		game.Restart(1)
		w.Broker.Down(nil)
		w.List.Fail(errors.New("away"))
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(1)) // what was detected needs no list
		w.List.Fail(nil)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(2))
	})
}
