package actors

import (
	"errors"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"galaxy/healthactors/actors/internal/outbox"
	"galaxy/healthactors/actors/internal/stream"
)

// publisher delivers what the inspectors detected: the outbox says what is carried and when, and the publisher does it.
type publisher struct {
	*shared
	outbox *outbox.Outbox[stream.Pending]

	// paused ends the pause after a failure, and waits those of games whose events the journal did not show (R7).
	paused *time.Timer
	waits  map[string]*time.Timer

	log    publishLog
	parked parkLog
	// flush and flushParked end the wait for other events that are published or parked.
	flush, flushParked *time.Timer
	// landing is closed when the last delivery in flight has landed after the stop.
	landing chan struct{}
}

// resume ends a pause.
type resume struct{}

// lookDue ends the wait of a game whose events the journal did not show (R7).
type lookDue struct{ game string }

// flushLog writes down what was published.
type flushLog struct{}

// flushParked writes down what was parked.
type flushParked struct{}

// stopPublishing ends publishing for good: stopped is closed when nothing begins any more, landed when nothing is in flight.
type stopPublishing struct{ stopped, landed chan struct{} }

func newPublisher(s *shared) *publisher {
	return &publisher{shared: s, outbox: outbox.New[stream.Pending](), waits: map[string]*time.Timer{}}
}

func (p *publisher) Receive(ctx actor.Context) {
	switch msg := ctx.Message().(type) {
	case publish:
		p.wait(ctx, p.outbox.Take(msg))
	case landing:
		p.landed(ctx, msg)
	case resume:
		p.outbox.Resume()
	case lookDue:
		delete(p.waits, msg.game)
		p.outbox.Due(msg.game)
	case tickStarted:
		p.log.tick(p.Log)
	case flushLog:
		p.log.flush(p.Log)
	case flushParked:
		p.parked.flush(p.Log)
	case stopPublishing:
		p.quit()
		p.landing = msg.landed
		close(msg.stopped)
	case *actor.Stopped:
		close(p.process.publisherGone)
	}
	p.dispatch(ctx)
	if p.landing != nil && p.outbox.InFlight() == 0 {
		close(p.landing)
		p.landing = nil
	}
}

// dispatch has carried what may be in flight now.
func (p *publisher) dispatch(ctx actor.Context) {
	self := ctx.Self()
	for d, ok := p.outbox.Next(); ok; d, ok = p.outbox.Next() {
		p.process.work.Go(func() { p.process.send(self, p.carry(d)) })
	}
}

// landed takes a delivery back from its carrier.
func (p *publisher) landed(ctx actor.Context, l landing) {
	if errors.Is(l.Outcome.Err, ErrBrokerGone) {
		p.process.fail(l.Outcome.Err)
		p.outbox.Stop()
	}
	then := p.outbox.Land(time.Now(), l)
	if r := then.Recovered; r != nil {
		p.Log.Info("events are published again", "after", r.After.Round(time.Millisecond), "failures", r.Failures)
	}
	if p.log.add(l.Game, l.Outcome.Acked) {
		p.flush = p.after(ctx, publishLogDelay, flushLog{})
	}
	if then.Parked && p.parked.add(l.Game, l.Outcome.TooLarge) {
		p.flushParked = p.after(ctx, publishLogDelay, flushParked{})
	}
	if f := then.Failed; f != nil {
		p.pause(ctx, l, f)
	}
	if s := then.Settled; s != nil {
		ctx.Send(p.process.system.NewLocalPID(s.ReplyTo), s)
	}
	p.wait(ctx, then.Wait)
}

// pause logs a failed try, and waits before the next.
func (p *publisher) pause(ctx actor.Context, l landing, f *outbox.Failure) {
	pause := publishBackoff.pause(f.Failures, p.Jitter())
	p.Log.Error("publish failed, will try again", "error", l.Outcome.Err, "game", l.Game, "games_waiting", f.GamesWaiting,
		"failures", f.Failures, "pause", pause.Round(time.Millisecond))
	p.metrics.publishFailed()
	p.paused = p.after(ctx, pause, resume{})
}

// wait waits before the journal is looked into again for a game's events; w is nil for none.
func (p *publisher) wait(ctx actor.Context, w *outbox.Wait) {
	if w != nil {
		p.waits[w.Game] = p.after(ctx, publishBackoff.pause(w.Misses, p.Jitter()), lookDue{w.Game})
	}
}

// quit begins nothing any more. What is in flight returns when the broker is closed.
func (p *publisher) quit() {
	for _, timer := range []*time.Timer{p.paused, p.flush, p.flushParked} {
		if timer != nil {
			timer.Stop()
		}
	}
	for _, timer := range p.waits {
		timer.Stop()
	}
	p.outbox.Stop()
	p.log.flush(p.Log)
	p.parked.flush(p.Log)
}

// after sends the publisher a message after a while.
func (p *publisher) after(ctx actor.Context, d time.Duration, msg any) *time.Timer {
	self := ctx.Self()
	return p.process.after(d, self, msg)
}
