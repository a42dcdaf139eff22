package actors

import (
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// maxParkedRanges bounds how much of a game's state is about parked events. Beyond it neighbouring ranges are merged, and
// the next start delivers what lies between them once more, which P2 allows.
const maxParkedRanges = 16

// stream is the state of a game: the fold of its journaled events.
type stream struct {
	// next is the index of the next event.
	next int64
	// open from the first observation of a lifecycle until everything is ended and delivered.
	open bool
	// observed is the lifecycle's last observation without its detection, nil between lifecycles. It holds the baseline.
	observed *v1.Observed
	// ended says how the lifecycle before ended, until the next one's first observation. It is nil where nothing of it matters
	// any more: the game left the list, or its old container had no reasons (H6, H8).
	ended *v1.LifecycleEnded
	// claimant is the process that claimed the stream last, as far as the events since the last snapshot tell (C2).
	claimant string
	// delivery says how far the detections are settled; never nil after recovery.
	delivery *v1.DeliveryMarked
}

// noDelivery is the delivery of a stream without detections; it is shared and never written to.
var noDelivery = &v1.DeliveryMarked{Through: -1}

func newStream(next int64, snapshot *v1.Snapshot) stream {
	s := stream{next: next, delivery: noDelivery}
	if snapshot != nil {
		s.observed, s.ended = snapshot.GetObserved(), snapshot.GetLifecycleEnded()
		s.open = true
		if d := snapshot.GetDelivery(); d != nil {
			s.delivery = d
		}
	}
	return s
}

// recoveredStream is the state that a recovery tells of.
func recoveredStream(r Recovery) stream {
	s := newStream(r.From, r.Snapshot)
	for _, event := range r.Events {
		s.apply(event)
	}
	return s
}

// apply takes the event at index s.next into the state.
func (s *stream) apply(event *v1.JournalEvent) {
	switch kind := event.GetKind().(type) {
	case *v1.JournalEvent_Observed:
		s.open = true
		s.observed, s.ended = withoutDetection(kind.Observed), nil
		if kind.Observed.GetDetection() != nil {
			s.addPending(kind.Observed.GetObservedAt())
		}
	case *v1.JournalEvent_LifecycleEnded:
		s.observed, s.ended = nil, nil
		if len(kind.LifecycleEnded.GetReasons()) > 0 {
			s.ended = kind.LifecycleEnded
		}
	case *v1.JournalEvent_DeliveryMarked:
		s.delivery = kind.DeliveryMarked
	case *v1.JournalEvent_StreamClosed:
		s.open = false
	case *v1.JournalEvent_Claimed:
		s.claimant = kind.Claimed.GetClaimant()
	}
	s.next++
}

// addPending counts one more detection that is to be published.
func (s *stream) addPending(at *timestamppb.Timestamp) {
	oldest := s.delivery.GetOldestPendingAt()
	if s.pending() == 0 {
		oldest = at
	}
	s.delivery = &v1.DeliveryMarked{
		Through:         s.delivery.GetThrough(),
		Pending:         s.pending() + 1,
		OldestPendingAt: oldest,
		Parked:          s.delivery.GetParked(),
	}
}

// pending counts the detections that are to be published.
func (s *stream) pending() int64 { return s.delivery.GetPending() }

// parked counts the detections that the broker refused as too large (P4).
func (s *stream) parked() int64 {
	var n int64
	for _, r := range s.delivery.GetParked() {
		n += r.GetCount()
	}
	return n
}

// snapshot is the state to be saved, and the first index that must stay in the journal for what is not delivered.
func (s *stream) snapshot() (snapshot *v1.Snapshot, keepFrom int64) {
	keepFrom = s.next
	if s.pending() > 0 {
		keepFrom = s.delivery.GetThrough() + 1
	}
	for _, r := range s.delivery.GetParked() {
		keepFrom = min(keepFrom, r.GetFrom())
	}
	return &v1.Snapshot{Observed: s.observed, Delivery: s.delivery, LifecycleEnded: s.ended}, keepFrom
}

// settle returns the delivery mark after the publisher's answer.
func (s *stream) settle(p *v1.Published) *v1.DeliveryMarked {
	parked := s.delivery.GetParked()
	if p.GetRetried() {
		parked = nil
	}
	for _, index := range p.GetParked() {
		parked = park(parked, index)
	}
	return &v1.DeliveryMarked{
		Through:         max(p.GetThrough(), s.delivery.GetThrough()),
		Pending:         s.pending() - p.GetSettled(),
		OldestPendingAt: s.oldestAfter(p),
		Parked:          parked,
	}
}

// oldestAfter is when the oldest detection was observed that is still pending after the publisher's answer. The publisher
// may not know of detections that came while it worked: the lifecycle's last observation is then the oldest.
func (s *stream) oldestAfter(p *v1.Published) *timestamppb.Timestamp {
	switch {
	case s.pending() == p.GetSettled():
		return nil
	case p.GetOldestPendingAt() != nil:
		return p.GetOldestPendingAt()
	case p.GetSettled() == 0:
		return s.delivery.GetOldestPendingAt()
	default:
		return s.observed.GetObservedAt()
	}
}

// park adds a detection's index to the ranges, which are in ascending order, without changing them.
func park(ranges []*v1.ParkedRange, index int64) []*v1.ParkedRange {
	ranges = append(slices.Clip(ranges), &v1.ParkedRange{From: index, To: index, Count: 1})
	if len(ranges) <= maxParkedRanges {
		return ranges
	}
	narrowest := 1
	for i := range ranges[1:] {
		if ranges[i+1].GetFrom()-ranges[i].GetTo() < ranges[narrowest].GetFrom()-ranges[narrowest-1].GetTo() {
			narrowest = i + 1
		}
	}
	left, right := ranges[narrowest-1], ranges[narrowest]
	merged := &v1.ParkedRange{From: left.GetFrom(), To: right.GetTo(), Count: left.GetCount() + right.GetCount()}
	return append(append(ranges[:narrowest-1:narrowest-1], merged), ranges[narrowest+1:]...)
}

// withoutDetection returns the observation for keeping: what was detected is in the journal.
func withoutDetection(o *v1.Observed) *v1.Observed {
	if o.GetDetection() == nil {
		return o
	}
	return &v1.Observed{
		ContainerId:       o.GetContainerId(),
		Engine:            o.GetEngine(),
		EngineContainerId: o.GetEngineContainerId(),
		RestartCount:      o.GetRestartCount(),
		State:             o.GetState(),
		Health:            o.GetHealth(),
		Reasons:           o.GetReasons(),
		ObservedAt:        o.GetObservedAt(),
		BeginsLifecycle:   o.GetBeginsLifecycle(),
	}
}
