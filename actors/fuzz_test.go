package actors

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// FuzzFold: whatever events a journal holds, the fold takes them, and a recovery from any snapshot on the way comes to the
// same state (R1).
func FuzzFold(f *testing.F) {
	f.Add(records(observedEvent(1, true), observedEvent(2, false), markEvent(&v1.DeliveryMarked{Through: 0})))
	f.Add(records(observedEvent(1, true), &v1.JournalEvent{Kind: &v1.JournalEvent_LifecycleEnded{}},
		&v1.JournalEvent{Kind: &v1.JournalEvent_StreamClosed{}}, observedEvent(5, true)))
	f.Add(records(markEvent(&v1.DeliveryMarked{
		Through: math.MaxInt64, Pending: -1,
		Parked: []*v1.ParkedRange{{From: 5, To: 2, Count: -7}},
	}), observedEvent(3, true), &v1.JournalEvent{}))
	f.Fuzz(func(t *testing.T, stored []byte) {
		events := eventsOf(stored)
		want := newStream(0, nil)
		for _, e := range events {
			want.apply(e)
		}
		if want.next != int64(len(events)) || want.delivery == nil || want.observed.GetDetection() != nil {
			t.Errorf("state after %d events: %+v", len(events), want)
		}
		_ = want.parked()
		before := newStream(0, nil)
		for at, e := range events {
			if at%16 == 0 {
				expectRecovery(t, want, before, events[at:])
			}
			before.apply(e)
		}
	})
}

// expectRecovery recovers from a snapshot of a state and the events after it.
func expectRecovery(t *testing.T, want, before stream, rest []*v1.JournalEvent) {
	t.Helper()
	snapshot, _ := before.snapshot()
	stored, err := proto.Marshal(snapshot)
	if err != nil {
		return // a text that is no UTF-8, which the journal refuses
	}
	read := &v1.Snapshot{}
	if err := proto.Unmarshal(stored, read); err != nil {
		t.Fatalf("the snapshot of %+v can't be read: %v", before, err)
	}
	got := newStream(before.next, read)
	for _, e := range rest {
		got.apply(e)
	}
	got.open = want.open // only a stream that goes on has snapshots
	if d := cmp.Diff(want, got, cmp.AllowUnexported(stream{}), protocmp.Transform()); d != "" {
		t.Errorf("from a snapshot at %d (-want +got):\n%s", before.next, d)
	}
}

// records writes events one after the other, each with its length.
func records(events ...*v1.JournalEvent) []byte {
	var all []byte
	for _, e := range events {
		one, err := proto.Marshal(e)
		if err != nil {
			panic(err)
		}
		all = append(binary.AppendUvarint(all, uint64(len(one))), one...)
	}
	return all
}

// eventsOf reads what records wrote, and leaves out what is no event.
func eventsOf(stored []byte) []*v1.JournalEvent {
	var events []*v1.JournalEvent
	for len(stored) > 0 {
		size, n := binary.Uvarint(stored)
		if n <= 0 {
			break
		}
		stored = stored[n:]
		size = min(size, uint64(len(stored)))
		event := &v1.JournalEvent{}
		if proto.Unmarshal(stored[:size], event) == nil {
			events = append(events, event)
		}
		stored = stored[size:]
	}
	return events
}

// FuzzDelivery: whatever is detected, acknowledged, parked and tried again, in whatever order, a game's state counts what
// is pending and what is parked, keeps all of it in the journal, and stays small (P4). Each byte is a step.
func FuzzDelivery(f *testing.F) {
	f.Add([]byte("dddasdpdpsR"))
	f.Add([]byte(strings.Repeat("dpo", 40) + "sdRpa"))
	f.Fuzz(func(t *testing.T, steps []byte) {
		game := deliveryStory{stream: newStream(0, nil)}
		for n, step := range steps[:min(len(steps), 300)] {
			game.play(t, step)
			if game.check(t); t.Failed() {
				t.Fatalf("after %q", steps[:n+1])
			}
		}
	})
}

// deliveryStory is a game's stream beside a plain list of what became of its detections.
type deliveryStory struct {
	stream  stream
	second  int64
	pending []int64 // indexes of the detections, in order
	since   []int64 // when each was observed
	parked  []int64
}

// play lets one thing happen: something is observed (o) or detected (d), the first pending detection is acknowledged (a)
// or parked (p), the node starts from a snapshot (s), or tries the parked ones again, which are refused again (r) or not (R).
func (g *deliveryStory) play(t *testing.T, step byte) {
	g.second++
	switch step {
	case 'o':
		g.stream.apply(observedEvent(g.second, false))
	case 'd':
		g.pending, g.since = append(g.pending, g.stream.next), append(g.since, g.second)
		g.stream.apply(observedEvent(g.second, true))
	case 'a', 'p':
		g.settleFirst(step == 'p')
	case 'r', 'R':
		answer := &v1.Published{Through: g.stream.delivery.GetThrough(), OldestPendingAt: g.stream.delivery.GetOldestPendingAt(), Retried: true}
		if step == 'r' {
			answer.Parked = g.parked
		} else {
			g.parked = nil
		}
		g.stream.apply(markEvent(g.stream.settle(answer)))
	case 's':
		snapshot, keepFrom := g.stream.snapshot()
		for _, index := range append(g.pending, g.parked...) {
			if index < keepFrom {
				t.Errorf("the snapshot lets go of %d, keeps from %d", index, keepFrom)
			}
		}
		g.stream = newStream(g.stream.next, snapshot)
	}
}

func (g *deliveryStory) settleFirst(parks bool) {
	if len(g.pending) == 0 {
		return
	}
	answer := &v1.Published{Through: g.pending[0], Settled: 1}
	if parks {
		answer.Parked = g.pending[:1]
		g.parked = append(g.parked, g.pending[0])
	}
	g.pending, g.since = g.pending[1:], g.since[1:]
	if len(g.pending) > 0 {
		answer.OldestPendingAt = timestamppb.New(time.Unix(g.since[0], 0))
	}
	g.stream.apply(markEvent(g.stream.settle(answer)))
}

func (g *deliveryStory) check(t *testing.T) {
	if g.stream.pending() != int64(len(g.pending)) || g.stream.parked() != int64(len(g.parked)) {
		t.Errorf("%d pending and %d parked, want %d and %d", g.stream.pending(), g.stream.parked(), len(g.pending), len(g.parked))
	}
	if len(g.pending) > 0 && g.stream.delivery.GetOldestPendingAt().GetSeconds() != g.since[0] {
		t.Errorf("pending since %v, want %d", g.stream.delivery.GetOldestPendingAt(), g.since[0])
	}
	ranges := g.stream.delivery.GetParked()
	if len(ranges) > maxParkedRanges {
		t.Errorf("%d ranges", len(ranges))
	}
	last := int64(-1)
	for _, r := range ranges {
		if r.GetFrom() <= last || r.GetTo() < r.GetFrom() {
			t.Errorf("ranges out of order: %v", ranges)
		}
		last = r.GetTo()
	}
	for _, index := range g.parked {
		if !covers(ranges, index) {
			t.Errorf("%d is not in %v", index, ranges)
		}
	}
}

func covers(ranges []*v1.ParkedRange, index int64) bool {
	for _, r := range ranges {
		if r.GetFrom() <= index && index <= r.GetTo() {
			return true
		}
	}
	return false
}
