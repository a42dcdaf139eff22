package actors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors/internal/turns"
)

// scope names the instruments' and the spans' origin.
const scope = "galaxy/healthactors/actors"

// Node is a running node: a supervisor, its inspectors and a publisher.
type Node struct {
	*shared
	supervisor *actor.PID
	gauges     metric.Registration
	stop       sync.Once
	left       int64
}

// shared is what the actors of a node have in common. Nothing in it changes after the start but what the board shows.
type shared struct {
	Config
	Ports
	metrics *metrics
	tracer  trace.Tracer
	// turns are the queues of the Engines, by name.
	turns   map[string]*turns.Queue
	process process
	board   board
}

// Start starts a node, whose first tick begins at once (S3), after the games were adopted that an earlier life of the
// journal left. The caller stops it, and closes the ports afterwards; the broker alone is closed by Stop.
func Start(cfg Config, ports Ports) (*Node, error) {
	if ports.Jitter == nil {
		ports.Jitter = rand.Float64
	}
	meter := ports.Meter.Meter(scope)
	m, err := newMetrics(meter, ports.Engines, ports.Leases != nil)
	if err != nil {
		return nil, fmt.Errorf("make the metrics: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &shared{
		Config:  cfg,
		Ports:   ports,
		turns:   make(map[string]*turns.Queue, len(ports.Engines)),
		metrics: m,
		tracer:  ports.Tracer.Tracer(scope),
		process: process{
			claimant:       uuid.NewString(),
			ctx:            ctx,
			cancel:         cancel,
			fatal:          make(chan error, 1),
			supervisorGone: make(chan struct{}),
			publisherGone:  make(chan struct{}),
		},
	}
	for name := range ports.Engines {
		s.turns[name] = turns.New(cfg.InspectConcurrency)
	}
	n := &Node{shared: s}
	if n.gauges, err = n.observeGauges(meter); err != nil {
		return nil, fmt.Errorf("make the gauges: %w", err)
	}
	return n, n.spawn()
}

// spawn starts the two actors that live as long as the node. Neither is restarted when it fails: the journal has all that
// matters, and a node that stops and starts anew is in a state that is known.
func (n *Node) spawn() error {
	n.process.system = actor.NewActorSystem(actor.WithDeadLetterThrottleInterval(time.Millisecond), actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
		return slog.New(slog.DiscardHandler)
	}))
	last := actor.WithGuardian(&lastResort{n.shared})
	var err error
	n.process.publisher, err = n.process.system.Root.SpawnNamed(
		actor.PropsFromProducer(func() actor.Actor { return newPublisher(n.shared) }, last), "publisher")
	if err != nil {
		return fmt.Errorf("spawn the publisher: %w", err)
	}
	n.supervisor, err = n.process.system.Root.SpawnNamed(
		actor.PropsFromProducer(func() actor.Actor { return newSupervisor(n.shared) }, last), "supervisor")
	if err != nil {
		return fmt.Errorf("spawn the supervisor: %w", err)
	}
	return nil
}

// Stop ends the node in order (S8): no new tick, inspects under way are cut off, and what is detected is published until
// ctx ends. It closes the broker, and returns when nothing of the node runs any more, with the number of events that stay
// in the journal for the next start, as far as the node knows.
func (n *Node) Stop(ctx context.Context) (pending int64) {
	n.stop.Do(func() { n.left = n.stopOnce(ctx) })
	return n.left
}

func (n *Node) stopOnce(ctx context.Context) (pending int64) {
	n.board.stopBegun.Store(true)
	drained := make(chan struct{})
	n.process.send(n.supervisor, stopInOrder{drained})
	select {
	case <-drained:
	case <-ctx.Done():
	}
	n.stopPublishing(ctx)
	if err := n.Broker.Close(); err != nil {
		n.Log.Warn("close the broker's connection", "error", err)
	}
	counted, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	if c, err := n.counts(counted); err == nil {
		pending = c.pending
	}
	if err := n.gauges.Unregister(); err != nil {
		n.Log.Debug("unregister the gauges", "error", err)
	}
	n.process.cancel()
	n.process.system.Root.Stop(n.supervisor)
	<-n.process.supervisorGone
	n.process.system.Root.Stop(n.process.publisher)
	<-n.process.publisherGone
	n.process.work.Wait()
	n.releaseLease()
	n.process.system.Shutdown()
	return pending
}

