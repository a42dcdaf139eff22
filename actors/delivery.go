package actors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/asynkron/protoactor-go/actor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// delivery is a game's turn to publish. While it is in flight it belongs to the goroutine that carries it, otherwise to
// the publisher.
type delivery struct {
	*v1.Publish
	inspector *actor.PID
	// newer is a request that came while this one was waiting or in flight.
	newer *delivery

	// try is the publisher's try that this turn belongs to; failed: some turn failed; alone: nothing else may be in flight.
	try    int
	failed bool
	alone  bool

	// retry has the parked events that are still to be tried again; retried says that there were some.
	retry   []*v1.ParkedRange
	retried bool

	// What the inspector is told at the end.
	through int64
	settled int64
	parked  []int64
	oldest  *v1.Observed

	// missing: the journal showed none of those that are still pending (R7). wait is the pause before the next look then.
	missing bool
	wait    *time.Timer

	// What the last turn brought: acknowledged events, one that was refused as too large, and why the turn ended early.
	acked    []*v1.Observed
	tooLarge *v1.Observed
	err      error
}

func newDelivery(request *v1.Publish, inspector *actor.PID) *delivery {
	d := &delivery{Publish: request, inspector: inspector, through: request.GetAfter()}
	for _, r := range request.GetRetry() {
		d.retry = append(d.retry, proto.CloneOf(r))
		d.retried = true
	}
	return d
}

// carry publishes a page of a game's events, one after the other, until one fails.
func (s *shared) carry(d *delivery) {
	defer func() {
		if p := recover(); p != nil {
			d.err = fmt.Errorf("publishing panicked: %v", p)
		}
	}()
	if !s.carryParked(d) {
		return
	}
	pending, err := s.pendingOf(d)
	if err != nil {
		d.err = err
		return
	}
	d.oldest = nil
	d.missing = len(pending) == 0 && d.settled < d.GetPending()
	for n, e := range pending {
		if n == publishPage || n > 0 && s.handingOver() {
			d.oldest = e.GetObserved()
			return
		}
		accepted, goOn := s.deliver(d, e)
		if !accepted {
			return
		}
		d.through = e.GetIndex()
		d.settled++
		if !goOn {
			return
		}
	}
}

// handingOver says whether this node of a cluster stops: others go on with the events.
func (s *shared) handingOver() bool { return s.stopping.Load() && !s.alone() }

// carryParked tries the parked events again that are left in d.retry. It says whether all of them had their try.
func (s *shared) carryParked(d *delivery) bool {
	for len(d.retry) > 0 {
		r := d.retry[0]
		page, err := s.readBack(d.GetGameId(), r.GetFrom()-1)
		if err != nil {
			d.err = err
			return false
		}
		for _, e := range page {
			if e.GetIndex() > r.GetTo() {
				break
			}
			accepted, goOn := s.deliver(d, e)
			if !accepted {
				return false
			}
			r.From = e.GetIndex() + 1
			if !goOn {
				return false
			}
		}
		if len(page) <= publishPage || r.GetFrom() > r.GetTo() {
			d.retry = d.retry[1:]
		}
	}
	return true
}

// deliver publishes one event. accepted: it is settled, which is acknowledged or parked. A delivery that is alone doesn't
// go on after its one event.
func (s *shared) deliver(d *delivery, e *v1.PendingDetection) (accepted, goOn bool) {
	err := s.publishOne(d.GetGameId(), e.GetObserved())
	switch {
	case err == nil:
		d.acked = append(d.acked, e.GetObserved())
		return true, !d.alone
	case errors.Is(err, ErrTooLarge) && d.alone:
		d.tooLarge = e.GetObserved()
		d.parked = append(d.parked, e.GetIndex())
		return true, false
	case errors.Is(err, ErrTooLarge):
		d.tooLarge = e.GetObserved()
		return false, false
	default:
		d.err = err
		return false, false
	}
}

// pendingOf returns the next events of a game, one more than a page when there are as many.
func (s *shared) pendingOf(d *delivery) ([]*v1.PendingDetection, error) {
	if d.First != nil {
		return []*v1.PendingDetection{d.First}, nil
	}
	return s.readBack(d.GetGameId(), d.through)
}

func (s *shared) readBack(gameID string, after int64) ([]*v1.PendingDetection, error) {
	ctx, cancel := context.WithTimeout(s.ctx, journalTimeout)
	defer cancel()
	page, err := s.Journal.Pending(ctx, gameID, after, publishPage+1)
	if err != nil {
		return nil, fmt.Errorf("read back the undelivered events of game %q: %w", gameID, err)
	}
	return page, nil
}

// publishOne publishes one event and waits for its acknowledgement.
func (s *shared) publishOne(gameID string, o *v1.Observed) error {
	event := o.GetDetection()
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindProducer)}
	if inspect := spanNamed(event.GetTraceparent()); inspect.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: inspect}))
	}
	ctx, span := s.tracer.Start(s.ctx, "publish", options...)
	defer span.End()
	msg := message.NewMessage(event.GetEventId(), event.GetValue())
	msg.SetContext(ctx)
	msg.Metadata = messages.Headers(event.GetEventId(), event.GetEventType(), gameID, event.GetSource(),
		event.GetTraceparent(), o.GetObservedAt().AsTime())
	err := s.Broker.Publish(s.Topic, msg)
	if span.IsRecording() {
		span.SetAttributes(attribute.String("healthactors.game", gameID), attribute.String("messaging.message.id", event.GetEventId()))
	}
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
		return fmt.Errorf("publish an event of game %q: %w", gameID, err)
	}
	s.metrics.published(event.GetEventType())
	return nil
}
