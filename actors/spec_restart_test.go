package actors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// Inspectors and nodes that fail, and how they are started again.

// Every game is inspected at every tick, however long its journal has been away: the tick ends the pause.
func TestS2ATickEndsThePauseAfterAFailure(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Second
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Journal.Of("game-7").Full(true)
		w.Ticks(30)
		if inspects := w.Engine(actors.DefaultEngine).Inspects(game.Container()); inspects < 30 {
			t.Errorf("inspects: %d, want one a tick", inspects)
		}
		w.Journal.Of("game-7").Full(false)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

// Ticks that come faster than the shortest pause don't make it shorter.
func TestS2ATickLeavesAPauseAloneThatHasJustBegun(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = 10 * time.Millisecond
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Stream().Fail(errors.New("connection refused"))
		game.Restart(1)
		w.Start()
		before := w.Journal.Loads()
		w.Pass(time.Second)
		if tries := w.Journal.Loads() - before; tries < 5 || tries > 12 {
			t.Errorf("tries in a second: %d, want one in 100 ms", tries)
		}
		game.Stream().Fail(nil)
		w.Pass(200 * time.Millisecond)
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

func TestS7ThePausesBetweenRestartsGrow(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Game("game-7")
		w.Start()
		w.Crash()
		w.Journal.Fail("game-7", errors.New("connection refused"))
		w.Start()
		before := w.Journal.Loads()
		w.Pass(w.Config.Interval - time.Millisecond)
		if tries := w.Journal.Loads() - before; tries < 5 || tries > 8 {
			t.Errorf("restarts in ten seconds: %d, want about 7", tries)
		}
		if warned := w.Logged(slog.LevelWarn); len(warned) != 1 {
			t.Errorf("warned: %v, want one line in one tick (H10)", warned)
		}
	})
}

func TestS7AnEnginesAdapterThatPanicsIsAFailedInspect(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		w.Engine(actors.DefaultEngine).Panic(game.Container(), true)
		other.Restart(1)
		w.Tick()
		w.Expect(other.Unhealthy(restarted))
		if warned := w.Logged(slog.LevelWarn); len(warned) != 1 || warned[0].Attrs["game"] != "game-7" {
			t.Errorf("warned: %v, want one line that names the game", warned)
		}
		w.Engine(actors.DefaultEngine).Panic(game.Container(), false)
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS7RecoveringInspectorsAreBounded(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Hour
		games := w.Fleet(1100)
		w.Journal.Slow(time.Second)
		w.Start()
		inspected := func() (n int) {
			for _, g := range games {
				n += w.Engine(actors.DefaultEngine).Inspects(g.Container())
			}
			return n
		}
		w.Pass(2500 * time.Millisecond) // a second for the open streams, one for the first that recover
		if n := inspected(); n != 1024 {
			t.Errorf("inspected: %d, want 1024", n)
		}
		w.Pass(time.Second)
		if n := inspected(); n != 1100 {
			t.Errorf("inspected: %d, want all", n)
		}
	})
}

func TestS7ThePausesAreShortAgainAfterAnObservation(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Minute
		game := w.Game("game-7")
		w.Start()
		for range 3 {
			game.Restart(1)
			w.Journal.PanicOnce("game-7") // which fails the inspector
			game.Stream().FailLoads(errors.New("connection refused"))
			w.Tick()
			before := w.Journal.Loads()
			w.Pass(time.Second)
			if tries := w.Journal.Loads() - before; tries < 3 {
				t.Errorf("tries in the first second: %d, want some", tries)
			}
			game.Stream().FailLoads(nil)
			w.Pass(w.Config.Interval - time.Second)
			w.Ticks(2)
			if n := len(w.TakeEvents("game-7")); n != 1 {
				t.Errorf("events: %d, want 1", n)
			}
		}
	})
}

func TestS7APanickingInspectorIsRestartedFromItsJournal(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		game.Restart(2)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
		w.Journal.PanicOnce("game-7")
		game.Restart(1)
		other.Restart(1)
		w.Tick()
		w.Expect(other.Unhealthy(restarted))
		if warned := w.Logged(slog.LevelWarn); len(warned) != 1 || warned[0].Attrs["stack"] == "" {
			t.Errorf("warned: %v, want one line with the stack", warned)
		}
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(3))
	})
}

// The news of a failure overtakes the inspector's last words, here that it had recovered.
func TestS7AnInspectorThatFailsAtOnceAfterItsRestartIsRestartedAgain(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Minute
		games := w.Fleet(15)
		w.Start()
		var fails atomic.Bool
		fails.Store(true)
		for _, g := range games {
			var failAtMark func()
			failAtMark = func() {
				if fails.Load() {
					w.When(g.Before(actorstest.Mark), failAtMark)
					panic("a bug")
				}
			}
			w.When(g.Before(actorstest.Mark), failAtMark)
			g.State("exited")
		}
		w.Ticks(10)
		fails.Store(false)
		w.Ticks(1)
		for _, g := range games {
			if inspects := w.Engine("default").Inspects(g.Container()); inspects != 1+10+1 {
				t.Fatalf("inspects of %s: %d, want one a tick", g.ID, inspects)
			}
		}
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
