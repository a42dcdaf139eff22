package actorstest

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/messages"
)

// World is one spec's world: a node and everything around it. It is not safe for concurrent use: a spec is one story.
type World struct {
	T testing.TB
	// Config is the node's at its next start. The defaults are those of the command line.
	Config actors.Config
	// Meter and Tracer are the node's; no-ops unless the spec sets others before Start.
	Meter  metric.MeterProvider
	Tracer trace.TracerProvider

	List    *List
	Journal *Journal
	Broker  *Broker
	Clock   *Clock

	engines  map[string]*Engine
	timeline *timeline
	logs     *logs
	node     *node
	expected int
}

// node is one life of the node under test.
type node struct {
	*actors.Node
	journal *journalHandle
	broker  *brokerHandle
}

// Spec runs a story in a bubble of virtual time, stops the node at its end, and fails when a goroutine is left.
func Spec(t *testing.T, story func(w *World)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.end()
		story(w)
	})
}

func newWorld(t testing.TB) *World {
	began := time.Now()
	w := &World{
		T: t,
		Config: actors.Config{
			Interval:           10 * time.Second,
			InspectTimeout:     5 * time.Second,
			InspectConcurrency: 16,
			ListTimeout:        30 * time.Second,
			Emit:               actors.EmitEveryTick,
			Topic:              messages.DefaultTopic,
			Source:             messages.Source,
			Node:               "a",
		},
		Meter:    metricnoop.NewMeterProvider(),
		Tracer:   tracenoop.NewTracerProvider(),
		timeline: &timeline{began: began},
		engines:  map[string]*Engine{},
	}
	w.logs = &logs{timeline: w.timeline}
	w.List = &List{world: w}
	w.Journal = NewJournal()
	w.Journal.timeline = w.timeline
	w.Broker = NewBroker()
	w.Broker.timeline = w.timeline
	w.Clock = &Clock{}
	w.Engine(actors.DefaultEngine)
	return w
}

// Engine returns the Engine of that name; one that is new to the world is there from the next start of the node on.
func (w *World) Engine(name string) *Engine {
	if w.engines[name] == nil {
		w.engines[name] = NewEngine(name)
		w.engines[name].timeline = w.timeline
	}
	return w.engines[name]
}

// Start starts the node, lets the first tick pass, and returns when the node is quiet.
func (w *World) Start() {
	w.T.Helper()
	if w.node != nil {
		w.T.Fatal("the node runs already")
	}
	w.timeline.add("spec", "start the node")
	engines := make(map[string]actors.Engine, len(w.engines))
	for name, e := range w.engines {
		engines[name] = e
	}
	n := &node{journal: w.Journal.connect(), broker: w.Broker.connect()}
	var err error
	n.Node, err = actors.Start(w.Config, actors.Ports{
		RunningList: w.List,
		Engines:     engines,
		Journal:     n.journal,
		Broker:      n.broker,
		Clock:       w.Clock.Now,
		Log:         slog.New(w.logs),
		Meter:       w.Meter,
		Tracer:      w.Tracer,
		Jitter:      func() float64 { return 0 },
	})
	if err != nil {
		w.T.Fatalf("start the node: %v", err)
	}
	w.node = n
	synctest.Wait()
}

// Tick lets one interval pass, and with it one tick.
func (w *World) Tick() { w.Pass(w.Config.Interval) }

// Ticks lets n intervals pass.
func (w *World) Ticks(n int) {
	for range n {
		w.Tick()
	}
}

// Pass lets time pass, and returns when the node is quiet.
func (w *World) Pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Node is the running node.
func (w *World) Node() *actors.Node {
	w.T.Helper()
	if w.node == nil {
		w.T.Fatal("the node does not run")
	}
	return w.node.Node
}

// Stop stops the node in order, with that long to publish what is detected (S8). It returns how long that took.
func (w *World) Stop(drain time.Duration) time.Duration {
	w.T.Helper()
	w.timeline.add("spec", "stop the node")
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	began := time.Now()
	w.Node().Stop(ctx)
	w.node = nil
	return time.Since(began)
}

// Crash kills the node as kill -9 does: from this moment it writes nothing and publishes nothing.
func (w *World) Crash() {
	w.T.Helper()
	w.timeline.add("spec", "kill the node")
	n := w.Node()
	w.node.journal.cut()
	w.node.broker.cut()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	n.Stop(ctx)
	w.node = nil
	synctest.Wait()
}

// end stops what still runs.
func (w *World) end() {
	if w.node != nil {
		w.logs.mute()
		w.Crash()
	}
	time.Sleep(time.Minute) // protoactor lets a goroutine sleep for a moment after a message to a stopped actor
	if w.T.Failed() {
		w.T.Log("\n" + w.timeline.String())
	}
}

// Games is what the node's API says.
func (w *World) Games() []actors.GameStatus {
	w.T.Helper()
	games, err := w.Node().Games(context.Background())
	if err != nil {
		w.T.Fatalf("ask the node for its games: %v", err)
	}
	return games
}

// Timeline is the story so far as a table: virtual time, who, what.
func (w *World) Timeline() string { return w.timeline.String() }

// Clock is the wall clock: the bubble's time, which the spec can let jump.
type Clock struct{ offset time.Duration }

// Now is the time that observations are stamped with.
func (c *Clock) Now() time.Time { return time.Now().Add(c.offset).UTC() }

// Jump puts the clock forward, or back.
func (c *Clock) Jump(d time.Duration) { c.offset += d }
