package stream

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors/internal/rules"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

func observed(second int64, detected bool) *Observed {
	o := &Observed{
		Observed: rules.Observed{Place: rules.Place{Container: "c"}, Observation: rules.Observation{State: "exited"}}, At: at(second),
	}
	if detected {
		o.Detection = &Detection{EventID: "id"}
	}
	return o
}

func at(second int64) time.Time { return time.Unix(second, 0).UTC() }

// TestR1AStreamRecoversFromEverySnapshot: the state after a snapshot and the events from it on is that of all the events,
// wherever the snapshot was taken.
func TestR1AStreamRecoversFromEverySnapshot(t *testing.T) {
	events := []Event{
		observed(1, false),
		observed(2, true),
		observed(3, true),
		&DeliveryMarked{Through: 1, Pending: 1, OldestPendingAt: at(3)},
		observed(4, true),
		&DeliveryMarked{Through: 4, Parked: []ParkedRange{{From: 4, To: 4, Count: 1}}},
		&LifecycleEnded{},
		&Closed{},
		observed(9, false),
	}
	replay := func(s State, events []Event) State {
		for _, e := range events {
			s.Apply(e)
		}
		return s
	}
	want := replay(New(0, nil), events)
	if want.Next != int64(len(events)) || want.Delivery.ParkedCount() != 1 || want.Delivery.Pending != 0 || !want.Open {
		t.Fatalf("state after all events: %+v", want)
	}
	for n := range events {
		before := replay(New(0, nil), events[:n])
		got := replay(Begin(saved(t, before)), events[n:])
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("snapshot at %d (-want +got):\n%s", n, d)
		}
	}
}

// saved is what a recovery reads when the snapshot of a state was the last thing that was written.
func saved(t *testing.T, s State) Recovery {
	t.Helper()
	snapshot, _ := s.Snapshot()
	stored, gained := StoredSnapshot(snapshot)
	readSnapshot, readGained := &v1.Snapshot{}, &v1.GainedState{}
	throughBytes(t, stored, readSnapshot)
	throughBytes(t, gained, readGained)
	r := ReadRecovery(readSnapshot, s.Next, nil)
	r.Gained = ReadGained(readGained, s.Next, nil)
	return r
}

