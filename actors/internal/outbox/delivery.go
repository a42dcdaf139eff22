package outbox

import (
	"slices"
	"time"
)

// Request asks to have the pending events of a game published. E is an event as its owner keeps it; the outbox never looks
// into it.
type Request[E any] struct {
	// ID names the request; the settlement has the same.
	ID   uint64
	Game string
	// ReplyTo is who gets the settlement.
	ReplyTo string
	// After is the index up to which the game's events are settled, and Pending how many are to be published behind it, as
	// the asker counts them.
	After, Pending int64
	// First is the first of them, when it is at hand; it spares reading it back from the journal.
	First *E
	// Retry has the parked events that are to be tried once more after a start (P4).
	Retry []Range
	// Misses is how often in a row the journal showed none of the pending events (R7): the next look waits the longer.
	Misses int
}

// Range is a part of a game's stream, from one index to another, both included.
type Range struct{ From, To int64 }

// Progress is how far a delivery has come.
type Progress struct {
	// Through is the index up to which every event is settled, and Settled how many of the request's pending ones that were.
	Through, Settled int64
	// Parked are the indexes of those that the broker refused as too large, the retried ones included.
	Parked []int64
	// OldestPendingAt is when the next pending event was observed; zero where that is not known, or there is none.
	OldestPendingAt time.Time
	// Missing says that the journal showed none of the events that are still pending by the request's count (R7).
	Missing bool
	// Retry is what is left of the request's parked events.
	Retry []Range
}

// Job is a delivery that may be carried now: what its carrier gets.
type Job[E any] struct {
	Request[E]
	// Progress is the carrier's own to go on from.
	Progress Progress
	// Alone says that nothing else is in flight: the one event that is carried now is parked when it is too large even so.
	Alone bool
}

// Landing is a delivery that was carried: what its carrier gives back.
type Landing[E any] struct {
	Game     string
	Progress Progress
	Outcome  Outcome[E]
}

// Outcome is what one carry brought.
type Outcome[E any] struct {
	// Acked are the events that the broker acknowledged.
	Acked []*E
	// TooLarge is an event that the broker refused as too large; nil for none.
	TooLarge *E
	// Err is why the carry ended early; nil for another reason, or none.
	Err error
}

// Settlement answers a request: some of its events are settled.
type Settlement struct {
	// Request is the ID of the request, and ReplyTo who made it.
	Request uint64
	ReplyTo string
	// The progress of the delivery at its end.
	Through, Settled int64
	Parked           []int64
	OldestPendingAt  time.Time
	Missing          bool
	// Retried says that the parked events of the request were tried again; those still refused are in Parked.
	Retried bool
}

// delivery is a game's visit to the outbox.
type delivery[E any] struct {
	request  Request[E]
	progress Progress
	place    place
	// newer is a request that came while this one was waiting or in flight; nil for none.
	newer *Request[E]
}

// place is where a delivery belongs in the queues.
type place struct {
	// failed: some carry failed. alone: nothing else may be in flight.
	failed, alone bool
	// try is the outbox's try that the last carry belongs to.
	try int
}

func newDelivery[E any](r Request[E]) *delivery[E] {
	return &delivery[E]{request: r, progress: Progress{Through: r.After, Retry: r.Retry}}
}

// job is handed to a carrier, and with it the event at hand: later carries read back what they need.
func (d *delivery[E]) job() Job[E] {
	job := Job[E]{Request: d.request, Progress: d.progress, Alone: d.place.alone}
	job.Progress.Parked, job.Progress.Retry = slices.Clone(d.progress.Parked), slices.Clone(d.progress.Retry)
	d.request.First = nil
	return job
}

// settlement is the answer to the request of a delivery that has come to its end.
func (d *delivery[E]) settlement() *Settlement {
	return &Settlement{
		Request:         d.request.ID,
		ReplyTo:         d.request.ReplyTo,
		Through:         d.progress.Through,
		Settled:         d.progress.Settled,
		Parked:          d.progress.Parked,
		OldestPendingAt: d.progress.OldestPendingAt,
		Missing:         d.progress.Missing,
		Retried:         len(d.request.Retry) > 0,
	}
}
