package actors

import (
	"testing"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// A stream that is read anew has some of the answers that are owed, all or none; the rest is taken in, each once.
func TestApplyOwed(t *testing.T) {
	before := &v1.DeliveryMarked{Through: 1, Pending: 5}
	first := &v1.DeliveryMarked{Through: 3, Pending: 3}
	both := &v1.DeliveryMarked{Through: 6, Pending: 2, Parked: []*v1.ParkedRange{{From: 6, To: 6, Count: 1}}}
	since := &v1.DeliveryMarked{Through: 3, Pending: 4} // one more was detected
	for _, test := range []struct {
		name          string
		read          *v1.DeliveryMarked
		owed          int
		pending, upTo int64
	}{
		{"R6 none is written", before, 2, 2, 6},
		{"R6 the first is written", first, 1, 2, 6},
		{"R6 the first is written, and something was detected since", since, 1, 3, 6},
		{"R6 both are written", both, 0, 2, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := &inspector{stream: stream{delivery: test.read}, writes: &writes{owed: []owedMark{
				{&v1.Published{Through: 3, Settled: 2}, first},
				{&v1.Published{Through: 6, Settled: 1, Parked: []int64{6}}, both},
			}}}
			i.applyOwed()
			if got := i.stream.delivery; got.GetPending() != test.pending || got.GetThrough() != test.upTo || len(i.writes.owed) != test.owed {
				t.Errorf("%d pending, settled up to %d, %d owed; want %d, %d and %d",
					got.GetPending(), got.GetThrough(), len(i.writes.owed), test.pending, test.upTo, test.owed)
			}
		})
	}
}