// stopPublishing returns when nothing is being published any more, or when only the broker's end can end what is, since ctx
// ended.
func (n *Node) stopPublishing(ctx context.Context) {
	stop := stopPublishing{stopped: make(chan struct{}), landed: make(chan struct{})}
	n.process.send(n.process.publisher, stop)
	select {
	case <-stop.stopped:
	case <-n.process.publisherGone: // it failed
	}
	select {
	case <-stop.landed:
	case <-n.process.publisherGone:
	case <-ctx.Done():
	}
}

// Failed yields an error when the node can't go on.
func (n *Node) Failed() <-chan error { return n.process.fatal }

// JournalRolledBack has every inspector read its stream anew, since the journal has lost what it had acknowledged (R4). What it
// lost may be reported again under another id.
func (n *Node) JournalRolledBack() { n.process.send(n.supervisor, rolledBack{}) }

// Ready says whether a tick has been completed and no stop has begun.
func (n *Node) Ready() bool { return n.board.ticked.Load() && !n.board.stopBegun.Load() }

// Alive returns nil when the node makes progress. It waits for an answer as long as ctx allows.
func (n *Node) Alive(ctx context.Context) error {
	_, err := ask(ctx, n, func(reply chan<- struct{}) any { return areYouAlive{reply} })
	return err
}

// Games returns the games on the running list, sorted by game id.
func (n *Node) Games(ctx context.Context) ([]GameStatus, error) {
	return ask(ctx, n, func(reply chan<- []GameStatus) any { return describeAll{reply} })
}

// Members returns the members of the cluster that hold a lease, sorted by name; none while this node's own lease doesn't hold.
func (n *Node) Members(ctx context.Context) ([]Member, error) {
	return ask(ctx, n, func(reply chan<- []Member) any { return whoIsMember{reply} })
}

// ShareOf returns the games of the running list that belong to a member of the cluster, sorted by game id, without what only
// that member knows.
func (n *Node) ShareOf(ctx context.Context, node string) ([]GameStatus, error) {
	return ask(ctx, n, func(reply chan<- []GameStatus) any { return whatHas{node, reply} })
}

func (n *Node) counts(ctx context.Context) (counts, error) {
	return ask(ctx, n, func(reply chan<- counts) any { return countAll{reply} })
}

// ask sends the supervisor a question and waits for its answer.
func ask[T any](ctx context.Context, n *Node, question func(reply chan<- T) any) (answer T, err error) {
	reply := make(chan T, 1)
	n.process.send(n.supervisor, question(reply))
	select {
	case answer = <-reply:
		return answer, nil
	case <-n.process.supervisorGone:
		return answer, errors.New("the node has stopped")
	case <-ctx.Done():
		return answer, fmt.Errorf("the node's supervisor does not answer: %w", ctx.Err())
	}
}

// newEventID returns a UUID of version 7: distinct, and sortable by time for whoever reads the topic.
func (s *shared) newEventID() string { return uuid.Must(uuid.NewV7()).String() }

// restartNow restarts an inspector whose mailbox waits since its failure.
func (s *shared) restartNow(ctx actor.Context, who *actor.PID) {
	ctx.(actor.Supervisor).RestartChildren(who)
}

// lastResort is the supervision of the supervisor and the publisher: when one of them fails, the node stops.
type lastResort struct{ *shared }

func (l *lastResort) HandleFailure(_ *actor.ActorSystem, root actor.Supervisor, who *actor.PID,
	_ *actor.RestartStatistics, reason, _ any,
) {
	l.process.fail(fmt.Errorf("the %s failed: %v", who.GetId(), reason))
	root.StopChildren(who)
}
