package outbox

import (
	"reflect"
	"testing"
)

// TestProgressOfParked holds what becomes of a range of parked events to P4 and R7: each has one try, and what the journal does
// not show has none.
func TestProgressOfParked(t *testing.T) {
	end := func(shown bool) func(*Progress) { return func(p *Progress) { p.EndRange(shown) } }
	try := func(index int64) func(*Progress) { return func(p *Progress) { p.Try(index) } }
	tests := []struct {
		name  string
		steps []func(*Progress)
		want  Progress
	}{
		{"P4 behind a try goes on what is left", []func(*Progress){try(3)}, Progress{Retry: []Range{{4, 9}, {20, 20}}, Tried: []Range{{3, 3}}}},
		{"P4 what is not shown before it is none", []func(*Progress){try(5)}, Progress{Retry: []Range{{6, 9}, {20, 20}}, Tried: []Range{{3, 5}}}},
		{"P4 nor behind it, if others are", []func(*Progress){try(5), end(true)}, Progress{Retry: []Range{{20, 20}}, Tried: []Range{{3, 5}, {6, 9}}}},
		{"P4 the last one ends the range", []func(*Progress){try(9), end(false)}, Progress{Retry: []Range{{20, 20}}, Tried: []Range{{3, 9}}}},
		{"R7 what is not shown stays parked", []func(*Progress){try(5), end(false)}, Progress{Retry: []Range{{20, 20}}, Tried: []Range{{3, 5}}, Unshown: []Range{{6, 9}}}},
		{"R7 all of it too", []func(*Progress){end(false), end(false)}, Progress{Retry: []Range{}, Unshown: []Range{{3, 9}, {20, 20}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Progress{Retry: []Range{{3, 9}, {20, 20}}}
			for _, step := range tt.steps {
				step(&p)
			}
			if !reflect.DeepEqual(p, tt.want) {
				t.Errorf("progress: %+v, want %+v", p, tt.want)
			}
		})
	}
}
