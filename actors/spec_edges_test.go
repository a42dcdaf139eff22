package actors_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// The edges of the rules: things that happen at once, in both orders; what happens while something else is under way.

func TestH2TheStepCountsFromTheLastObservation(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		game.Fail(errors.New("no answer"))
		w.Tick()
		game.Restart(1)
		game.Fail(nil)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(2)) // once, however large the step
	})
}

func TestH7ACounterThatWasResetAndRoseAgain(t *testing.T) {
	for since, reported := range map[int]bool{4: false, 5: false, 6: true} { // the baseline is 5
		t.Run(fmt.Sprint(since), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				game.Restart(5)
				w.Start()
				game.StartByHand()
				game.Restart(since)
				w.Tick()
				if reported {
					w.Expect(game.Unhealthy(restarted).Count(int64(since)))
				} else {
					w.ExpectNothing()
				}
				game.ExpectBaseline(int64(since))
			})
		})
	}
}

func TestH7ALoweredBaselineSurvivesACrash(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Restart(5)
		w.Start()
		game.StartByHand()
		w.Tick()
		w.Crash()
		game.Restart(1)
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

func TestH8AnotherEngineStartsALifecycle(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Engine("east")
		w.Start()
		game.Restart(3)
		game.Move("east")
		w.Tick()
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(4))
	})
}

func TestH8AReplacementWhileNobodyWatchedStartsALifecycle(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Replace("second")
		game.Restart(3)
		w.Start()
		w.ExpectNothing()
		game.ExpectBaseline(3)
	})
}

// The old container's answer comes after the tick that brought the new one.
func TestH8AnAnswerOfTheReplacedContainerIsDropped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		game := w.Game("game-7")
		game.State("exited")
		game.Delay(15 * time.Second)
		w.Start()
		game.Replace("second")
		w.Ticks(3)
		w.ExpectNothing()
		game.ExpectBaseline(0)
	})
}

func TestH8AReplacementDuringAHangIsInspectedAtOnce(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		w.Config.InspectConcurrency = 1
		game := w.Game("game-7")
		w.Start()
		game.Hang(true)
		w.Tick()
		game.Replace("second")
		game.Health("unhealthy")
		w.Tick() // the hung one gives its slot back
		w.Expect(game.Unhealthy(unhealthy).In("second"))
		w.ExpectWarnings()
	})
}

func TestH9AContainerThatWasNeverThereHasNoBaseline(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Remove()
		w.Start()
		game.ExpectNoBaseline()
		game.Restart(2) // it is there now
		w.Tick()
		w.ExpectNothing() // H1
		game.ExpectBaseline(2)
	})
}

func TestS1AListThatFailsAtTheStartForgetsNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Restart(1)
		actorstest.For(w, 25*time.Second, w.List.Fail, errors.New("no such file"))
		w.Start()
		w.Ticks(2)
		w.ExpectNothing()
		game.ExpectInspects(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS2AnEmptyListDropsAll(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(3)
		w.Start()
		w.List.Set()
		w.Tick()
		for _, g := range games {
			g.ExpectForgotten()
		}
		w.ExpectWarnings()
	})
}

// The game leaves, and the inspect's answer comes just before or just after the tick that finds out.
func TestS2AnAnswerAroundTheTickThatDropsTheGame(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprintf("late %t", late), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				w.Config.InspectTimeout = time.Hour
				game := w.Game("game-7")
				game.State("exited")
				game.Delay(w.Config.Interval - time.Nanosecond)
				if late {
					game.Delay(w.Config.Interval + time.Nanosecond)
				}
				w.Start()
				game.Leave()
				w.Ticks(2)
				if late {
					w.ExpectNothing()
				} else {
					w.Expect(game.Unhealthy(notRunning))
				}
				game.ExpectForgotten()
			})
		})
	}
}

// A restart comes just before or just after the last tick that sees the game.
func TestS2ARestartAroundTheTickThatDropsTheGame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		seen, unseen := w.Game("seen"), w.Game("unseen")
		w.Start()
		w.In(9*time.Second, func() { seen.Restart(1) })
		w.In(10*time.Second, func() { unseen.Restart(1) }) // after the tick's inspects
		w.Tick()
		seen.Leave()
		unseen.Leave()
		w.Tick()
		w.Expect(seen.Unhealthy(restarted))
		seen.ExpectForgotten()
		unseen.ExpectForgotten()
	})
}

func TestS2AGameThatLeavesAndReturnsBetweenTwoTicksHasNotLeft(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Leave()
		game.Restart(1)
		w.Pass(5 * time.Second)
		game.Return()
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS2AnInspectThatHangsIsCutOffWhenTheGameLeaves(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		w.Config.InspectConcurrency = 1
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		game.Hang(true)
		w.Tick() // it takes the only slot
		game.Leave()
		other.State("exited")
		w.Tick()
		w.Expect(other.Unhealthy(notRunning))
		game.ExpectForgotten()
		w.ExpectWarnings()
	})
}

