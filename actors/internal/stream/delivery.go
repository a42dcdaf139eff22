package stream

import (
	"slices"
	"time"
)

// maxParkedRanges bounds how much of a game's state is about parked events. Beyond it neighbouring ranges are merged, and
// the next start delivers what lies between them once more, which P2 allows.
const maxParkedRanges = 16

// Settlement is what became of some of a stream's detections: the publisher's answer.
type Settlement struct {
	// Through: every pending detection up to this index is settled, and how many of them that were.
	Through, Settled int64
	// OldestPendingAt is when the next pending detection was observed, zero if none is known.
	OldestPendingAt time.Time
	// Parked are those that the broker refused as too large, of the settled ones and of the retried ones.
	Parked []int64
	// Retried: the detections that were parked before were tried again; those still refused are in Parked.
	Retried bool
}

// Settle returns the delivery mark after a settlement.
func (s *State) Settle(a Settlement) DeliveryMarked {
	parked := s.Delivery.Parked
	if a.Retried {
		parked = nil
	}
	for _, index := range a.Parked {
		parked = park(parked, index)
	}
	return DeliveryMarked{
		Through:         max(a.Through, s.Delivery.Through),
		Pending:         s.Delivery.Pending - a.Settled,
		OldestPendingAt: s.oldestAfter(a),
		Parked:          parked,
	}
}

// oldestAfter is when the oldest detection was observed that is still pending after a settlement. The publisher may not know
// of detections that came while it worked: the lifecycle's last observation is then the oldest.
func (s *State) oldestAfter(a Settlement) time.Time {
	switch {
	case s.Delivery.Pending == a.Settled:
		return time.Time{}
	case !a.OldestPendingAt.IsZero():
		return a.OldestPendingAt
	case a.Settled == 0:
		return s.Delivery.OldestPendingAt
	case s.Observed == nil:
		return time.Time{}
	default:
		return s.Observed.At
	}
}

// HasSettled says whether a delivery is the one after a settlement that ended in this mark. Detections that came since change
// neither how far it goes nor what is parked.
func (m *DeliveryMarked) HasSettled(mark DeliveryMarked) bool {
	return m.Through == mark.Through && slices.Equal(m.Parked, mark.Parked)
}

// ParkedCount counts the detections that the broker refused as too large (P4).
func (m *DeliveryMarked) ParkedCount() int64 {
	var n int64
	for _, r := range m.Parked {
		n += r.Count
	}
	return n
}

// park adds a detection's index to the ranges, which are in ascending order, without changing them.
func park(ranges []ParkedRange, index int64) []ParkedRange {
	ranges = append(slices.Clip(ranges), ParkedRange{From: index, To: index, Count: 1})
	if len(ranges) <= maxParkedRanges {
		return ranges
	}
	narrowest := 1
	for i := range ranges[1:] {
		if ranges[i+1].From-ranges[i].To < ranges[narrowest].From-ranges[narrowest-1].To {
			narrowest = i + 1
		}
	}
	left, right := ranges[narrowest-1], ranges[narrowest]
	merged := ParkedRange{From: left.From, To: right.To, Count: left.Count + right.Count}
	return slices.Replace(ranges, narrowest-1, narrowest+1, merged)
}
