package stream

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors/internal/rules"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// FuzzFold: whatever events a journal holds, the fold takes them, and a recovery from any snapshot on the way comes to the
// same state (R1).
func FuzzFold(f *testing.F) {
	f.Add(records(observed(1, true), observed(2, false), &DeliveryMarked{Through: 0}))
	f.Add(records(observed(1, true), &LifecycleEnded{At: at(2), Reasons: rules.NotRunning}, &Closed{}, observed(5, true)))
	f.Add(records(&DeliveryMarked{
		Through: math.MaxInt64, Pending: -1,
		Parked: []ParkedRange{{From: 5, To: 2, Count: -7}},
	}, observed(3, true), &Unknown{}, &Claimed{Node: "a", Claimant: "life"}))
	f.Fuzz(func(t *testing.T, stored []byte) {
		events := eventsOf(stored)
		want := Recover(Recovery{Events: events})
		if want.Next != int64(len(events)) || want.Observed != nil && want.Observed.Detection != nil {
			t.Errorf("state after %d events: %+v", len(events), want)
		}
		_ = want.Delivery.ParkedCount()
		if !storable(events) {
			return
		}
		before, gained := New(0, nil), New(0, nil)
		for n, e := range events {
			if n%16 == 0 {
				expectRecovery(t, want, before, gained, events)
			}
			if n%40 == 0 {
				gained = before
			}
			before.Apply(e)
		}
	})
}

// storable says whether the journal takes the events: it refuses a text that is no UTF-8.
func storable(events []Event) bool {
	for _, e := range events {
		if _, err := proto.Marshal(Stored(e)); err != nil {
			return false
		}
	}
	return true
}

// expectRecovery recovers from a snapshot of a state and the events after it; the last one who saved what was gained did that in
// an earlier state (C6).
func expectRecovery(t *testing.T, want, before, gained State, events []Event) {
	t.Helper()
	recovery := saved(t, before)
	recovery.Events = events[before.Next:]
	recovery.Gained = saved(t, gained).Gained
	recovery.Gained.Since = events[gained.Next:before.Next]
	got := Recover(recovery)
	got.Open = want.Open // only a stream that goes on has snapshots
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("from a snapshot at %d and what was gained at %d (-want +got):\n%s", before.Next, gained.Next, d)
	}
}

// records writes events one after the other, each with its length.
func records(events ...Event) []byte {
	var all []byte
	for _, e := range events {
		one, err := proto.Marshal(Stored(e))
		if err != nil {
			panic(err)
		}
		all = append(binary.AppendUvarint(all, uint64(len(one))), one...)
	}
	return all
}

// eventsOf reads what records wrote, and leaves out what is no event.
func eventsOf(stored []byte) []Event {
	var events []Event
	for len(stored) > 0 {
		size, n := binary.Uvarint(stored)
		if n <= 0 {
			break
		}
		stored = stored[n:]
		size = min(size, uint64(len(stored)))
		event := &v1.JournalEvent{}
		if proto.Unmarshal(stored[:size], event) == nil {
			events = append(events, Read(event))
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
		game := deliveryStory{state: New(0, nil)}
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
	state   State
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
		g.state.Apply(observed(g.second, false))
	case 'd':
		g.pending, g.since = append(g.pending, g.state.Next), append(g.since, g.second)
		g.state.Apply(observed(g.second, true))
	case 'a', 'p':
		g.settleFirst(step == 'p')
	case 'r', 'R':
		answer := Settlement{Through: g.state.Delivery.Through, OldestPendingAt: g.state.Delivery.OldestPendingAt, Tried: g.state.Delivery.Parked}
		if step == 'r' {
			answer.Parked = g.parked
		} else {
			g.parked = nil
		}
		g.settle(answer)
	case 's':
		snapshot, keepFrom := g.state.Snapshot()
		for _, index := range append(g.pending, g.parked...) {
			if index < keepFrom {
				t.Errorf("the snapshot lets go of %d, keeps from %d", index, keepFrom)
			}
		}
		g.state = New(g.state.Next, snapshot)
	}
}

func (g *deliveryStory) settleFirst(parks bool) {
	if len(g.pending) == 0 {
		return
	}
	answer := Settlement{Through: g.pending[0], Settled: 1}
	if parks {
		answer.Parked = g.pending[:1]
		g.parked = append(g.parked, g.pending[0])
	}
	g.pending, g.since = g.pending[1:], g.since[1:]
	if len(g.pending) > 0 {
		answer.OldestPendingAt = at(g.since[0])
	}
	g.settle(answer)
}

func (g *deliveryStory) settle(a Settlement) {
	mark := g.state.Settle(a)
	g.state.Apply(&mark)
}

func (g *deliveryStory) check(t *testing.T) {
	if g.state.Delivery.Pending != int64(len(g.pending)) || g.state.Delivery.ParkedCount() != int64(len(g.parked)) {
		t.Errorf("%d pending and %d parked, want %d and %d", g.state.Delivery.Pending, g.state.Delivery.ParkedCount(), len(g.pending), len(g.parked))
	}
	if len(g.pending) > 0 && !g.state.Delivery.OldestPendingAt.Equal(at(g.since[0])) {
		t.Errorf("pending since %v, want %d", g.state.Delivery.OldestPendingAt, g.since[0])
	}
	ranges := g.state.Delivery.Parked
	if len(ranges) > maxParkedRanges {
		t.Errorf("%d ranges", len(ranges))
	}
	last := int64(-1)
	for _, r := range ranges {
		if r.From <= last || r.To < r.From {
			t.Errorf("ranges out of order: %v", ranges)
		}
		last = r.To
	}
	for _, index := range g.parked {
		if !covers(ranges, index) {
			t.Errorf("%d is not in %v", index, ranges)
		}
	}
}

func covers(ranges []ParkedRange, index int64) bool {
	for _, r := range ranges {
		if r.From <= index && index <= r.To {
			return true
		}
	}
	return false
}

// FuzzStored: an event comes back from the journal as it was written, and what is written again is what an older release can
// read as before, but for fields that this one doesn't know.
func FuzzStored(f *testing.F) {
	for _, e := range everyKind() {
		stored, err := proto.Marshal(Stored(e))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(stored)
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		event := &v1.JournalEvent{}
		if proto.Unmarshal(stored, event) != nil {
			return
		}
		read := Read(event)
		again := Read(Stored(read))
		if d := cmp.Diff(read, again); d != "" {
			t.Errorf("read, written and read again (-first +second):\n%s", d)
		}
		if !equal(read, again) {
			t.Errorf("%+v and %+v are stored differently", read, again)
		}
	})
}
