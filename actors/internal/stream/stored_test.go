package stream

import (
	"math/bits"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"galaxy/healthactors/actors/internal/rules"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// everyKind has an event of each kind, with each of its fields set.
func everyKind() []Event {
	return []Event{
		&Observed{
			Observed: rules.Observed{
				Place:       rules.Place{Container: "c", Engine: "east"},
				Observation: rules.Observation{ID: "c0ffee", RestartCount: 7, State: "exited", Health: "unhealthy"},
				Reasons:     rules.RestartCountIncreased | rules.NotRunning | rules.HealthcheckUnhealthy | 1<<9,
			},
			At:              at(1_700_000_000).Add(123456789),
			BeginsLifecycle: true,
			Detection: &Detection{
				EventID: "id", EventType: "inspect_unhealthy", Source: "/healthactors", Value: []byte("{}"), Traceparent: "00-1-2-01",
				Headers: map[string]string{"ce_id": "id", "another": "value"},
			},
		},
		&LifecycleEnded{At: at(5), Reasons: rules.NotRunning},
		&DeliveryMarked{
			Through: 4, Pending: 2, OldestPendingAt: at(6), Parked: []ParkedRange{{From: 1, To: 3, Count: 2}, {From: 4, To: 4, Count: 1}},
		},
		&Closed{},
		&Claimed{Node: "a", Claimant: "life"},
	}
}

// TestC6NothingThatIsStoredIsLostOnTheWay: each field that the journal knows survives being read and written again. So a field
// that is added to the messages and not here fails.
func TestC6NothingThatIsStoredIsLostOnTheWay(t *testing.T) {
	stored := make([]*v1.JournalEvent, 0, len(everyKind()))
	for _, event := range everyKind() {
		if read := Read(Stored(event)); !cmp.Equal(event, read) {
			t.Errorf("(-want +got):\n%s", cmp.Diff(event, read))
		}
		stored = append(stored, Stored(event))
	}
	kinds := (&v1.JournalEvent{}).ProtoReflect().Descriptor().Oneofs().Get(0).Fields()
	if len(stored) != kinds.Len() {
		t.Errorf("%d kinds of %d", len(stored), kinds.Len())
	}
	for _, event := range stored {
		expectAllSet(t, event.ProtoReflect().Get(event.ProtoReflect().WhichOneof(kinds.Get(0).ContainingOneof())).Message())
	}
	snapshot := &v1.Snapshot{
		Observed: stored[0].GetObserved(), Delivery: stored[2].GetDeliveryMarked(), LifecycleEnded: stored[1].GetLifecycleEnded(),
	}
	expectAllSet(t, snapshot.ProtoReflect())
	again, gained := StoredSnapshot(ReadRecovery(snapshot, 7, nil).Snapshot)
	expectAllSet(t, gained.ProtoReflect())
	if read := ReadGained(gained, 7, nil); !cmp.Equal(read.Gained, Gained{Ended: everyKind()[1].(*LifecycleEnded)}) {
		t.Errorf("gained: %+v", read.Gained)
	}
	if d := cmp.Diff(snapshot, again, protocmp.Transform()); d != "" {
		t.Errorf("snapshot (-want +got):\n%s", d)
	}
}

// expectAllSet wants a message, and those in it, to have each field set.
func expectAllSet(t *testing.T, m protoreflect.Message) {
	t.Helper()
	if m.Descriptor() == (&timestamppb.Timestamp{}).ProtoReflect().Descriptor() {
		return
	}
	for n := range m.Descriptor().Fields().Len() {
		field := m.Descriptor().Fields().Get(n)
		switch {
		case !m.Has(field):
			t.Errorf("%s is not set", field.FullName())
		case field.Message() == nil:
		case field.IsList():
			expectAllSet(t, m.Get(field).List().Get(0).Message())
		default:
			expectAllSet(t, m.Get(field).Message())
		}
	}
}

// TestC6WhatAnOlderReleaseStored has less, and means what it meant.
func TestC6WhatAnOlderReleaseStored(t *testing.T) {
	s := Recover(ReadRecovery(&v1.Snapshot{}, 7, nil))
	if d := cmp.Diff(State{Next: 7, Open: true, Delivery: DeliveryMarked{Through: -1}}, s); d != "" {
		t.Errorf("from an empty snapshot (-want +got):\n%s", d)
	}
	read := Read(&v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: &v1.Observed{ContainerId: "c"}}})
	want := &Observed{Observed: rules.Observed{Place: rules.Place{Container: "c"}}}
	if d := cmp.Diff(want, read); d != "" {
		t.Errorf("an observation with a container alone (-want +got):\n%s", d)
	}
}

// TestC6WhatALaterReleaseStored: an event of a kind that is not known has its index, and reasons that are not known stay.
func TestC6WhatALaterReleaseStored(t *testing.T) {
	later := &v1.JournalEvent{}
	if err := proto.Unmarshal([]byte{0x7a, 0x00}, later); err != nil { // field 15, an empty message
		t.Fatal(err)
	}
	s := Recover(ReadRecovery(nil, 3, []*v1.JournalEvent{later}))
	if s.Next != 4 || s.Open {
		t.Errorf("after an event of another kind: %+v", s)
	}
	for _, reasons := range [][]v1.Reason{{v1.Reason_REASON_NOT_RUNNING, 4}, {31}} {
		stored := &v1.JournalEvent{Kind: &v1.JournalEvent_LifecycleEnded{LifecycleEnded: &v1.LifecycleEnded{Reasons: reasons}}}
		if d := cmp.Diff(stored, Stored(Read(stored)), protocmp.Transform()); d != "" {
			t.Errorf("reasons %v (-want +got):\n%s", reasons, d)
		}
	}
	stored := &v1.LifecycleEnded{Reasons: []v1.Reason{-1, 0, 32, 1 << 30}}
	if end := readEnd(stored); end.Reasons != 0 {
		t.Errorf("reasons that no release has: %b", end.Reasons)
	}
}

// TestTheReasonsHaveTheJournalsNumbers, by which they are stored.
func TestTheReasonsHaveTheJournalsNumbers(t *testing.T) {
	for number, reason := range map[v1.Reason]rules.Reasons{
		v1.Reason_REASON_RESTART_COUNT_INCREASED: rules.RestartCountIncreased,
		v1.Reason_REASON_NOT_RUNNING:             rules.NotRunning,
		v1.Reason_REASON_HEALTHCHECK_UNHEALTHY:   rules.HealthcheckUnhealthy,
	} {
		if bits.TrailingZeros32(uint32(reason)) != int(number) {
			t.Errorf("%v is %b", number, reason)
		}
	}
}

// TestR6EqualEventsAreThoseThatAreStoredAlike, whatever clock they came from.
func TestR6EqualEventsAreThoseThatAreStoredAlike(t *testing.T) {
	now := time.Now()
	mine, read := &LifecycleEnded{At: now}, Read(Stored(&LifecycleEnded{At: now}))
	if !equal(mine, read) {
		t.Errorf("%+v was written, and %+v read back", mine, read)
	}
	for i, a := range everyKind() {
		for j, b := range everyKind() {
			if equal(a, b) != (i == j) {
				t.Errorf("%T and %T are equal: %t", a, b, i != j)
			}
		}
	}
}
