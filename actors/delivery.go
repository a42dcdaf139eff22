package actors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors/internal/outbox"
	"galaxy/healthactors/actors/internal/stream"
)

// publishPage is how many events of one game are published, one after the other, before the next game goes on.
const publishPage = 64

// What the publisher's outbox is made of: the events are those that the journal shows.
type (
	delivery = outbox.Delivery[stream.Pending]
	landing  = outbox.Landing[stream.Pending]
)

// carry publishes a page of a game's events, one after the other, until one fails.
func (s *shared) carry(d delivery) (l landing) {
	l = landing{Game: d.Game, Progress: d.Progress}
	defer func() {
		if p := recover(); p != nil {
			l.Outcome.Err = fmt.Errorf("publishing panicked: %v", p)
		}
	}()
	if s.carryParked(d, &l) {
		s.carryPending(d, &l)
	}
	return l
}

// carryParked tries the parked events again that are left and that the journal shows. It says whether the delivery goes on.
func (s *shared) carryParked(d delivery, l *landing) bool {
	for len(l.Progress.Retry) > 0 {
		r := l.Progress.Retry[0]
		page, err := s.readBack(d.Game, r.From-1)
		if err != nil {
			l.Outcome.Err = err
			return false
		}
		for _, e := range page {
			if e.Index > r.To {
				break
			}
			accepted, goOn := s.deliver(d, l, e)
			if !accepted {
				return false
			}
			l.Progress.Try(e.Index)
			if !goOn {
				return false
			}
		}
		beyond := len(page) > 0 && page[len(page)-1].Index > r.To
		if beyond || len(page) <= publishPage {
			l.Progress.EndRange(beyond)
		}
	}
	return true
}

// carryPending publishes the events that are pending, as many as a page has.
func (s *shared) carryPending(d delivery, l *landing) {
	pending, err := s.pendingOf(d)
	if err != nil {
		l.Outcome.Err = err
		return
	}
	p := &l.Progress
	p.OldestPendingAt = time.Time{}
	p.Missing = len(pending) == 0 && p.Settled < d.Pending
	for n, e := range pending {
		if n == publishPage || n > 0 && s.handingOver() {
			p.OldestPendingAt = e.Observed.At
			return
		}
		accepted, goOn := s.deliver(d, l, e)
		if !accepted {
			return
		}
		p.Through = e.Index
		p.Settled++
		if !goOn {
			return
		}
	}
}

// handingOver says whether this node of a cluster stops: others go on with the events.
func (s *shared) handingOver() bool { return s.board.stopBegun.Load() && s.inCluster() }

// deliver publishes one event. accepted: it is settled, which is acknowledged or parked. A delivery that is alone doesn't
// go on after its one event.
func (s *shared) deliver(d delivery, l *landing, e *stream.Pending) (accepted, goOn bool) {
	err := s.publishOne(d.Game, e.Observed)
	switch {
	case err == nil:
		l.Outcome.Acked = append(l.Outcome.Acked, e)
		return true, !d.Alone
	case errors.Is(err, ErrTooLarge) && d.Alone:
		l.Outcome.TooLarge = e
		l.Progress.Parked = append(l.Progress.Parked, e.Index)
		return true, false
	case errors.Is(err, ErrTooLarge):
		l.Outcome.TooLarge = e
		return false, false
	default:
		l.Outcome.Err = err
		return false, false
	}
}

// pendingOf returns the next events of a game, one more than a page when there are as many.
func (s *shared) pendingOf(d delivery) ([]*stream.Pending, error) {
	if d.First != nil {
		return []*stream.Pending{d.First}, nil
	}
	return s.readBack(d.Game, d.Progress.Through)
}

func (s *shared) readBack(gameID string, after int64) ([]*stream.Pending, error) {
	ctx, cancel := context.WithTimeout(s.process.ctx, journalTimeout)
	defer cancel()
	page, err := s.Journal.Pending(ctx, gameID, after, publishPage+1)
	if err != nil {
		return nil, fmt.Errorf("read back the undelivered events of game %q: %w", gameID, err)
	}
	pending := make([]*stream.Pending, 0, len(page))
	for _, e := range page {
		pending = append(pending, stream.ReadPending(e.Index, e.Observed))
	}
	return pending, nil
}

// publishOne publishes one event and waits for its acknowledgement.
func (s *shared) publishOne(gameID string, o *stream.Observed) error {
	event := o.Detection
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindProducer)}
	if inspect := spanNamed(event.Traceparent); inspect.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: inspect}))
	}
	ctx, span := s.tracer.Start(s.process.ctx, "publish", options...)
	defer span.End()
	msg := message.NewMessage(event.EventID, event.Value)
	msg.SetContext(ctx)
	msg.Metadata = headersOf(gameID, o)
	err := s.Broker.Publish(s.Topic, msg)
	if span.IsRecording() {
		span.SetAttributes(attribute.String("healthactors.game", gameID), attribute.String("messaging.message.id", event.EventID))
	}
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
		return fmt.Errorf("publish an event of game %q: %w", gameID, err)
	}
	s.metrics.published(event.EventType)
	return nil
}
