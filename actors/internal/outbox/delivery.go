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
	// whoever asks counts them.
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

// Progress is how far a request has come.
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

// Delivery is what a carrier takes to the broker in one go.
type Delivery[E any] struct {
	Request[E]
	// Progress is where the carrier goes on; the value is its own.
	Progress Progress
	// Alone says that nothing else is in flight: the one event that is carried now is parked when it is too large even so.
	Alone bool
}

// Landing is what a carrier gives back of a delivery.
type Landing[E any] struct {
	Game     string
	Progress Progress
	Outcome  Outcome[E]
}

// Outcome is what a delivery brought.
type Outcome[E any] struct {
	// Acked are the events that the broker acknowledged.
	Acked []*E
	// TooLarge is an event that the broker refused as too large; nil for none.
	TooLarge *E
	// Err is why it ended early, if the broker or the journal failed.
	Err error
}

// Settlement answers a request: some of its events are settled.
type Settlement struct {
	// Request is the ID of the request, and ReplyTo who made it.
	Request uint64
	ReplyTo string
	// The progress at its end.
	Through, Settled int64
	Parked           []int64
	OldestPendingAt  time.Time
	Missing          bool
	// Retried says that the parked events of the request were tried again; those still refused are in Parked.
	Retried bool
}

// visit is a game's request from its coming until it is settled, over as many deliveries as that takes.
type visit[E any] struct {
	request  Request[E]
	progress Progress
	standing standing
	// newer is a request that came meanwhile; nil for none.
	newer *Request[E]
}

// standing says in which queue a visit waits, and to which try its delivery in flight belongs.
type standing struct {
	// failed: some delivery failed. alone: nothing else may be in flight with the next.
	failed, alone bool
	try           int
}

func newVisit[E any](r Request[E]) *visit[E] {
	return &visit[E]{request: r, progress: Progress{Through: r.After, Retry: r.Retry}}
}

// delivery is the next one. The first has the event at hand with it; those after it read back what they need.
func (v *visit[E]) delivery() Delivery[E] {
	d := Delivery[E]{Request: v.request, Progress: v.progress, Alone: v.standing.alone}
	d.Progress.Parked, d.Progress.Retry = slices.Clone(v.progress.Parked), slices.Clone(v.progress.Retry)
	v.request.First = nil
	return d
}

// settlement is the answer at the end.
func (v *visit[E]) settlement() *Settlement {
	return &Settlement{
		Request:         v.request.ID,
		ReplyTo:         v.request.ReplyTo,
		Through:         v.progress.Through,
		Settled:         v.progress.Settled,
		Parked:          v.progress.Parked,
		OldestPendingAt: v.progress.OldestPendingAt,
		Missing:         v.progress.Missing,
		Retried:         len(v.request.Retry) > 0,
	}
}
