package actors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What the journal, the wall clock, the Engine and the broker may do, and what follows.

func TestH10NoObservationComesOfAFailedInspect(t *testing.T) {
	failures := map[string]func(*actorstest.World, *actorstest.Game){
		"garbage": func(w *actorstest.World, g *actorstest.Game) {
			actorstest.For(w, 15*time.Second, g.Fail, actorstest.ErrGarbage)
		},
		"a time-out of the connection": func(w *actorstest.World, g *actorstest.Game) {
			actorstest.For(w, 15*time.Second, g.Fail, fmt.Errorf("dial: %w", context.DeadlineExceeded))
		},
		"a panic of the adapter": func(w *actorstest.World, g *actorstest.Game) {
			w.When(g.Before(actorstest.Inspect), func() { panic("a bug") })
		},
		"a full journal": func(w *actorstest.World, g *actorstest.Game) {
			actorstest.For(w, 15*time.Second, g.Stream().Full, true)
		},
		"a journal that is too slow": func(w *actorstest.World, g *actorstest.Game) {
			actorstest.For(w, 25*time.Second, g.Stream().Slow, 15*time.Second)
		},
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game, other := w.Game("game-7"), w.Game("game-8")
				game.Restart(4)
				w.Start()
				fail(w, game)
				game.Restart(1)
				other.Restart(1)
				w.Tick()
				w.Expect(other.Unhealthy(restarted))
				w.Pass(25 * time.Second)
				w.Expect(game.Unhealthy(restarted).Count(5))
				for _, warning := range w.Logged(slog.LevelWarn) {
					if warning.Attrs["game"] != "game-7" || warning.Attrs["container"] != game.Container() || warning.Attrs["error"] == "" {
						t.Errorf("warned: %v, want game, container and error", warning)
					}
				}
			})
		})
	}
}

// A slow journal holds up what waits for it, one game's stream no other game.
func TestH10OneSlowStreamHoldsUpNoOtherGame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		game.Stream().Slow(8 * time.Second)
		game.Restart(1)
		other.Restart(1)
		w.Tick()
		w.Expect(other.Unhealthy(restarted))
		w.Pass(8 * time.Second)
		w.Expect(game.Unhealthy(restarted))
		w.ExpectWarnings()
	})
}

func TestH10ADamagedStreamIsOneGamesTrouble(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		w.Crash()
		game.Restart(1)
		other.Restart(1)
		game.Stream().Damage(true)
		w.Start()
		w.Expect(other.Unhealthy(restarted))
		w.Ticks(3)
		w.ExpectNothing()
		game.Stream().Damage(false) // a person has restored it
		w.Pass(20 * time.Second)
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

func TestH10AJournalThatIsAwayWhileAllRestart(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(20)
		w.Start()
		actorstest.For(w, time.Minute, w.Journal.All().Fail, errors.New("connection refused"))
		var expected []actorstest.Event
		for _, g := range games {
			g.Restart(1)
			expected = append(expected, g.Unhealthy(restarted).Count(1))
		}
		w.ExpectNothingFor(time.Minute)
		w.Pass(20 * time.Second)
		w.Expect(expected...)
	})
}

// The first deliveries are in the order of the observations, whatever the wall clock said at them.
func TestP3OrderIsNotTheWallClocks(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		var expected []actorstest.Event
		for n, jump := range []time.Duration{0, time.Hour, -2 * time.Hour, time.Hour} {
			w.Clock.Jump(jump)
			game.Restart(1)
			w.Tick()
			expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)).At(w.Clock.Now()))
		}
		w.Crash()
		w.Broker.Down(nil)
		w.Start()
		w.Expect(expected...)
	})
}

// Nothing waits by the wall clock: ticks, time-outs and pauses go on when it jumps.
func TestS3AJumpOfTheWallClockMovesNoTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		for n, jump := range []time.Duration{time.Hour, -time.Hour, -time.Hour, time.Hour} {
			w.Clock.Jump(jump)
			w.Tick()
			game.ExpectInspects(n + 2)
		}
		w.ExpectNothing()
	})
}

func TestR1AJumpOfTheWallClockBetweenTwoLives(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				w.Broker.Down(actorstest.ErrBrokerDown)
				game.Restart(1)
				w.Tick()
				w.Crash()
				w.Clock.Jump(jump)
				game.Restart(1)
				w.Broker.Down(nil)
				w.Start()
				w.Expect(game.Unhealthy(restarted).Count(1), game.Unhealthy(restarted).Count(2))
			})
		})
	}
}

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

func TestP5AnEventThatWasNotAcknowledgedIsNotCounted(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		w.Broker.LoseAcks(1000)
		game.Restart(1)
		w.Tick()
		w.Pass(3 * time.Second)
		if n := metrics.Sum("healthactors_health_events"); n != 0 {
			t.Errorf("counted %d of which none was acknowledged", n)
		}
		if lines := published(w); len(lines) != 0 {
			t.Errorf("logged as published: %v, want nothing", lines)
		}
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
