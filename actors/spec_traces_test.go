package actors_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors/actorstest"
	"galaxy/healthactors/messages"
)

// Traces: a tick's span has the inspects that it called for as children, and a publish's span links to the inspect that
// detected the event, which names that inspect to its consumers too.

// traced lets the world's node be traced from its next start on.
func traced(w *actorstest.World, options ...sdk.TracerProviderOption) *tracetest.SpanRecorder {
	spans := tracetest.NewSpanRecorder()
	w.Tracer = sdk.NewTracerProvider(append(options, sdk.WithSpanProcessor(spans))...)
	return spans
}

// named returns the spans of that name, in the order in which they began.
func named(spans *tracetest.SpanRecorder, name string) (all []sdk.ReadOnlySpan) {
	for _, span := range spans.Started() {
		if span.Name() == name {
			all = append(all, span)
		}
	}
	return all
}

func traceparentOf(span sdk.ReadOnlySpan) string {
	at := span.SpanContext()
	return "00-" + at.TraceID().String() + "-" + at.SpanID().String() + "-" + at.TraceFlags().String()
}

// The trace is journaled with the detection: who delivers it again, traced or not, names the same inspect.
func TestP2TheTraceIsThatOfTheDetectionOnEveryDelivery(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after bool // traced
	}{
		"by a traced node":           {true, true},
		"by one that is not":         {true, false},
		"detected untraced":          {false, true},
		"detected untraced, as ever": {false, false},
	} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				var spans *tracetest.SpanRecorder
				if tt.before {
					spans = traced(w)
				}
				game := w.Game("game-7")
				w.Start()
				w.Broker.LoseAcks(1)
				w.CrashWhen(game.After(actorstest.Publish))
				game.Restart(1)
				w.Tick()
				w.Tracer = noop.NewTracerProvider()
				if tt.after {
					traced(w)
				}
				w.Start()
				w.Pass(5 * time.Second)
				w.Expect(game.Unhealthy(restarted))
				arrived := w.Broker.Arrived()
				if len(arrived) < 2 {
					t.Fatalf("deliveries: %d, want one of each life", len(arrived))
				}
				for _, again := range arrived[1:] {
					if !again.Same(arrived[0]) {
						t.Errorf("delivery differs:\n%+v\n%+v", again, arrived[0])
					}
				}
				header, is := arrived[0].Metadata[messages.HeaderTraceParent]
				if is != tt.before {
					t.Errorf("traceparent %q", header)
				}
				if tt.before {
					detected := named(spans, "inspect")[1]
					if header != traceparentOf(detected) || !strings.HasSuffix(header, "-01") {
						t.Errorf("traceparent %q, want %q", header, traceparentOf(detected))
					}
				}
			})
		})
	}
}

func TestAnInspectsSpanIsAChildOfTheTickThatCalledForIt(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		spans := traced(w)
		w.Config.Interval = time.Second
		games := w.Fleet(2)
		games[1].Stream().Slow(2500 * time.Millisecond) // it is asked in the third tick, for the first
		w.Start()
		games[1].Stream().Slow(0)
		w.Ticks(3)
		ticks, inspects := named(spans, "tick"), named(spans, "inspect")
		if len(ticks) != 4 || len(inspects) != 6 {
			t.Fatalf("%d ticks and %d inspects, want 4 and 6", len(ticks), len(inspects))
		}
		for n, tick := range []int{0, 1, 2, 0, 3, 3} {
			if got, want := inspects[n].Parent(), ticks[tick].SpanContext(); !got.Equal(want) {
				t.Errorf("inspect %d is a child of %v, want %v, of tick %d", n, got.SpanID(), want.SpanID(), tick)
			}
		}
	})
}

func TestAnInspectIsOfItsTicksTraceAfterAFailureToo(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		spans := traced(w)
		w.Config.Interval = time.Minute
		game := w.Game("game-7")
		game.Stream().Fail(errors.New("away"))
		w.Start()
		game.Stream().Fail(nil)
		w.Pass(30 * time.Second)
		ticks, inspects := named(spans, "tick"), named(spans, "inspect")
		if len(ticks) != 1 || len(inspects) != 1 || !inspects[0].Parent().Equal(ticks[0].SpanContext()) {
			t.Errorf("ticks %v, inspects %v: want one child of one tick", ticks, inspects)
		}
	})
}

// samples decides by the name of a root's span.
type samples func(name string) bool

func (s samples) ShouldSample(p sdk.SamplingParameters) sdk.SamplingResult {
	if s(p.Name) {
		return sdk.AlwaysSample().ShouldSample(p)
	}
	return sdk.NeverSample().ShouldSample(p)
}

func (s samples) Description() string { return "samples" }

func TestWhatATickIsNotSampledForIsNotTraced(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		spans := traced(w, sdk.WithSampler(sdk.ParentBased(samples(func(name string) bool { return name != "tick" }))))
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
		if inspects := named(spans, "inspect"); len(inspects) > 0 {
			t.Errorf("%d inspects without their tick", len(inspects))
		}
		if publishes := named(spans, "publish"); len(publishes) != 1 || len(publishes[0].Links()) > 0 {
			t.Errorf("publishes %v, want one that links to nothing", publishes)
		}
		if header, is := w.Broker.Arrived()[0].Metadata["traceparent"]; is {
			t.Errorf("traceparent %q of an inspect that was not sampled", header)
		}
	})
}

func TestAPublishLinksToTheInspectThatDetected(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		spans := traced(w)
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		game.Restart(1)
		w.Tick()
		w.Broker.Down(nil)
		w.Pass(20 * time.Second)
		w.Expect(game.Unhealthy(restarted).Count(1), game.Unhealthy(restarted).Count(2))
		inspects := named(spans, "inspect")
		var links []trace.SpanID
		for _, publish := range named(spans, "publish") {
			if publish.Parent().IsValid() || len(publish.Links()) != 1 {
				t.Fatalf("a publish has parent %v and links %v, want one link and no parent", publish.Parent(), publish.Links())
			}
			links = append(links, publish.Links()[0].SpanContext.SpanID())
		}
		links = slices.Compact(links) // the first was tried many times
		if want := []trace.SpanID{inspects[1].SpanContext().SpanID(), inspects[2].SpanContext().SpanID()}; !slices.Equal(links, want) {
			t.Errorf("publishes link to %v, want %v", links, want)
		}
	})
}
