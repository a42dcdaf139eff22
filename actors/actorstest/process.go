package actorstest

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors"
)

// firstNode is the name of the world's own node.
const firstNode = "a"

// Process is a process that runs a node. It can be started, stopped or killed, and started again; what outlives it are the
// world's Engines, running list, journal and broker, which all processes share.
type Process struct {
	// Config is the node's at its next start. The defaults are those of the command line.
	Config actors.Config
	// Meter and Tracer are the node's; no-ops unless the spec sets others before Start.
	Meter  metric.MeterProvider
	Tracer trace.TracerProvider
	// Jitter spreads the node's pauses; by default it doesn't.
	Jitter func() float64

	// Older makes the node, from its next start on, one of an older release to the journal, which doesn't know what the present one
	// has added there (C6). Its decisions are the present ones.
	Older bool

	// Serves names the Engines that the node serves from its next start on; nil means all of the world's.
	Serves []string

	world *World
	life  *life
	// apart: the node is cut off from the journal's database, its leases included.
	apart                                atomic.Bool
	slowLeases, slowSessions, lateLeases atomic.Int64
	// sessions counts those that the node's lease has lost.
	sessions atomic.Int64
}

// SlowLeases makes each renewal of the node's lease take that long.
func (p *Process) SlowLeases(d time.Duration) {
	p.world.timeline.spec("renewals of node %s take %s", p.Config.Node, d)
	p.slowLeases.Store(int64(d))
}

// SlowSessions makes each session over which the node's lease is renewed take that long to make.
func (p *Process) SlowSessions(d time.Duration) {
	p.world.timeline.spec("sessions for the lease of node %s take %s", p.Config.Node, d)
	p.slowSessions.Store(int64(d))
}

// LateLeases makes the answer to each renewal of the node's lease arrive that much later than it was given, so that what it
// says of the members is old.
func (p *Process) LateLeases(d time.Duration) {
	p.world.timeline.spec("node %s hears of its leases %s late", p.Config.Node, d)
	p.lateLeases.Store(int64(d))
}

// CutLease ends the session over which the node's lease is renewed.
func (p *Process) CutLease() {
	p.world.timeline.spec("cuts the session of node %s's lease", p.Config.Node)
	p.sessions.Add(1)
}

// CutOff parts the node from the journal and the leases, whose calls fail at once; false mends it.
func (p *Process) CutOff(apart bool) {
	p.world.timeline.spec("cuts node %s off from the journal: %t", p.Config.Node, apart)
	p.apart.Store(apart)
}

// NodeNamed returns the process of the node of that name; a new one is configured as the world's own node is now.
func (w *World) NodeNamed(name string) *Process {
	if w.processes[name] == nil {
		p := &Process{Config: w.Config, Meter: metricnoop.NewMeterProvider(), Tracer: w.Tracer, Jitter: w.Jitter, world: w}
		p.Config.Node = name
		w.processes[name] = p
	}
	return w.processes[name]
}

// life is a process from its start to its end. Its connections carry nothing any more once it is killed.
type life struct {
	*actors.Node
	process *Process
	name    string
	journal *journalHandle
	broker  *brokerHandle
	started chan struct{}
	once    sync.Once
	dead    atomic.Bool
}

// inCluster says whether the process is a node of a cluster; a test's own connection is none.
func (l *life) inCluster() bool { return l != nil && l.process.world.Lease > 0 }

// Start starts the node, lets the first tick pass, and returns when the node is quiet.
func (p *Process) Start() {
	w := p.world
	w.T.Helper()
	if p.Running() {
		w.T.Fatalf("node %s runs already", p.Config.Node)
	}
	w.timeline.spec("starts node %s", p.Config.Node)
	l := &life{process: p, name: p.Config.Node, started: make(chan struct{})}
	l.journal, l.broker = w.Journal.connect(), w.Broker.connect()
	l.journal.life, l.broker.life = l, l
	l.journal.older = p.Older
	p.life = l
	engines := make(map[string]actors.Engine, len(w.engines))
	for name, e := range w.engines {
		if p.Serves == nil || slices.Contains(p.Serves, name) {
			engines[name] = &engineHandle{e, l}
		}
	}
	config := p.Config
	config.Lease = w.Lease
	var leases actors.Leases
	if w.Lease > 0 {
		leases = &leaseHandle{journal: l.journal, life: l, length: w.Lease, engines: slices.Sorted(maps.Keys(engines))}
	}
	var err error
	l.Node, err = actors.Start(config, actors.Ports{
		RunningLists: w.List.lists(engines),
		Leases:       leases,
		Engines:      engines,
		Journal:      l.journal,
		Broker:       l.broker,
		Clock:        w.Clock.Now,
		Log:          slog.New(&logHandler{w.logs, l}),
		Meter:        p.Meter,
		Tracer:       p.Tracer,
		Jitter:       p.Jitter,
	})
	if err != nil {
		w.T.Fatalf("start node %s: %v", p.Config.Node, err)
	}
	close(l.started)
	p.world.rest()
}

// Stop stops the node in order, with that long to publish what is detected (S8). It returns how long that took.
func (p *Process) Stop(drain time.Duration) time.Duration {
	p.world.T.Helper()
	n := p.Node()
	p.world.timeline.spec("stops node %s", p.Config.Node)
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	began := time.Now()
	n.Stop(ctx)
	p.life.journal.cut() // the process has ended
	p.life = nil
	return time.Since(began)
}

// Crash kills the process as kill -9 does: from this moment it writes nothing, publishes nothing and logs nothing.
func (p *Process) Crash() {
	p.world.T.Helper()
	p.Node()
	p.world.timeline.spec("kills node %s", p.Config.Node)
	p.life.kill()
	p.world.rest()
}

// CrashWhen kills the process when it next comes to a moment, between two steps of its work.
func (p *Process) CrashWhen(m Moment) {
	p.world.moments.await(&awaited{Moment: m, process: p, do: func(at *life) {
		p.world.timeline.spec("kills node %s %s of %s", p.Config.Node, m, m.game)
		at.kill()
	}})
}

// Node is the running node.
func (p *Process) Node() *actors.Node {
	p.world.T.Helper()
	if !p.Running() {
		p.world.T.Fatalf("node %s does not run", p.Config.Node)
	}
	return p.life.Node
}

// Games is what the node's API says.
func (p *Process) Games() []actors.GameStatus {
	p.world.T.Helper()
	games, err := p.Node().Games(context.Background())
	if err != nil {
		p.world.T.Fatalf("ask the node for its games: %v", err)
	}
	return games
}

// Running says whether the node has been started and neither stopped nor killed since.
func (p *Process) Running() bool { return p.life != nil && !p.life.dead.Load() }

// kill can be called from anywhere, also in the middle of the node's work. What is left of the node is cleared away
// behind the scenes.
func (l *life) kill() {
	l.once.Do(func() {
		l.dead.Store(true)
		l.journal.cut()
		l.broker.cut()
		go func() {
			<-l.started
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			l.Stop(ctx)
		}()
	})
}

// by says in the timeline which node it was, unless it was the world's own.
func (l *life) by() string {
	if l == nil || l.process == l.process.world.Process {
		return ""
	}
	return " of node " + l.name
}

// reach says that the node has come to a moment.
func (l *life) reach(m Moment) {
	if l != nil && !l.dead.Load() {
		l.process.world.moments.reach(m, l)
	}
}
