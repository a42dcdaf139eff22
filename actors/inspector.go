package actors

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/persistence"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/types/known/timestamppb"

	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// inspector watches one game. Its state is the fold of the game's journaled events; nobody else reads or writes it. It
// lives from the game's entry into the running list until the game has left it and all that was detected is delivered.
type inspector struct {
	persistence.Mixin
	*shared

	gameID      string
	incarnation uint64
	stream      stream
	// underWay is the inspection that was begun last and has not ended, nil for none.
	underWay *inspection
	// timedOut: the last inspect ended in a time-out, so the next one waits in the lane (S4).
	timedOut bool
	// dropped is the request with which the game left the running list, 0 while it is on it (S2).
	dropped uint64
	// publishing is the number of the request that the publisher has not answered yet, 0 for none; misses is how often in a
	// row the publisher found nothing where there must be something (R7).
	publishing uint64
	misses     int64
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
	case recovered:
		i.stream = newStream(msg.next, msg.snapshot)
	case *v1.JournalEvent:
		i.stream.apply(msg)
	case *persistence.ReplayComplete:
		if _, released := i.released.Load(ctx.Self().GetId()); released {
			return
		}
		i.claim()
		i.publish(ctx, nil, i.stream.delivery.GetParked())
		i.report(ctx, &v1.Report{Cause: &v1.Report_Recovered{Recovered: &v1.Recovered{}}})
	case *persistence.RequestSnapshot:
		i.saveSnapshot()
		return // to the write that brought it
	case *v1.Inspect:
		i.inspect(ctx, msg)
	case *answer:
		i.answered(ctx, msg)
	case *v1.Withdraw:
		i.withdraw(ctx)
	case *v1.Drop:
		i.drop(ctx, msg)
	case *v1.Published:
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
	if i.alone() || !i.stream.open || i.stream.claimant == i.claimant {
		return
	}
	i.mustPersist(&v1.JournalEvent{Kind: &v1.JournalEvent_Claimed{Claimed: &v1.Claimed{Node: i.Node, Claimant: i.claimant}}})
	i.metrics.tookOver()
}

// inspect begins to look at the container, or leaves it to the look that is under way (S4). Another container is another
// lifecycle: the old one ends, and its inspect is cut off (H8, S2).
func (i *inspector) inspect(ctx actor.Context, msg *v1.Inspect) {
	i.dropped = 0
	if msg.GetCameBack() { // the journal may not have taken the end of the lifecycle when the game left
		i.mustEndLifecycle()
	}
	at := target{msg.GetContainerId(), msg.GetEngine()}
	i.forgetOther(at)
	if i.underWay != nil && i.underWay.at == at {
		i.underWay.request = msg.GetRequest()
		return
	}
	if i.underWay != nil {
		i.cutOff()
		i.timedOut = false
	}
	i.underWay = i.begin(ctx, msg, at)
}

// answered takes the answer of the inspection under way. Answers of one that was cut off are dropped.
func (i *inspector) answered(ctx actor.Context, answer *answer) {
	if answer.inspection != i.underWay {
		return
	}
	i.underWay = nil
	ended := answer.outcome(i.InspectTimeout)
	ended.Request = answer.inspection.request
	i.timedOut = ended.GetOutcome() == v1.Outcome_OUTCOME_TIMEOUT || (i.timedOut && ended.GetUnreachable())
	counted := v1.Outcome_OUTCOME_ERROR // also when a refusal (C2) or a bug panics out of here
	defer func() { i.metrics.inspected(answer.inspection.at.engine, counted, answer.took) }()
	err := i.catchUp(ctx)
	if err == nil && answer.err == nil {
		err = i.judge(ctx, answer)
	}
	if err != nil && answer.err == nil {
		ended = notJournaled(ended.GetRequest(), err)
	}
	counted = ended.GetOutcome()
	i.report(ctx, &v1.Report{Cause: &v1.Report_Inspected{Inspected: ended}})
}

// notJournaled is the end of an inspect that the Engine answered in vain, since the journal did not take what was seen (H10).
func notJournaled(request uint64, err error) *v1.Inspected {
	return &v1.Inspected{Request: request, Outcome: v1.Outcome_OUTCOME_ERROR, Error: err.Error(), NotJournaled: true}
}

// judge decides about an observation. What it changes is in the journal BEFORE anything is published (P1). An error says
// that the journal did not take the observation, or that it is not known whether it did: the baseline stays as it was.
func (i *inspector) judge(ctx actor.Context, answer *answer) error {
	if err := i.settle(); err != nil {
		return err
	}
	err := i.observe(ctx, answer)
	if errors.Is(err, errReadAnew) { // what it was compared with was out of date
		err = i.observe(ctx, answer)
		i.publish(ctx, nil, nil) // also what came to light
	}
	return err
}

func (i *inspector) observe(ctx actor.Context, answer *answer) error {
	v := decide(i.stream.observed, i.stream.ended, answer.inspection.at, answer.seen, i.Emit)
	o := &v1.Observed{
		ContainerId:       answer.inspection.at.containerID,
		Engine:            answer.inspection.at.engine,
		EngineContainerId: answer.seen.ID,
		RestartCount:      answer.seen.RestartCount,
		State:             answer.seen.State,
		Health:            answer.seen.Health,
		Reasons:           v.reasons,
		ObservedAt:        timestamppb.New(answer.at),
		BeginsLifecycle:   v.beginsLifecycle,
	}
	if o.GetEngineContainerId() == o.GetContainerId() {
		o.EngineContainerId = o.GetContainerId() // one string in memory, not two
	}
	if !v.changed && len(i.writes.limbo) == 0 { // else its index tells what became of the write before
		i.stream.observed = o
		return nil
	}
	if v.publish != "" {
		o.Detection = i.detect(v, o, answer.span)
	}
	detection := &v1.PendingDetection{Index: i.stream.next, Observed: o}
	if err := i.persist(&v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: o}}); err != nil {
		return err
	}
	if v.publish != "" {
		i.publish(ctx, detection, nil)
	}
	return nil
}

