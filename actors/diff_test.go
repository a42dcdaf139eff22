package actors

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDiff holds a tick's changes to S1, S2 and S6.
func TestDiff(t *testing.T) {
	c := target{"c", "default"}
	east := target{"c", "east"}
	away := map[string]bool{"east": true}
	tests := []struct {
		name      string
		watched   map[string]target
		accepted  []listed
		mentioned []string
		missing   map[string]bool
		want      changes
	}{
		{"S2 a new game", nil, []listed{{"a", c}}, nil, nil, changes{inspect: []listed{{"a", c}}}},
		{"S2 a game that stays", map[string]target{"a": c}, []listed{{"a", c}}, nil, nil, changes{inspect: []listed{{"a", c}}}},
		{"S2 games that left", map[string]target{"b": c, "a": c}, nil, nil, nil, changes{gone: []string{"a", "b"}}},
		{"S2 another container", map[string]target{"a": c}, []listed{{"a", target{"d", "default"}}}, nil, nil, changes{inspect: []listed{{"a", target{"d", "default"}}}}},
		{"S6 only a malformed entry", map[string]target{"a": c}, nil, []string{"a"}, nil, changes{}},
		{"S1 its engine's part is missing", map[string]target{"a": east, "b": c}, nil, nil, away, changes{gone: []string{"b"}}},
		{"S1 listed elsewhere while its engine's part is missing", map[string]target{"a": east}, []listed{{"a", c}}, nil, away, changes{}},
		{"S1 listed all the same while its engine's part is missing", map[string]target{"a": east}, []listed{{"a", east}}, nil, away, changes{inspect: []listed{{"a", east}}}},
		{"S1 its engine is not known yet", map[string]target{"a": {}}, nil, nil, away, changes{}},
		{"R2 nor needed when the whole list was read", map[string]target{"a": {}}, nil, nil, nil, changes{gone: []string{"a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mentioned := map[string]bool{}
			for _, l := range tt.accepted {
				mentioned[l.gameID] = true
			}
			for _, id := range tt.mentioned {
				mentioned[id] = true
			}
			got := diff(tt.watched, tt.accepted, mentioned, tt.missing)
			if d := cmp.Diff(tt.want, got, cmp.AllowUnexported(changes{}, listed{}, target{})); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
		})
	}
}
