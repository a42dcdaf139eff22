package actors

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

func observedEvent(second int64, detected bool) *v1.JournalEvent {
	o := &v1.Observed{ContainerId: "c", State: "exited", ObservedAt: timestamppb.New(time.Unix(second, 0))}
	if detected {
		o.Detection = &v1.Detection{EventId: "id"}
	}
	return &v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: o}}
}

func markEvent(m *v1.DeliveryMarked) *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: m}}
}

// TestR1AStreamRecoversFromEverySnapshot: the state after a snapshot and the events from it on is that of all the events,
// wherever the snapshot was taken.
func TestR1AStreamRecoversFromEverySnapshot(t *testing.T) {
	events := []*v1.JournalEvent{
		observedEvent(1, false),
		observedEvent(2, true),
		observedEvent(3, true),
		markEvent(&v1.DeliveryMarked{Through: 1, Pending: 1, OldestPendingAt: timestamppb.New(time.Unix(3, 0))}),
		observedEvent(4, true),
		markEvent(&v1.DeliveryMarked{Through: 4, Parked: []*v1.ParkedRange{{From: 4, To: 4, Count: 1}}}),
		{Kind: &v1.JournalEvent_LifecycleEnded{LifecycleEnded: &v1.LifecycleEnded{}}},
		{Kind: &v1.JournalEvent_StreamClosed{StreamClosed: &v1.StreamClosed{}}},
		observedEvent(9, false),
	}
	replay := func(s stream, events []*v1.JournalEvent) stream {
		for _, e := range events {
			s.apply(e)
		}
		return s
	}
	want := replay(newStream(0, nil), events)
	if want.next != int64(len(events)) || want.parked() != 1 || want.pending() != 0 || !want.open {
		t.Fatalf("state after all events: %+v", want)
	}
	for at := range events {
		before := replay(newStream(0, nil), events[:at])
		snapshot, _ := before.snapshot()
		stored, err := proto.Marshal(snapshot)
		if err != nil {
			t.Fatal(err)
		}
		read := &v1.Snapshot{}
		if err := proto.Unmarshal(stored, read); err != nil {
			t.Fatal(err)
		}
		got := replay(newStream(int64(at), read), events[at:])
		if d := cmp.Diff(want, got, cmp.AllowUnexported(stream{}), protocmp.Transform()); d != "" {
			t.Errorf("snapshot at %d (-want +got):\n%s", at, d)
		}
	}
}

// TestR1AStreamIsOpenFromTheFirstObservationToItsEnd: that is how a node finds at its start what it left behind (R1, R2).
func TestR1AStreamIsOpenFromTheFirstObservationToItsEnd(t *testing.T) {
	s := newStream(0, nil)
	for _, step := range []struct {
		event *v1.JournalEvent
		open  bool
	}{
		{observedEvent(1, false), true},
		{&v1.JournalEvent{Kind: &v1.JournalEvent_LifecycleEnded{LifecycleEnded: &v1.LifecycleEnded{}}}, true},
		{&v1.JournalEvent{Kind: &v1.JournalEvent_StreamClosed{StreamClosed: &v1.StreamClosed{}}}, false},
		{observedEvent(2, false), true},
	} {
		if s.apply(step.event); s.open != step.open {
			t.Errorf("after %v it is open: %t", step.event, s.open)
		}
	}
}

func TestR1ASnapshotKeepsWhatIsNotDelivered(t *testing.T) {
	tests := []struct {
		name     string
		delivery *v1.DeliveryMarked
		want     int64
	}{
		{"all delivered", &v1.DeliveryMarked{Through: 40}, 50},
		{"some pending", &v1.DeliveryMarked{Through: 40, Pending: 2}, 41},
		{"some parked", &v1.DeliveryMarked{Through: 40, Pending: 2, Parked: []*v1.ParkedRange{{From: 7, To: 8, Count: 1}}}, 7},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := stream{next: 50, delivery: tt.delivery}
			if _, keepFrom := s.snapshot(); keepFrom != tt.want {
				t.Errorf("keep from %d, want %d", keepFrom, tt.want)
			}
		})
	}
}

// TestSettle holds what a mark says of detections that are pending or parked to P4.
func TestSettle(t *testing.T) {
	at := func(second int64) *timestamppb.Timestamp { return timestamppb.New(time.Unix(second, 0)) }
	one := []*v1.ParkedRange{{From: 3, To: 3, Count: 1}}
	tests := []struct {
		name     string
		delivery *v1.DeliveryMarked
		answer   *v1.Published
		want     *v1.DeliveryMarked
	}{
		{
			"P4 all", &v1.DeliveryMarked{Through: -1, Pending: 2, OldestPendingAt: at(1)},
			&v1.Published{Through: 7, Settled: 2}, &v1.DeliveryMarked{Through: 7},
		},
		{
			"P4 a page", &v1.DeliveryMarked{Through: -1, Pending: 9, OldestPendingAt: at(1)},
			&v1.Published{Through: 7, Settled: 2, OldestPendingAt: at(3)},
			&v1.DeliveryMarked{Through: 7, Pending: 7, OldestPendingAt: at(3)},
		},
		{
			"P4 one came meanwhile", &v1.DeliveryMarked{Through: -1, Pending: 3, OldestPendingAt: at(1)},
			&v1.Published{Through: 7, Settled: 2}, &v1.DeliveryMarked{Through: 7, Pending: 1, OldestPendingAt: at(99)},
		},
		{
			"P4 parked", &v1.DeliveryMarked{Through: 2, Pending: 1, OldestPendingAt: at(1)},
			&v1.Published{Through: 3, Settled: 1, Parked: []int64{3}}, &v1.DeliveryMarked{Through: 3, Parked: one},
		},
		{
			"P4 parked and delivered at last", &v1.DeliveryMarked{Through: 9, Parked: one},
			&v1.Published{Through: 9, Retried: true}, &v1.DeliveryMarked{Through: 9},
		},
		{
			"P4 parked and refused again", &v1.DeliveryMarked{Through: 9, Parked: one},
			&v1.Published{Through: 9, Retried: true, Parked: []int64{3}}, &v1.DeliveryMarked{Through: 9, Parked: one},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := stream{next: 20, delivery: tt.delivery, observed: &v1.Observed{ObservedAt: at(99)}}
			if d := cmp.Diff(tt.want, s.settle(tt.answer), protocmp.Transform()); d != "" {
				t.Errorf("mark (-want +got):\n%s", d)
			}
		})
	}
}

// Parked events are never forgotten, and what a game's state says of them stays small.
func TestP4ParkMergesTheClosest(t *testing.T) {
	var ranges []*v1.ParkedRange
	for n := range int64(1000) {
		ranges = park(ranges, n*n)
	}
	if len(ranges) != maxParkedRanges {
		t.Errorf("ranges: %d, want %d", len(ranges), maxParkedRanges)
	}
	var count int64
	for _, r := range ranges {
		count += r.GetCount()
	}
	if count != 1000 || ranges[0].GetFrom() != 0 || ranges[len(ranges)-1].GetTo() != 999*999 {
		t.Errorf("they cover %d from %d to %d", count, ranges[0].GetFrom(), ranges[len(ranges)-1].GetTo())
	}
	if last := ranges[len(ranges)-1]; last.GetFrom() != 999*999 {
		t.Errorf("the last one, far from all others, was merged: %v", last)
	}
	for i := range ranges[1:] {
		if ranges[i].GetTo() >= ranges[i+1].GetFrom() {
			t.Errorf("out of order: %v, %v", ranges[i], ranges[i+1])
		}
	}
}
