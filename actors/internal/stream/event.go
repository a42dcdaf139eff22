// Package stream is a game's stream in the journal as values: what its events say, and the state that they fold into (R1).
// stored.go alone knows the Protocol Buffers that they are stored as.
package stream

import (
	"time"

	"galaxy/healthactors/actors/internal/rules"
)

// Event is one entry of a game's stream.
//
//sumtype:decl
type Event interface{ isEvent() }

// Observed is an observation that changed something: the baseline, the reasons, the container, or it detected. Baseline and
// detection are one entry, so that no crash can separate them (P1).
type Observed struct {
	rules.Observed
	// At is when the Engine answered, by the wall clock.
	At time.Time
	// BeginsLifecycle: it is the first of a lifecycle (H1), and opens the stream.
	BeginsLifecycle bool
	// Detection is what this observation owes to the outside, nil for nothing.
	Detection *Detection
}

// Detection is an event to be published, as the bytes and headers that every delivery carries (P2, C6).
type Detection struct {
	EventID   string
	EventType string
	// Source is the CloudEvents source at the time of the detection.
	Source string
	// Value is the JSON value.
	Value []byte
	// Traceparent is the inspect's span in the format of W3C's Trace Context, empty when it was not sampled.
	Traceparent string
	// Headers are those of the message; nil for an event of a release that did not journal them.
	Headers map[string]string
}

// LifecycleEnded forgets the baseline: the game left the running list or got another container (S2, H8).
type LifecycleEnded struct {
	// At is when, by the wall clock.
	At time.Time
	// Reasons are, of a game that got another container, those of the old one's last observation, against which H6 holds the
	// new one's first. A game that left the list has none.
	Reasons rules.Reasons
}

// DeliveryMarked says how far the stream's detections are settled. It may lag behind the broker, never lead it.
type DeliveryMarked struct {
	// Through: every detection up to this index is acknowledged, or parked as listed below; -1 for none.
	Through int64
	// Pending is how many detections behind that index are still to be published, and OldestPendingAt when the first of them
	// was observed; zero for none.
	Pending         int64
	OldestPendingAt time.Time
	// Parked has the detections that the broker refused as too large (P4), in ascending order.
	Parked []ParkedRange
}

// ParkedRange covers parked detections between two indexes, both included. When ranges are merged to bound their number, a range
// may cover delivered detections too: they are delivered once more.
type ParkedRange struct {
	From, To int64
	// Count is how many parked detections it covers.
	Count int64
}

// Closed ends a stream: the lifecycle is over and all its detections are acknowledged. The next lifecycle of the game goes
// on at the next index.
type Closed struct{}

// Claimed says that a node of a cluster owns the stream from here on (C2). Its index is what counts: the writes of the owner
// before it are refused from then on.
type Claimed struct {
	Node string
	// Claimant names the life of the process that claimed: the same node claims anew when it was started again.
	Claimant string
}

// Unknown is an entry that a later release wrote, of a kind that this one doesn't know. It has its index.
type Unknown struct{}

func (*Observed) isEvent()       {}
func (*LifecycleEnded) isEvent() {}
func (*DeliveryMarked) isEvent() {}
func (*Closed) isEvent()         {}
func (*Claimed) isEvent()        {}
func (*Unknown) isEvent()        {}

// Pending is an observation whose detection is not settled yet, and its index in the stream.
type Pending struct {
	Index    int64
	Observed *Observed
}

// WallTime is a time as the journal gives it back: in UTC, and without a monotonic reading, which would be compared instead.
func WallTime(t time.Time) time.Time { return t.Round(0).UTC() }

// Snapshot is the state of a stream before the event at the snapshot's index.
type Snapshot struct {
	// Observed is the lifecycle's last journaled observation, without its detection; nil between lifecycles.
	Observed *Observed
	Delivery DeliveryMarked
	Gained   Gained
}

// Recovery is what the journal has of a stream.
type Recovery struct {
	// Snapshot is the state before the event at index From; nil when there is none. What it has gained is what its release knew.
	Snapshot *Snapshot
	// From is the index of the first of Events, or the stream's next index when there is none.
	From   int64
	Events []Event
	// Gained is what this release, or another one that knows it, has saved beside the snapshot; nil for nothing.
	Gained *SavedGained
}
