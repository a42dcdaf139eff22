package actors

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/persistence"
	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors/internal/outbox"
	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/actors/internal/stream"
	"galaxy/healthactors/messages"
)

// inspector watches one game. Its state is the fold of the game's journaled events; nobody else reads or writes it. It
// lives from the game's entry into the running list until the game has left it and all that was detected is delivered.
type inspector struct {
	persistence.Mixin
	*shared

	gameID      string
	incarnation uint64
	state       stream.State
	// underWay is the inspection that was begun last and has not ended, nil for none.
	underWay *inspection
	// timedOut: the last inspect ended in a time-out, so the next one waits in the lane (S4).
	timedOut bool
	// dropped is the request with which the game left the running list, 0 while it is on it (S2).
	dropped uint64
	// publishing is the number of the request that the publisher has not answered yet, 0 for none; misses is how often in a
	// row the publisher found nothing where there must be something (R7).
	publishing uint64
	misses     int
	// writes is what is not known or not done of its writes; nil between two messages, unless there is something.
	writes *writes
}

func (i *inspector) Receive(ctx actor.Context) {
	defer explainPanic()
	if i.writes == nil && !i.Recovering() {
		i.writes = new(writes)
	}
	switch msg := ctx.Message().(type) {
	case *actor.Started:
		i.gameID = gameOf(ctx.Self().GetId())
		i.incarnation = incarnationOf(ctx.Self().GetId())
	case recoveryBegun:
		i.state = msg.state
	case stream.Event:
		i.state.Apply(msg)
	case *persistence.ReplayComplete:
		if _, released := i.board.released.Load(ctx.Self().GetId()); released {
			return
		}
		i.claim()
		i.publish(ctx, nil, i.state.Delivery.Parked)
		i.report(ctx, recovered{})
	case *persistence.RequestSnapshot:
		i.saveSnapshot()
		return // to the write that brought it
	case inspect:
		i.inspect(ctx, msg)
	case *answer:
		i.answered(ctx, msg)
	case withdraw:
		i.withdraw(ctx)
	case drop:
		i.drop(ctx, msg)
	case *published:
		i.published(ctx, msg)
	case tryAgain:
		i.tryNow(ctx)
	case *actor.Restarting, *actor.Stopping:
		i.cutOff()
		i.stopTrying()
		return
	}
	i.tryLater(ctx)
}

// claim takes a stream over that another process of the cluster wrote last: from then on the journal refuses what that one
// writes (C2). A stream that holds nothing open is claimed by its first observation.
func (i *inspector) claim() {
	if !i.inCluster() || !i.state.Open || i.state.Claimant == i.process.claimant {
		return
	}
	i.mustPersist(&stream.Claimed{Node: i.Node, Claimant: i.process.claimant})
	i.metrics.tookOver()
}

// inspect begins to look at the container, or leaves it to the look that is under way (S4). Another container is another
// lifecycle: the old one ends, and its inspect is cut off (H8, S2).
func (i *inspector) inspect(ctx actor.Context, msg inspect) {
	i.dropped = 0
	if msg.cameBack { // the journal may not have taken the end of the lifecycle when the game left
		i.mustEndLifecycle()
	}
	i.forgetOther(msg.place)
	if i.underWay != nil && i.underWay.place == msg.place {
		i.underWay.request = msg.request
		return
	}
	if i.underWay != nil {
		i.cutOff()
		i.timedOut = false
	}
	i.underWay = i.begin(ctx, msg)
}

// answered takes the answer of the inspection under way. Answers of one that was cut off are dropped.
func (i *inspector) answered(ctx actor.Context, answer *answer) {
	if answer.inspection != i.underWay {
		return
	}
	i.underWay = nil
	ended := answer.outcome(i.InspectTimeout)
	ended.request = answer.inspection.request
	i.timedOut = ended.outcome == outcomeTimeout || (i.timedOut && ended.unreachable)
	counted := outcomeError // also when a refusal (C2) or a bug panics out of here
	defer func() { i.metrics.inspected(answer.inspection.place.Engine, counted, answer.took) }()
	err := i.catchUp(ctx)
	if err == nil && answer.err == nil {
		err = i.judge(ctx, answer)
	}
	if err != nil && answer.err == nil {
		ended = notJournaled(ended.request, err)
	}
	counted = ended.outcome
	i.report(ctx, ended)
}

