package actors

import (
	"container/list"
	"errors"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

const (
	// publishWindow is how many games' events are in flight at once. A broker's throughput is events in flight by round
	// trip; beyond some hundreds the client's batches are full.
	publishWindow = 256
	// publishPage is how many events of one game are published, one after the other, before it is the next game's turn.
	publishPage = 64
	// carriedMost is how many waiting games may carry their detection in memory; those behind read it back.
	carriedMost = 4096
)

// publisher delivers what the inspectors detected. It works on many games at once and on one event of a game at a time,
// so that a game's events are never reordered (P3). When the broker fails, one event at a time tries again after growing
// pauses, and the others wait in the journal (P4).
type publisher struct {
	*shared

	// Games whose turn it is next; those that never failed go before those that did.
	fresh, failed list.List
	// alone are games whose next event was refused as too large, perhaps only for the batch that it was in. Each is tried
	// with nothing else in flight before it is parked.
	alone list.List
	// games has each game that is queued or in flight.
	games    map[string]*delivery
	inFlight int
	// exclusive: the one delivery in flight wants to be alone.
	exclusive bool
	// window is how many may be in flight now: 1 after a failure, and doubled with each success.
	window int
	// failures in a row, without a success in between, since the first of them.
	failures int
	since    time.Time
	// try counts failed tries. Deliveries that were in flight when a try failed belong to it, and fail in silence.
	try    int
	paused *time.Timer
	// parkedHere are the games whose parked events this process tried already: they wait for the next start.
	parkedHere map[string]bool
	log        publishLog
	parked     parkLog
	flush      *time.Timer
	// flushParked ends the wait for other events that are parked.
	flushParked *time.Timer
	stopped     bool
	// landing is closed when the last delivery in flight has landed after the stop.
	landing chan struct{}
}

// resume ends a pause.
type resume struct{}

// lookDue ends the wait of a game whose events the journal did not show (R7).
type lookDue struct{ *delivery }

// flushLog writes down what was published.
type flushLog struct{}

// flushParked writes down what was parked.
type flushParked struct{}

// stopPublishing ends publishing for good: stopped is closed when nothing begins any more, landed when nothing is in flight.
type stopPublishing struct{ stopped, landed chan struct{} }

func newPublisher(s *shared) *publisher {
	return &publisher{
		shared: s, window: publishWindow, games: map[string]*delivery{}, parkedHere: map[string]bool{},
	}
}

func (p *publisher) Receive(ctx actor.Context) {
	switch msg := ctx.Message().(type) {
	case *v1.Publish:
		p.take(ctx, newDelivery(msg, ctx.Sender()))
	case *delivery:
		p.landed(ctx, msg)
	case resume:
		p.paused = nil
	case lookDue:
		p.fresh.PushBack(msg.delivery)
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
		close(p.publisherGone)
	}
	p.dispatch(ctx)
	if p.landing != nil && p.inFlight == 0 {
		close(p.landing)
		p.landing = nil
	}
}

// take queues a game's request. A newer request of the same game takes the place of the older one.
func (p *publisher) take(ctx actor.Context, d *delivery) {
	if p.parkedHere[d.GetGameId()] {
		d.retry, d.retried = nil, false
	}
	if len(p.games) > carriedMost {
		d.First = nil
	}
	if old := p.games[d.GetGameId()]; old != nil {
		old.newer = d
		return
	}
	p.games[d.GetGameId()] = d
	if d.GetMisses() > 0 && !p.stopped {
		d.wait = p.after(ctx, publishBackoff.pause(int(d.GetMisses()), p.Jitter()), lookDue{d})
		return
	}
	p.fresh.PushBack(d)
}

// dispatch sends what may be in flight now.
func (p *publisher) dispatch(ctx actor.Context) {
	for p.paused == nil && !p.stopped && !p.exclusive && p.inFlight < p.window {
		d := p.next()
		if d == nil {
			return
		}
		d.try = p.try
		p.inFlight++
		p.exclusive = d.alone
		p.work.Add(1)
		self := ctx.Self()
		go func() {
			defer p.work.Done()
			p.carry(d)
			p.system.Root.Send(self, d)
		}()
	}
}

// next takes the delivery whose turn it is out of its queue; nil for none.
func (p *publisher) next() *delivery {
	for _, q := range []*list.List{&p.alone, &p.fresh, &p.failed} {
		if q.Len() == 0 {
			continue
		}
		if q == &p.alone && p.inFlight > 0 {
			return nil // what wants to be alone waits for the rest to land
		}
		return q.Remove(q.Front()).(*delivery)
	}
	return nil
}

// landed takes a delivery back from its turn in flight.
func (p *publisher) landed(ctx actor.Context, d *delivery) {
	p.inFlight--
	p.exclusive = false
	p.count(ctx, d)
	switch {
	case d.err != nil:
		p.failedTry(ctx, d)
		d.failed = true
		p.requeue(d)
	case d.tooLarge != nil && !d.alone:
		d.alone = true
		p.requeue(d)
	case d.alone && len(d.retry) > 0:
		d.alone = false
		p.requeue(d)
	default:
		p.answer(ctx, d)
	}
}

// count takes note of what was acknowledged and of what is parked (P4, P5).
func (p *publisher) count(ctx actor.Context, d *delivery) {
	if len(d.acked) > 0 {
		if p.failures > 0 {
			p.Log.Info("events are published again", "after", time.Since(p.since).Round(time.Millisecond), "failures", p.failures)
		}
		p.failures = 0
		p.window = min(publishWindow, p.window*2)
	}
	if p.log.add(d.GetGameId(), d.acked) {
		p.flush = p.after(ctx, publishLogDelay, flushLog{})
	}
	d.acked = nil
	if d.tooLarge != nil && d.alone {
		p.parkedHere[d.GetGameId()] = true
		if p.parked.add(d.GetGameId(), d.tooLarge) {
			p.flushParked = p.after(ctx, publishLogDelay, flushParked{})
		}
	}
}

// failedTry logs a try once, however many deliveries it failed, and pauses.
func (p *publisher) failedTry(ctx actor.Context, d *delivery) {
	if errors.Is(d.err, ErrBrokerGone) {
		p.fail(d.err)
		p.stopped = true
		return
	}
	if d.try != p.try || p.stopped {
		return
	}
	p.try++
	if p.failures++; p.failures == 1 {
		p.since = time.Now()
	}
	p.window = 1
	pause := publishBackoff.pause(p.failures, p.Jitter())
	p.Log.Error("publish failed, will try again", "error", d.err, "game", d.GetGameId(), "games_waiting", len(p.games),
		"failures", p.failures, "pause", pause.Round(time.Millisecond))
	p.metrics.publishFailed()
	p.paused = p.after(ctx, pause, resume{})
}

// requeue lets a delivery go on where it stopped.
func (p *publisher) requeue(d *delivery) {
	d.err, d.tooLarge, d.First = nil, nil, nil
	switch {
	case d.alone:
		p.alone.PushBack(d)
	case d.failed:
		p.failed.PushBack(d)
	default:
		p.fresh.PushBack(d)
	}
}

// answer tells the inspector what is settled, and makes room for its next request.
func (p *publisher) answer(ctx actor.Context, d *delivery) {
	delete(p.games, d.GetGameId())
	ctx.Send(d.inspector, &v1.Published{
		Request:         d.GetRequest(),
		Through:         d.through,
		Settled:         d.settled,
		OldestPendingAt: d.oldest.GetObservedAt(),
		Parked:          d.parked,
		Retried:         d.retried,
		Missing:         d.missing,
	})
	if d.newer != nil {
		p.take(ctx, d.newer)
	}
}

// quit begins nothing any more. What is in flight returns when the broker is closed.
func (p *publisher) quit() {
	for _, timer := range []*time.Timer{p.paused, p.flush, p.flushParked} {
		if timer != nil {
			timer.Stop()
		}
	}
	for _, d := range p.games {
		if d.wait != nil {
			d.wait.Stop()
		}
	}
	p.stopped = true
	p.log.flush(p.Log)
	p.parked.flush(p.Log)
}

// after sends the publisher a message after a while.
func (p *publisher) after(ctx actor.Context, d time.Duration, msg any) *time.Timer {
	self := ctx.Self()
	return time.AfterFunc(d, func() { p.system.Root.Send(self, msg) })
}
