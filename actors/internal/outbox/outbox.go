// Package outbox is the publisher's queues as data: whose events are published next, how many deliveries are in flight, and
// what becomes of one that lands. It does nothing by itself: whoever asks carries the deliveries, waits, answers and logs.
package outbox

import "time"

const (
	// windowMost is how many games' events are in flight at once. A broker's throughput is events in flight by round trip;
	// beyond some hundreds the client's batches are full.
	windowMost = 256
	// carriedMost is how many waiting games may carry their detection in memory; those behind read it back.
	carriedMost = 4096
)

// Outbox works on many games at once and on one event of a game at a time, so that a game's events are never reordered (P3).
// When the broker fails, one event at a time tries again after growing pauses, and the others wait in the journal (P4).
// It is for one goroutine.
type Outbox[E any] struct {
	// games has each game that waits or is in flight.
	games map[string]*visit[E]
	// Those that wait to be carried: games that never failed go before those that did.
	fresh, failed queue[E]
	// alone are games whose next event was refused as too large, perhaps only for the batch that it was in. Each is tried
	// with nothing else in flight before it is parked.
	alone queue[E]

	inFlight int
	// exclusive: the one delivery in flight wants to be alone.
	exclusive bool
	// window is how many may be in flight now: 1 after a failure, and doubled with each success.
	window int
	// failures in a row, without a success in between, since the first of them.
	failures int
	since    time.Time
	// try counts failed tries. Deliveries that were in flight when a try failed belong to it, and fail in silence.
	try             int
	paused, stopped bool
	// triedHere has the games whose parked events this process tried already, which wait for the next start, and of each those
	// that the journal did not show (R7).
	triedHere map[string][]Range
}

// New returns an outbox with nothing in it.
func New[E any]() *Outbox[E] {
	return &Outbox[E]{games: map[string]*visit[E]{}, window: windowMost, triedHere: map[string][]Range{}}
}

// Wait is a game whose events the journal did not show, as often in a row as Misses says: it is Due after a pause that grows
// with them (R7).
type Wait struct {
	Game   string
	Misses int
}

// Take takes a game's request in. While another of the same game is in hand, it waits until that is settled, in the place of
// one that waited before. A Wait that is returned ends with Due; nil is for none.
func (o *Outbox[E]) Take(r Request[E]) *Wait {
	if unshown, tried := o.triedHere[r.Game]; tried && len(r.Retry) > 0 {
		r.Retry = unshown
	}
	if len(o.games) > carriedMost {
		r.First = nil
	}
	if inHand := o.games[r.Game]; inHand != nil {
		inHand.newer = &r
		return nil
	}
	v := newVisit(r)
	o.games[r.Game] = v
	if r.Misses > 0 && !o.stopped {
		return &Wait{r.Game, r.Misses}
	}
	o.fresh.push(v)
	return nil
}

// Due ends the wait of a game.
func (o *Outbox[E]) Due(game string) { o.fresh.push(o.games[game]) }

// Next returns a delivery that may be carried now, until it says that there is none. Each must Land.
func (o *Outbox[E]) Next() (d Delivery[E], ok bool) {
	if o.paused || o.stopped || o.exclusive || o.inFlight >= o.window {
		return d, false
	}
	v := o.first()
	if v == nil {
		return d, false
	}
	v.standing.try = o.try
	o.inFlight++
	o.exclusive = v.standing.alone
	return v.delivery(), true
}

// first takes the delivery that goes next out of its queue; nil for none.
func (o *Outbox[E]) first() *visit[E] {
	for _, q := range []*queue[E]{&o.alone, &o.fresh, &o.failed} {
		if len(*q) == 0 {
			continue
		}
		if q == &o.alone && o.inFlight > 0 {
			return nil // what wants to be alone waits for the rest to land
		}
		return q.pop()
	}
	return nil
}