// notJournaled is the end of an inspect that the Engine answered in vain, since the journal did not take what was seen (H10).
func notJournaled(request uint64, err error) inspected {
	return inspected{request: request, outcome: outcomeError, err: err.Error(), notJournaled: true}
}

// judge decides about an observation. What it changes is in the journal BEFORE anything is published (P1). An error says
// that the journal did not take the observation, or that it is not known whether it did: the baseline stays as it was.
func (i *inspector) judge(ctx actor.Context, answer *answer) error {
	if err := i.settle(); err != nil {
		return err
	}
	err := i.observe(ctx, answer)
	if errors.Is(err, errReadAnew) { // what it was compared with was out of date
		if answer.inspection.cameBack { // and may be of the time before the game left
			i.mustEndLifecycle()
		}
		err = i.observe(ctx, answer)
		i.publish(ctx, nil, nil) // also what came to light
	}
	return err
}

func (i *inspector) observe(ctx actor.Context, answer *answer) error {
	place := answer.inspection.place
	v := rules.Decide(i.state.Memory(), place, answer.seen, i.Emit)
	o := &stream.Observed{
		Observed:        rules.Observed{Place: place, Observation: answer.seen, Reasons: v.Reasons},
		At:              stream.WallTime(answer.at),
		BeginsLifecycle: v.BeginsLifecycle,
	}
	if o.ID == o.Container {
		o.ID = o.Container // one string in memory, not two
	}
	if !v.Changed && len(i.writes.limbo) == 0 { // else its index tells what became of the write before
		i.state.Observed = o
		return nil
	}
	if v.Publish != rules.NoEvent {
		o.Detection = i.detect(v.Publish, o, answer.span)
	}
	detection := &stream.Pending{Index: i.state.Next, Observed: o}
	if err := i.persist(o); err != nil {
		return err
	}
	if v.Publish != rules.NoEvent {
		i.publish(ctx, detection, nil)
	}
	return nil
}

// detect makes the event of an observation: the bytes and headers that every delivery will carry (P2). span is the inspect's.
func (i *inspector) detect(what rules.Event, o *stream.Observed, span trace.SpanContext) *stream.Detection {
	event := messages.HealthEvent{
		EventID:     i.newEventID(),
		EventType:   eventTypes[what],
		GameID:      i.gameID,
		ContainerID: o.Container,
		OccurredAt:  o.At,
		Reasons:     wordsOf(o.Reasons),
		Details: messages.Details{
			RestartCount: o.RestartCount,
			State:        o.State,
			Health:       o.Health,
		},
	}
	value, err := event.Encode()
	if err != nil {
		panic(err) // a HealthEvent of a sane clock always encodes; the baseline stays
	}
	d := &stream.Detection{EventID: event.EventID, EventType: event.EventType, Source: i.Source, Value: value}
	if span.IsSampled() {
		d.Traceparent = traceparentOf(span)
	}
	d.Headers = messages.Headers(d.EventID, d.EventType, i.gameID, d.Source, d.Traceparent, o.At)
	return d
}

// publish asks the publisher to deliver what is pending, one request at a time, so that the events of a game stay in order
// (P3). first is the detection just made, if there is one; retry has the parked ones after a start (P4).
func (i *inspector) publish(ctx actor.Context, first *stream.Pending, retry []stream.ParkedRange) {
	if i.publishing != 0 || i.writes.unsettled || len(i.writes.owed) >= mostOwed || (i.state.Delivery.Pending == 0 && len(retry) == 0) {
		return
	}
	i.writes.unshown = i.writes.unshown && len(retry) == 0
	if i.state.Delivery.Pending > 1 {
		first = nil // there are older ones
	}
	ask := publish{
		ID:      i.process.newRequest(),
		Game:    i.gameID,
		ReplyTo: ctx.Self().GetId(),
		After:   i.state.Delivery.Through,
		Pending: i.state.Delivery.Pending,
		First:   first,
		Misses:  i.misses,
	}
	if len(retry) > 0 {
		ask.Misses = 0 // whoever looks for parked events again has waited already
	}
	for _, r := range retry {
		ask.Retry = append(ask.Retry, outbox.Range{From: r.From, To: r.To})
	}
	i.publishing = ask.ID
	ctx.Send(i.process.publisher, ask)
}

