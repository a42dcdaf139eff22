package stream

import (
	"maps"
	"math/bits"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"galaxy/healthactors/actors/internal/rules"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// What is stored outlives the binary that wrote it. A field of a later release is lost on the way through these values: what a
// game's state gains in a release is therefore stored beside its entries (C6).

// Stored is an event as the journal stores it.
func Stored(event Event) *v1.JournalEvent {
	switch e := event.(type) {
	case *Observed:
		return &v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: storedObserved(e)}}
	case *LifecycleEnded:
		return &v1.JournalEvent{Kind: &v1.JournalEvent_LifecycleEnded{LifecycleEnded: storedEnd(e)}}
	case *DeliveryMarked:
		return &v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: storedMark(e)}}
	case *Closed:
		return &v1.JournalEvent{Kind: &v1.JournalEvent_StreamClosed{StreamClosed: &v1.StreamClosed{}}}
	case *Claimed:
		return &v1.JournalEvent{Kind: &v1.JournalEvent_Claimed{Claimed: &v1.Claimed{Node: e.Node, Claimant: e.Claimant}}}
	case *Unknown:
	}
	return &v1.JournalEvent{}
}

// Read is an event as it was stored.
func Read(stored *v1.JournalEvent) Event {
	switch kind := stored.GetKind().(type) {
	case *v1.JournalEvent_Observed:
		return readObserved(kind.Observed)
	case *v1.JournalEvent_LifecycleEnded:
		return readEnd(kind.LifecycleEnded)
	case *v1.JournalEvent_DeliveryMarked:
		mark := readMark(kind.DeliveryMarked)
		return &mark
	case *v1.JournalEvent_StreamClosed:
		return &Closed{}
	case *v1.JournalEvent_Claimed:
		return &Claimed{Node: kind.Claimed.GetNode(), Claimant: kind.Claimed.GetClaimant()}
	default:
		return &Unknown{}
	}
}

// equal says whether two events are stored alike.
func equal(a, b Event) bool { return proto.Equal(Stored(a), Stored(b)) }

// StoredSnapshot is a snapshot as the journal stores it, and what the journal keeps beside it.
func StoredSnapshot(s *Snapshot) (*v1.Snapshot, *v1.GainedState) {
	ended := storedEnd(s.Gained.Ended) // a release that has no GainedState yet looks for it in the snapshot
	return &v1.Snapshot{Observed: storedObserved(s.Observed), Delivery: storedMark(&s.Delivery), LifecycleEnded: ended},
		&v1.GainedState{LifecycleEnded: ended}
}

// ReadRecovery is what the journal has of a stream: a snapshot, nil for none, and the events from an index on.
func ReadRecovery(snapshot *v1.Snapshot, from int64, events []*v1.JournalEvent) Recovery {
	r := Recovery{From: from, Events: readEvents(events)}
	if snapshot != nil {
		r.Snapshot = &Snapshot{
			Observed: readObserved(snapshot.GetObserved()),
			Delivery: DeliveryMarked{Through: -1},
			Gained:   Gained{Ended: readEnd(snapshot.GetLifecycleEnded())},
		}
		if mark := snapshot.GetDelivery(); mark != nil {
			r.Snapshot.Delivery = readMark(mark)
		}
	}
	return r
}

// ReadGained is what was saved beside a stream's snapshot before the event at an index, and the events from there on.
func ReadGained(stored *v1.GainedState, from int64, since []*v1.JournalEvent) *SavedGained {
	return &SavedGained{Gained: Gained{Ended: readEnd(stored.GetLifecycleEnded())}, From: from, Since: readEvents(since)}
}

func readEvents(stored []*v1.JournalEvent) []Event {
	events := make([]Event, 0, len(stored))
	for _, e := range stored {
		events = append(events, Read(e))
	}
	return events
}

// ReadPending is a pending detection as it was stored.
func ReadPending(index int64, stored *v1.Observed) *Pending {
	return &Pending{Index: index, Observed: readObserved(stored)}
}