func throughBytes(t *testing.T, from, to proto.Message) {
	t.Helper()
	stored, err := proto.Marshal(from)
	if err == nil {
		err = proto.Unmarshal(stored, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestR1AStreamIsOpenFromTheFirstObservationToItsEnd: that is how a node finds at its start what it left behind (R1, R2).
func TestR1AStreamIsOpenFromTheFirstObservationToItsEnd(t *testing.T) {
	s := New(0, nil)
	for _, step := range []struct {
		event Event
		open  bool
	}{
		{observed(1, false), true},
		{&LifecycleEnded{}, true},
		{&Closed{}, false},
		{observed(2, false), true},
	} {
		if s.Apply(step.event); s.Open != step.open {
			t.Errorf("after %T it is open: %t", step.event, s.Open)
		}
	}
}

func TestR1ASnapshotKeepsWhatIsNotDelivered(t *testing.T) {
	tests := []struct {
		name     string
		delivery DeliveryMarked
		want     int64
	}{
		{"all delivered", DeliveryMarked{Through: 40}, 50},
		{"some pending", DeliveryMarked{Through: 40, Pending: 2}, 41},
		{"some parked", DeliveryMarked{Through: 40, Pending: 2, Parked: []ParkedRange{{From: 7, To: 8, Count: 1}}}, 7},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := State{Next: 50, Delivery: tt.delivery}
			if _, keepFrom := s.Snapshot(); keepFrom != tt.want {
				t.Errorf("keep from %d, want %d", keepFrom, tt.want)
			}
		})
	}
}

// TestP4ADetectionIsPendingBesideTheOthers: it changes nothing of what is settled, parked or pending before it.
func TestP4ADetectionIsPendingBesideTheOthers(t *testing.T) {
	parked := []ParkedRange{{From: 3, To: 3, Count: 1}}
	s := State{Next: 9, Delivery: DeliveryMarked{Through: 4, Parked: parked}}
	s.Apply(observed(9, true))
	s.Apply(observed(10, true))
	want := DeliveryMarked{Through: 4, Pending: 2, OldestPendingAt: at(9), Parked: parked}
	if d := cmp.Diff(want, s.Delivery); d != "" {
		t.Errorf("mark (-want +got):\n%s", d)
	}
}

// TestSettle holds what a mark says of detections that are pending or parked to P4, and that it never goes back to P2.
func TestSettle(t *testing.T) {
	one := []ParkedRange{{From: 3, To: 3, Count: 1}}
	tests := []struct {
		name     string
		delivery DeliveryMarked
		answer   Settlement
		want     DeliveryMarked
	}{
		{
			"P4 all",
			DeliveryMarked{Through: -1, Pending: 2, OldestPendingAt: at(1)},
			Settlement{Through: 7, Settled: 2},
			DeliveryMarked{Through: 7},
		},
		{
			"P4 a page",
			DeliveryMarked{Through: -1, Pending: 9, OldestPendingAt: at(1)},
			Settlement{Through: 7, Settled: 2, OldestPendingAt: at(3)},
			DeliveryMarked{Through: 7, Pending: 7, OldestPendingAt: at(3)},
		},
		{
			"P4 one came meanwhile",
			DeliveryMarked{Through: -1, Pending: 3, OldestPendingAt: at(1)},
			Settlement{Through: 7, Settled: 2},
			DeliveryMarked{Through: 7, Pending: 1, OldestPendingAt: at(99)},
		},
		{
			"P4 nothing, of some",
			DeliveryMarked{Through: 7, Pending: 2, OldestPendingAt: at(1)},
			Settlement{Through: 7},
			DeliveryMarked{Through: 7, Pending: 2, OldestPendingAt: at(1)},
		},
		{
			"P2 what an answer does not know of",
			DeliveryMarked{Through: 9, Pending: 2, OldestPendingAt: at(1)},
			Settlement{Through: 7, Settled: 1, OldestPendingAt: at(2)},
			DeliveryMarked{Through: 9, Pending: 1, OldestPendingAt: at(2)},
		},
		{
			"P4 parked",
			DeliveryMarked{Through: 2, Pending: 1, OldestPendingAt: at(1)},
			Settlement{Through: 3, Settled: 1, Parked: []int64{3}},
			DeliveryMarked{Through: 3, Parked: one},
		},
		{
			"P4 parked and delivered at last",
			DeliveryMarked{Through: 9, Parked: one},
			Settlement{Through: 9, Tried: one},
			DeliveryMarked{Through: 9, Parked: []ParkedRange{}},
		},
		{
			"P4 parked and refused again",
			DeliveryMarked{Through: 9, Parked: one},
			Settlement{Through: 9, Tried: one, Parked: []int64{3}},
			DeliveryMarked{Through: 9, Parked: one},
		},
		{
			"R7 parked, and one of them was not shown",
			DeliveryMarked{Through: 9, Parked: []ParkedRange{{From: 1, To: 1, Count: 1}, {From: 3, To: 3, Count: 1}, {From: 5, To: 5, Count: 1}}},
			Settlement{Through: 9, Tried: []ParkedRange{{From: 1, To: 1, Count: 1}, {From: 5, To: 5, Count: 1}}, Parked: []int64{5}},
			DeliveryMarked{Through: 9, Parked: []ParkedRange{{From: 3, To: 3, Count: 1}, {From: 5, To: 5, Count: 1}}},
		},
		{
			"R7 parked, and the end of a range was not shown",
			DeliveryMarked{Through: 9, Parked: []ParkedRange{{From: 1, To: 9, Count: 4}}},
			Settlement{
				Through: 9, Tried: []ParkedRange{{From: 1, To: 1, Count: 1}, {From: 2, To: 3, Count: 1}, {From: 4, To: 5, Count: 1}},
				Parked: []int64{3},
			},
			DeliveryMarked{Through: 9, Parked: []ParkedRange{{From: 3, To: 3, Count: 1}, {From: 6, To: 9, Count: 1}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := State{Next: 20, Delivery: tt.delivery, Observed: &Observed{At: at(99)}}
			if d := cmp.Diff(tt.want, s.Settle(tt.answer)); d != "" {
				t.Errorf("mark (-want +got):\n%s", d)
			}
		})
	}
}

// TestHasSettled holds whether a mark is known to be written to R6.
func TestHasSettled(t *testing.T) {
	one, two := []ParkedRange{{From: 3, To: 3, Count: 1}}, []ParkedRange{{From: 3, To: 4, Count: 2}}
	delivery := DeliveryMarked{Through: 7, Pending: 2, OldestPendingAt: at(1), Parked: one}
	tests := []struct {
		name string
		mark DeliveryMarked
		want bool
	}{
		{"R6 the mark that it has", delivery, true},
		{"R6 the mark before the newest detections", DeliveryMarked{Through: 7, Parked: one}, true},
		{"R6 a mark that settled more", DeliveryMarked{Through: 8, Pending: 2, Parked: one}, false},
		{"R6 a mark that parked more", DeliveryMarked{Through: 7, Pending: 2, Parked: two}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := delivery.HasSettled(tt.mark); got != tt.want {
				t.Errorf("has settled: %t, want %t", got, tt.want)
			}
		})
	}
}

// Parked events are never forgotten, and what a game's state says of them stays small.
func TestP4ParkMergesTheClosest(t *testing.T) {
	var ranges []ParkedRange
	for n := range int64(1000) {
		ranges = park(ranges, n*n)
	}
	if len(ranges) != maxParkedRanges {
		t.Errorf("ranges: %d, want %d", len(ranges), maxParkedRanges)
	}
	var count int64
	for _, r := range ranges {
		count += r.Count
	}
	if count != 1000 || ranges[0].From != 0 || ranges[len(ranges)-1].To != 999*999 {
		t.Errorf("they cover %d from %d to %d", count, ranges[0].From, ranges[len(ranges)-1].To)
	}
	if last := ranges[len(ranges)-1]; last.From != 999*999 {
		t.Errorf("the last one, far from all others, was merged: %v", last)
	}
	for i := range ranges[1:] {
		if ranges[i].To >= ranges[i+1].From {
			t.Errorf("out of order: %v, %v", ranges[i], ranges[i+1])
		}
	}
}

// TestCompare holds what a stream that is read anew has beyond a state to R4, R6 and C2.
func TestCompare(t *testing.T) {
	old, mine, others := observed(1, false), observed(2, true), observed(3, true)
	inDoubt := []Event{observed(9, true), mine}
	tests := []struct {
		name   string
		next   int64
		read   Recovery
		beyond Beyond
		own    Event
	}{
		{"R6 nothing was written", 1, Recovery{Events: []Event{old}}, Nothing, nil},
		{"R6 one in doubt was written", 1, Recovery{Events: []Event{old, mine}}, OwnEvent, mine},
		{"R6 and a snapshot was, before it", 8, Recovery{From: 8, Events: []Event{mine}}, OwnEvent, mine},
		{"C2 somebody else wrote", 1, Recovery{Events: []Event{old, others}}, OthersEvents, nil},
		{"C2 and also after one in doubt", 1, Recovery{Events: []Event{old, mine, others}}, OthersEvents, nil},
		{"C2 and made a snapshot", 1, Recovery{From: 2}, OthersEvents, nil},
		{"R4 an event is gone", 2, Recovery{Events: []Event{old}}, WentBack, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := State{Next: tt.next}
			if beyond, own := s.Compare(tt.read, inDoubt); beyond != tt.beyond || own != tt.own {
				t.Errorf("beyond: %d, %v, want %d, %v", beyond, own, tt.beyond, tt.own)
			}
		})
	}
}
