package actorstest

import (
	"google.golang.org/protobuf/proto"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// A node of an older release (Process.Older) knows nothing that the present one has added to what the journal has: it neither reads it
// nor writes it, and what is beside a snapshot stays (C6).

// ofOlder is a snapshot as an older release knows it; nil for none.
func ofOlder(s *v1.Snapshot) *v1.Snapshot {
	if s == nil {
		return nil
	}
	return &v1.Snapshot{Observed: s.GetObserved(), Delivery: s.GetDelivery()}
}

// withoutHeaders is an event as an older release knows it.
func withoutHeaders(event *v1.JournalEvent) *v1.JournalEvent {
	event = proto.CloneOf(event)
	if d := event.GetObserved().GetDetection(); d != nil {
		d.Headers = nil
	}
	return event
}
