package actors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/actors/internal/turns"
)

// inspection is one look at a container: it waits for its turn, asks the Engine, and sends the inspector the answer.
type inspection struct {
	request uint64
	place   rules.Place
	// cameBack: it is the first since the game came back onto the running list (S2).
	cameBack bool
	turn     *turns.Turn
	cancel   context.CancelFunc
}

// answer is what came of an inspection. It is an inspector's message to itself and never leaves the process.
type answer struct {
	inspection *inspection
	seen       Observation
	err        error
	// at is the wall-clock time of the answer; took is how long the Engine needed.
	at   time.Time
	took time.Duration
	// span is that of the inspect.
	span trace.SpanContext
}

// begin queues an inspection for its turn (S5); a game that timed out last time waits in the lane (S4).
func (i *inspector) begin(ctx actor.Context, msg inspect) *inspection {
	self, engine := ctx.Self(), i.Engines[msg.place.Engine]
	askCtx, cancel := context.WithCancel(i.process.ctx)
	if tick := spanNamed(msg.traceparent); tick.IsValid() {
		askCtx = trace.ContextWithSpanContext(askCtx, tick.WithRemote(false))
	}
	n := &inspection{request: msg.request, place: msg.place, cameBack: msg.cameBack, cancel: cancel}
	i.process.work.Add(1)
	n.turn = i.turns[msg.place.Engine].Enqueue(i.timedOut, func() {
		defer i.process.work.Done()
		answer := i.ask(askCtx, engine, n)
		cancel()
		i.process.send(self, answer)
	})
	return n
}

// cutOff ends the inspect under way, whose answer will be dropped.
func (i *inspector) cutOff() {
	if i.underWay == nil {
		return
	}
	i.underWay.cancel()
	if i.turns[i.underWay.place.Engine].Withdraw(i.underWay.turn) {
		i.process.work.Done()
	}
	i.underWay = nil
}

// ask inspects the container once.
func (s *shared) ask(ctx context.Context, engine Engine, n *inspection) (a *answer) {
	ctx, cancel := context.WithTimeout(ctx, s.InspectTimeout)
	defer cancel()
	ctx, span := s.tracer.Start(ctx, "inspect", trace.WithSpanKind(trace.SpanKindClient))
	defer span.End()
	began := time.Now()
	a = &answer{inspection: n, span: span.SpanContext()}
	defer func() {
		if p := recover(); p != nil {
			a.err = fmt.Errorf("the engine's adapter panicked: %v", p)
		}
		a.at, a.took = s.Clock(), time.Since(began)
		if span.IsRecording() {
			describe(span, a)
		}
	}()
	a.seen, a.err = engine.Inspect(ctx, n.place.Container)
	return a
}

func describe(span trace.Span, a *answer) {
	span.SetAttributes(
		attribute.String("container.id", a.inspection.place.Container),
		attribute.String("healthactors.engine", a.inspection.place.Engine),
	)
	if a.err != nil {
		span.SetStatus(codes.Error, a.err.Error())
	}
}

// outcome says how the inspect ended (H9, H10).
func (a *answer) outcome(timeout time.Duration) inspected {
	switch {
	case a.err == nil:
		return inspected{outcome: outcomeOK}
	case errors.Is(a.err, ErrNoSuchContainer):
		return inspected{outcome: outcomeNotFound, err: ErrNoSuchContainer.Error()}
	case errors.Is(a.err, context.DeadlineExceeded):
		return inspected{outcome: outcomeTimeout, err: fmt.Sprintf("no answer within %s", timeout)}
	default:
		return inspected{outcome: outcomeError, err: a.err.Error(), unreachable: errors.Is(a.err, ErrEngineUnreachable)}
	}
}