// Commands are what a landing calls for, in the order of the fields; nil and false are for nothing.
type Commands struct {
	// Recovered says that events are published again.
	Recovered *Recovery
	// Parked says that the event that was too large is parked.
	Parked bool
	// Failed says that a try failed. Nothing is carried before Resume.
	Failed *Failure
	// Settled is the answer to the game's request.
	Settled *Settlement
	// Wait is that of the game's newer request.
	Wait *Wait
}

// Recovery ends an outage: after so many failures in a row, and so long since the first of them, an event was acknowledged.
type Recovery struct {
	Failures int
	After    time.Duration
}

// Failure is a try that failed, however many deliveries were in flight: the pause before the next grows with the failures in a
// row. GamesWaiting are all that wait or are in flight.
type Failure struct {
	Failures, GamesWaiting int
}

// Land takes back what a carrier brought.
func (o *Outbox[E]) Land(now time.Time, l Landing[E]) (then Commands) {
	v := o.games[l.Game]
	o.inFlight--
	o.exclusive = false
	v.progress = l.Progress
	if len(l.Outcome.Acked) > 0 {
		then.Recovered = o.succeed(now)
	}
	if l.Outcome.TooLarge != nil && v.standing.alone {
		then.Parked = true
		unshown := o.triedHere[l.Game]
		o.triedHere[l.Game] = unshown // what is parked here had its try
	}
	switch {
	case l.Outcome.Err != nil:
		then.Failed = o.fail(now, v.standing.try)
		v.standing.failed = true
		o.requeue(v)
	case l.Outcome.TooLarge != nil && !v.standing.alone:
		v.standing.alone = true
		o.requeue(v)
	case v.standing.alone && len(v.progress.Retry) > 0:
		v.standing.alone = false
		o.requeue(v)
	default:
		delete(o.games, l.Game)
		if _, tried := o.triedHere[l.Game]; len(v.request.Retry) > 0 && (tried || len(v.progress.Unshown) > 0) {
			o.triedHere[l.Game] = v.progress.Unshown
		}
		then.Settled = v.settlement()
		if v.newer != nil {
			then.Wait = o.Take(*v.newer)
		}
	}
	return then
}

// succeed opens the window further, and ends an outage if there was one.
func (o *Outbox[E]) succeed(now time.Time) (ended *Recovery) {
	if o.failures > 0 {
		ended = &Recovery{o.failures, now.Sub(o.since)}
	}
	o.failures = 0
	o.window = min(windowMost, o.window*2)
	return ended
}

// fail counts a try once, however many deliveries it failed, and pauses.
func (o *Outbox[E]) fail(now time.Time, try int) *Failure {
	if try != o.try || o.stopped {
		return nil
	}
	o.try++
	if o.failures++; o.failures == 1 {
		o.since = now
	}
	o.window = 1
	o.paused = true
	return &Failure{Failures: o.failures, GamesWaiting: len(o.games)}
}

// requeue lets a visit go on where it stopped.
func (o *Outbox[E]) requeue(v *visit[E]) {
	switch {
	case v.standing.alone:
		o.alone.push(v)
	case v.standing.failed:
		o.failed.push(v)
	default:
		o.fresh.push(v)
	}
}

// Resume ends the pause after a failure.
func (o *Outbox[E]) Resume() { o.paused = false }

// Stop ends it for good: nothing is carried any more, failures are silent, and nobody waits. What is in flight lands.
func (o *Outbox[E]) Stop() { o.stopped = true }

// InFlight is how many deliveries have yet to land.
func (o *Outbox[E]) InFlight() int { return o.inFlight }

// queue is visits in the order in which they wait.
type queue[E any] []*visit[E]

func (q *queue[E]) push(v *visit[E]) { *q = append(*q, v) }

func (q *queue[E]) pop() *visit[E] {
	v := (*q)[0]
	(*q)[0] = nil // so that it isn't kept in memory
	*q = (*q)[1:]
	return v
}
