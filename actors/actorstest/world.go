package actorstest

import (
	"testing"
	"testing/synctest"
	"time"

	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/messages"
)

// World is one spec's world: a node and everything around it. It is not safe for concurrent use: a spec is one story.
type World struct {
	T testing.TB
	// Process is the node under test, named "a"; its methods are the world's: w.Start(), w.Crash(). NodeNamed has others.
	*Process

	List    *List
	Journal *Journal
	// Lease makes the world's nodes one cluster with leases of this length; zero leaves each alone.
	Lease  time.Duration
	Broker *Broker
	Clock  *Clock

	// outer is the test that the spec stands in, whose T a story may use too.
	outer     testing.TB
	watchdog  *watchdog
	engines   map[string]*Engine
	processes map[string]*Process
	timeline  *timeline
	logs      *logs
	moments   *moments
	schedule  *schedule
	expected  int
}

// Spec runs a story in a bubble of virtual time and kills at its end what still runs. It fails when a goroutine is left.
// A spec that fails prints its timeline; one whose node never comes to rest ends the test run with it.
func Spec(t *testing.T, story func(w *World)) {
	t.Helper()
	outer, dog := t, newWatchdog()
	defer dog.stop()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.outer, w.watchdog = outer, dog
		dog.world.Store(w)
		defer w.end()
		story(w)
	})
}

func newWorld(t testing.TB) *World {
	w := &World{
		T:         t,
		engines:   map[string]*Engine{},
		processes: map[string]*Process{},
		timeline:  &timeline{began: time.Now()},
		moments:   &moments{},
		schedule:  newSchedule(),
	}
	w.logs = &logs{timeline: w.timeline}
	w.List = &List{timeline: w.timeline}
	w.Journal = NewJournal()
	w.Journal.timeline = w.timeline
	w.Broker = NewBroker()
	w.Broker.timeline = w.timeline
	w.Clock = &Clock{timeline: w.timeline}
	w.Process = &Process{
		Config: actors.Config{
			Interval:           10 * time.Second,
			InspectTimeout:     5 * time.Second,
			InspectConcurrency: 16,
			ListTimeout:        30 * time.Second,
			Emit:               actors.EmitEveryTick,
			Topic:              messages.DefaultTopic,
			Source:             messages.Source,
			Node:               firstNode,
		},
		Meter:  metricnoop.NewMeterProvider(),
		Tracer: tracenoop.NewTracerProvider(),
		Jitter: func() float64 { return 0 },
		world:  w,
	}
	w.processes[firstNode] = w.Process
	w.Engine(actors.DefaultEngine)
	return w
}

// Engine returns the Engine of that name; one that is new to the world is there from the next start of a node on.
func (w *World) Engine(name string) *Engine {
	if w.engines[name] == nil {
		w.engines[name] = NewEngine(name)
		w.engines[name].timeline = w.timeline
	}
	return w.engines[name]
}

// Timeline is the story so far as a table: virtual time, who, what, and the state before and after. Event ids are e1, e2
// and so on, and what different games did at the same moment is in order of their ids, so that equal stories have equal
// timelines.
func (w *World) Timeline() string { return w.timeline.table(true) }

// end kills what still runs.
func (w *World) end() {
	w.T.Helper()
	for _, p := range w.processes {
		if p.Running() {
			p.life.kill()
		}
	}
	time.Sleep(time.Minute) // protoactor lets a goroutine sleep for a moment after a message to a stopped actor
	if w.T.Failed() || w.outer.Failed() {
		w.T.Log("\n" + w.timeline.table(false) + w.logs.stacks())
	}
}
