package actors

import (
	"testing"

	"galaxy/healthactors/actors/internal/stream"
)

// A stream that is read anew has some of the answers that are owed, all or none; the rest is taken in, each once.
func TestApplyOwed(t *testing.T) {
	before := stream.DeliveryMarked{Through: 1, Pending: 5}
	first := stream.DeliveryMarked{Through: 3, Pending: 3}
	both := stream.DeliveryMarked{Through: 6, Pending: 2, Parked: []stream.ParkedRange{{From: 6, To: 6, Count: 1}}}
	since := stream.DeliveryMarked{Through: 3, Pending: 4} // one more was detected
	for _, test := range []struct {
		name          string
		read          stream.DeliveryMarked
		owed          int
		pending, upTo int64
	}{
		{"R6 none is written", before, 2, 2, 6},
		{"R6 the first is written", first, 1, 2, 6},
		{"R6 the first is written, and something was detected since", since, 1, 3, 6},
		{"R6 both are written", both, 0, 2, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := &inspector{state: stream.State{Delivery: test.read}, writes: &writes{owed: []owedMark{
				{stream.Settlement{Through: 3, Settled: 2}, &first},
				{stream.Settlement{Through: 6, Settled: 1, Parked: []int64{6}}, &both},
			}}}
			i.applyOwed()
			if got := i.state.Delivery; got.Pending != test.pending || got.Through != test.upTo || len(i.writes.owed) != test.owed {
				t.Errorf("%d pending, settled up to %d, %d owed; want %d, %d and %d",
					got.Pending, got.Through, len(i.writes.owed), test.pending, test.upTo, test.owed)
			}
		})
	}
}
