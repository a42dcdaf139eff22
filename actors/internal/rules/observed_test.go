package rules

import (
	"slices"
	"testing"
)

// TestIsAnother holds what ends the lifecycle of a container to H8: the list's word, and the Engine's.
func TestIsAnother(t *testing.T) {
	last := &Observed{Place: Place{"c", "default"}, Observation: Observation{ID: "c0ffee"}}
	tests := []struct {
		name  string
		last  *Observed
		place Place
		id    string
		want  bool
	}{
		{"H8 the list still has it", last, Place{"c", "default"}, "", false},
		{"H8 the list has another one", last, Place{"d", "default"}, "", true},
		{"H8 the list has it on another engine", last, Place{"c", "east"}, "", true},
		{"H8 it answers", last, Place{"c", "default"}, "c0ffee", false},
		{"H8 another one answers to its name", last, Place{"c", "default"}, "beef", true},
		{"H8 the list calls it by another name", last, Place{"c0ffee", "default"}, "c0ffee", true},
		{"H8 nothing was observed, so nothing is over", nil, Place{"c", "default"}, "", false},
		{"H8 nothing was observed, and one answers", nil, Place{"c", "default"}, "c0ffee", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := IsAnother(tt.last, tt.place, tt.id); got != tt.want {
				t.Errorf("another one: %t, want %t", got, tt.want)
			}
		})
	}
}

// TestH5ReasonsComeInOneOrder, those of a later release last.
func TestH5ReasonsComeInOneOrder(t *testing.T) {
	const later = Reasons(1 << 9)
	all := later | HealthcheckUnhealthy | NotRunning | RestartCountIncreased
	want := []Reasons{RestartCountIncreased, NotRunning, HealthcheckUnhealthy, later}
	if got := slices.Collect(all.Each()); !slices.Equal(got, want) {
		t.Errorf("reasons: %v, want %v", got, want)
	}
	for first := range all.Each() {
		if first != RestartCountIncreased {
			t.Errorf("the first is %v", first)
		}
		break
	}
}