// parkedRanges are what the publisher tried again of the parked events, one at a time.
func parkedRanges(tried []outbox.Range) []stream.ParkedRange {
	var ranges []stream.ParkedRange
	for _, r := range tried {
		ranges = append(ranges, stream.ParkedRange{From: r.From, To: r.To, Count: 1})
	}
	return ranges
}

// published marks what is settled. Answers to requests of an earlier incarnation are dropped; what they settled is
// delivered once more.
func (i *inspector) published(ctx actor.Context, msg *published) {
	if msg.Request != i.publishing {
		return
	}
	i.publishing = 0
	if msg.Settled > 0 || len(msg.Parked) > 0 || len(msg.Tried) > 0 {
		i.markDelivered(stream.Settlement{
			Through: msg.Through, Settled: msg.Settled, OldestPendingAt: msg.OldestPendingAt, Parked: msg.Parked, Tried: parkedRanges(msg.Tried),
		})
	}
	i.countMisses(msg)
	i.publish(ctx, nil, nil)
	i.report(ctx, deliveryChanged{})
	i.drain(ctx)
}

// drop ends the lifecycle: the game left the running list (S2).
func (i *inspector) drop(ctx actor.Context, msg drop) {
	i.dropped = msg.request
	i.mustEndLifecycle()
	i.publish(ctx, nil, nil) // an event may have come to light that nobody knew to be written
	i.report(ctx, deliveryChanged{})
	i.drain(ctx)
}

// drain closes the stream of a dropped game once nothing is left to deliver, and what came to light since it left is forgotten
// too. A write of these that fails fails the inspector, which has nothing else to do: it is restarted after a pause, and told
// again that its game left.
func (i *inspector) drain(ctx actor.Context) {
	if i.dropped == 0 || !i.allDelivered() {
		return
	}
	if i.mustEndLifecycle(); !i.allDelivered() {
		i.publish(ctx, nil, nil)
		return
	}
	if i.state.Open || len(i.writes.limbo) > 0 { // what comes late must find its index taken, and the stream closed
		i.mustPersist(&stream.Closed{})
	}
	i.report(ctx, drained{i.dropped})
}

// allDelivered says whether nothing is left to deliver, as far as is known.
func (i *inspector) allDelivered() bool {
	return !i.writes.unsettled && i.state.Delivery.Pending == 0 && i.state.Delivery.ParkedCount() == 0
}

// withdraw cuts off the inspect under way because the node stops (S8).
func (i *inspector) withdraw(ctx actor.Context) {
	if i.underWay == nil {
		return
	}
	ended := inspected{request: i.underWay.request, outcome: outcomeCutOff}
	i.cutOff()
	i.report(ctx, ended)
}

// report tells the supervisor what became of this inspector.
func (i *inspector) report(ctx actor.Context, why cause) {
	w := i.writes
	ctx.Send(ctx.Parent(), &report{
		game:            i.gameID,
		incarnation:     i.incarnation,
		cause:           why,
		observed:        i.state.Observed,
		pending:         i.state.Delivery.Pending,
		parked:          i.state.Delivery.ParkedCount(),
		oldestPendingAt: i.state.Delivery.OldestPendingAt,
		journalError:    w.trouble,
		behind:          w.unsettled || len(w.limbo) > 0 || len(w.owed) > 0 || w.endOwed,
	})
	w.trouble = ""
}

// explainPanic adds the stack to a panic that is a bug, for the supervisor's log (S7). A journal's failure is none.
func explainPanic() {
	switch p := recover().(type) {
	case nil:
	case journalFailure:
		panic(p)
	default:
		panic(bug{fmt.Errorf("panic: %v", p), debug.Stack()})
	}
}

// bug is a panic with the place where it came from.
type bug struct {
	error
	stack []byte
}