func TestS2AGameThatComesBackAfterACrashDeliversTheOldFirst(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Tick()
		game.Return()
		w.Crash()
		game.State("exited")
		w.Start()
		w.ExpectNothingFor(time.Minute)
		w.Broker.Down(nil)
		w.Pass(9 * time.Second)
		events := w.TakeEvents("game-7")
		if len(events) < 2 || events[0].Reasons[0] != restarted || events[1].Reasons[0] != notRunning {
			t.Errorf("events: %v, want the restart before the new lifecycle's", events)
		}
	})
}

func TestS6TheSameEntryTwiceIsOneGame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Return() // once more
		w.Start()
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "second entry for a game"})
		game.Restart(1)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted))
		game.ExpectInspects(3)
		w.ExpectWarnings()
	})
}

func TestS6AnEntryIsMalformedForAWhile(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		actorstest.For(w, 45*time.Second, game.Malform, "container_id is null")
		game.Restart(1)
		w.Ticks(4)
		w.ExpectNothing()
		game.ExpectInspects(1)
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "container_id is null"})
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

// An inspector panics between any two of its steps: it recovers from its journal, and nothing is lost.
func TestS7APanicAtAnyStepLosesNothing(t *testing.T) {
	for name, moment := range moments {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game, other := w.Game("game-7"), w.Game("game-8")
				w.Start()
				game.Restart(1)
				other.State("exited")
				w.When(moment.at(game), func() { panic("a bug") })
				w.Tick()
				w.Pass(time.Second) // a pause of the publisher
				if n := deliveriesOf(w, "game-8"); n != 1 {
					t.Errorf("deliveries of the other game: %d, want one", n)
				}
				other.State("running")
				w.Ticks(2)
				w.Expect(game.Unhealthy(restarted), other.Unhealthy(notRunning))
				game.ExpectPending(0)
			})
		})
	}
}

func TestS8AStopThatIsKilledLeavesTheRestToTheNextStart(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		actorstest.For(w, time.Minute, w.Broker.Down, actorstest.ErrBrokerDown)
		game.Restart(2)
		w.Tick()
		w.Stop(0)
		game.Restart(1)
		w.Start()
		w.Pass(time.Minute)
		w.Expect(game.Unhealthy(restarted).Count(2), game.Unhealthy(restarted).Count(3))
	})
}

func TestS8AStopCutsOffWhatHangs(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		w.Config.InspectConcurrency = 1
		games := w.Fleet(3)
		w.Start()
		for _, g := range games {
			g.Hang(true)
		}
		w.Tick() // one hangs, two wait for their turn
		if took := w.Stop(time.Minute); took != 0 {
			t.Errorf("the stop took %s, want no time", took)
		}
		w.ExpectWarnings()
	})
}

// The supervisor and the publisher are not restarted: the node says that it can't go on, and the next start loses nothing.
func TestR1ANodeThatFailsIsStartedAnew(t *testing.T) {
	fail := map[string]func(w *actorstest.World){
		"the publisher": func(w *actorstest.World) {
			w.Jitter = func() float64 { panic("a bug in the publisher") }
			w.Broker.Down(actorstest.ErrBrokerDown)
		},
		"the supervisor": func(w *actorstest.World) { w.Tracer = panicsAt("tick", 3) },
		"a broker that is gone for good": func(w *actorstest.World) {
			w.Broker.Down(fmt.Errorf("stdout is closed: %w", actors.ErrBrokerGone))
		},
	}
	for name, fail := range fail {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				fail(w)
				w.Start()
				game.Restart(1)
				w.Ticks(2)
				select {
				case err := <-w.Node().Failed():
					if err == nil {
						t.Error("failed without a reason")
					}
				default:
					t.Fatal("the node has not said that it can't go on")
				}
				w.Stop(time.Second)
				w.Jitter, w.Tracer = func() float64 { return 0 }, tracenoop.NewTracerProvider()
				w.Broker.Down(nil)
				w.Start()
				w.Expect(game.Unhealthy(restarted))
			})
		})
	}
}

// panicsAt returns a tracer whose nth span of that name panics, in the actor that begins it.
func panicsAt(span string, nth int) trace.TracerProvider {
	return &panickingTracer{span: span, left: nth}
}

type panickingTracer struct {
	tracenoop.TracerProvider
	noop tracenoop.Tracer
	span string
	left int
}

func (p *panickingTracer) Tracer(string, ...trace.TracerOption) trace.Tracer {
	return &tracer{panickingTracer: p}
}

type tracer struct {
	tracenoop.Tracer
	*panickingTracer
}

func (p *tracer) Start(ctx context.Context, name string, options ...trace.SpanStartOption) (context.Context, trace.Span) {
	if name == p.span {
		if p.left--; p.left == 0 {
			panic("a bug")
		}
	}
	return p.noop.Start(ctx, name, options...)
}