// detect makes the event of an observation: the bytes that every delivery will carry (P2). span is the inspect's.
func (i *inspector) detect(v verdict, o *v1.Observed, span trace.SpanContext) *v1.Detection {
	event := messages.HealthEvent{
		EventID:     i.newEventID(),
		EventType:   v.publish,
		GameID:      i.gameID,
		ContainerID: o.GetContainerId(),
		OccurredAt:  o.GetObservedAt().AsTime(),
		Reasons:     namesOf(v.reasons),
		Details: messages.Details{
			RestartCount: o.GetRestartCount(),
			State:        o.GetState(),
			Health:       o.GetHealth(),
		},
	}
	value, err := event.Encode()
	if err != nil {
		panic(err) // a HealthEvent of a sane clock always encodes; the baseline stays
	}
	d := &v1.Detection{EventId: event.EventID, EventType: event.EventType, Source: i.Source, Value: value}
	if span.IsSampled() {
		d.Traceparent = traceparentOf(span)
	}
	return d
}

// publish asks the publisher to deliver what is pending, one request at a time, so that the events of a game stay in order
// (P3). first is the detection just made, if there is one; retry has the parked ones after a start (P4).
func (i *inspector) publish(ctx actor.Context, first *v1.PendingDetection, retry []*v1.ParkedRange) {
	if i.publishing != 0 || i.writes.unsettled || len(i.writes.owed) >= mostOwed || (i.stream.pending() == 0 && len(retry) == 0) {
		return
	}
	if i.stream.pending() > 1 {
		first = nil // there are older ones
	}
	i.publishing = i.newRequest()
	ctx.Request(i.publisher, &v1.Publish{
		Request: i.publishing,
		GameId:  i.gameID,
		After:   i.stream.delivery.GetThrough(),
		Pending: i.stream.pending(),
		First:   first,
		Retry:   retry,
		Misses:  i.misses,
	})
}

// published marks what is settled. Answers to requests of an earlier incarnation are dropped; what they settled is
// delivered once more.
func (i *inspector) published(ctx actor.Context, msg *v1.Published) {
	if msg.GetRequest() != i.publishing {
		return
	}
	i.publishing = 0
	if msg.GetSettled() > 0 || len(msg.GetParked()) > 0 || msg.GetRetried() {
		i.markDelivered(msg)
	}
	if i.misses++; !msg.GetMissing() {
		i.misses = 0
	} else {
		i.lookAgain()
	}
	i.publish(ctx, nil, nil)
	i.report(ctx, &v1.Report{Cause: &v1.Report_DeliveryChanged{DeliveryChanged: &v1.DeliveryChanged{}}})
	i.drain(ctx)
}

// drop ends the lifecycle: the game left the running list (S2).
func (i *inspector) drop(ctx actor.Context, msg *v1.Drop) {
	i.dropped = msg.GetRequest()
	i.mustEndLifecycle()
	i.publish(ctx, nil, nil) // an event may have come to light that nobody knew to be written
	i.report(ctx, &v1.Report{Cause: &v1.Report_DeliveryChanged{DeliveryChanged: &v1.DeliveryChanged{}}})
	i.drain(ctx)
}

// drain closes the stream of a dropped game once nothing is left to deliver. A write of these that fails fails the
// inspector, which has nothing else to do: it is restarted after a pause, and told again that its game left.
func (i *inspector) drain(ctx actor.Context) {
	if i.dropped == 0 || i.writes.unsettled || i.stream.pending() > 0 || i.stream.parked() > 0 {
		return
	}
	if i.stream.open || len(i.writes.limbo) > 0 { // what comes late must find its index taken, and the stream closed
		i.mustPersist(&v1.JournalEvent{Kind: &v1.JournalEvent_StreamClosed{StreamClosed: &v1.StreamClosed{}}})
	}
	i.report(ctx, &v1.Report{Cause: &v1.Report_Drained{Drained: &v1.Drained{Request: i.dropped}}})
}

// withdraw cuts off the inspect under way because the node stops (S8).
func (i *inspector) withdraw(ctx actor.Context) {
	if i.underWay == nil {
		return
	}
	ended := &v1.Inspected{Request: i.underWay.request, Outcome: v1.Outcome_OUTCOME_CUT_OFF}
	i.cutOff()
	i.report(ctx, &v1.Report{Cause: &v1.Report_Inspected{Inspected: ended}})
}

// report tells the supervisor what became of this inspector.
func (i *inspector) report(ctx actor.Context, r *v1.Report) {
	r.GameId = i.gameID
	r.Incarnation = i.incarnation
	r.Observed = i.stream.observed
	r.EventsPending = i.stream.pending()
	r.OldestPendingAt = i.stream.delivery.GetOldestPendingAt()
	r.EventsParked = i.stream.parked()
	r.JournalError, i.writes.trouble = i.writes.trouble, ""
	r.Behind = i.writes.unsettled || len(i.writes.limbo) > 0 || len(i.writes.owed) > 0 || i.writes.endOwed
	ctx.Send(ctx.Parent(), r)
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