func storedObserved(o *Observed) *v1.Observed {
	if o == nil {
		return nil
	}
	stored := &v1.Observed{
		ContainerId:       o.Container,
		Engine:            o.Engine,
		EngineContainerId: o.ID,
		RestartCount:      o.RestartCount,
		State:             o.State,
		Health:            o.Health,
		Reasons:           storedReasons(o.Reasons),
		ObservedAt:        storedTime(o.At),
		BeginsLifecycle:   o.BeginsLifecycle,
	}
	stored.Detection = storedDetection(o.Detection)
	return stored
}

func readObserved(stored *v1.Observed) *Observed {
	if stored == nil {
		return nil
	}
	o := &Observed{
		Observed: rules.Observed{
			Place: rules.Place{Container: stored.GetContainerId(), Engine: stored.GetEngine()},
			Observation: rules.Observation{
				ID:           stored.GetEngineContainerId(),
				RestartCount: stored.GetRestartCount(),
				State:        stored.GetState(),
				Health:       stored.GetHealth(),
			},
			Reasons: readReasons(stored.GetReasons()),
		},
		At:              readTime(stored.GetObservedAt()),
		BeginsLifecycle: stored.GetBeginsLifecycle(),
	}
	o.Detection = readDetection(stored.GetDetection())
	return o
}

func storedDetection(d *Detection) *v1.Detection {
	if d == nil {
		return nil
	}
	stored := &v1.Detection{
		EventId: d.EventID, EventType: d.EventType, Source: d.Source, Value: d.Value, Traceparent: d.Traceparent,
	}
	for _, key := range slices.Sorted(maps.Keys(d.Headers)) {
		stored.Headers = append(stored.Headers, &v1.Header{Key: key, Value: d.Headers[key]})
	}
	return stored
}

func readDetection(stored *v1.Detection) *Detection {
	if stored == nil {
		return nil
	}
	d := &Detection{
		EventID: stored.GetEventId(), EventType: stored.GetEventType(), Source: stored.GetSource(), Value: stored.GetValue(),
		Traceparent: stored.GetTraceparent(),
	}
	if headers := stored.GetHeaders(); len(headers) > 0 {
		d.Headers = make(map[string]string, len(headers))
		for _, h := range headers {
			d.Headers[h.GetKey()] = h.GetValue()
		}
	}
	return d
}

func storedEnd(e *LifecycleEnded) *v1.LifecycleEnded {
	if e == nil {
		return nil
	}
	return &v1.LifecycleEnded{At: storedTime(e.At), Reasons: storedReasons(e.Reasons)}
}

func readEnd(stored *v1.LifecycleEnded) *LifecycleEnded {
	if stored == nil {
		return nil
	}
	return &LifecycleEnded{At: readTime(stored.GetAt()), Reasons: readReasons(stored.GetReasons())}
}

func storedMark(m *DeliveryMarked) *v1.DeliveryMarked {
	stored := &v1.DeliveryMarked{Through: m.Through, Pending: m.Pending, OldestPendingAt: storedTime(m.OldestPendingAt)}
	for _, r := range m.Parked {
		stored.Parked = append(stored.Parked, &v1.ParkedRange{From: r.From, To: r.To, Count: r.Count})
	}
	return stored
}

func readMark(stored *v1.DeliveryMarked) DeliveryMarked {
	m := DeliveryMarked{
		Through: stored.GetThrough(), Pending: stored.GetPending(), OldestPendingAt: readTime(stored.GetOldestPendingAt()),
	}
	for _, r := range stored.GetParked() {
		m.Parked = append(m.Parked, ParkedRange{From: r.GetFrom(), To: r.GetTo(), Count: r.GetCount()})
	}
	return m
}

// Reason n of the journal is bit n of the set.
func storedReasons(set rules.Reasons) []v1.Reason {
	var stored []v1.Reason
	for reason := range set.Each() {
		stored = append(stored, v1.Reason(bits.TrailingZeros32(uint32(reason))))
	}
	return stored
}

func readReasons(stored []v1.Reason) (set rules.Reasons) {
	for _, reason := range stored {
		if reason > 0 { // a shift by less panics
			set |= 1 << reason
		}
	}
	return set
}

// The zero time is stored as none.
func storedTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func readTime(stored *timestamppb.Timestamp) time.Time {
	if stored == nil {
		return time.Time{}
	}
	return stored.AsTime()
}
