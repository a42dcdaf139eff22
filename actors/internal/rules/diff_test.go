package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDiff holds a tick's changes to S1, S2 and S6.
func TestDiff(t *testing.T) {
	c := Place{"c", "default"}
	east := Place{"c", "east"}
	away := map[string]bool{"east": true}
	tests := []struct {
		name      string
		watched   map[string]Place
		accepted  []Listed
		mentioned []string
		missing   map[string]bool
		want      Changes
	}{
		{"S2 a new game", nil, []Listed{{"a", c}}, nil, nil, Changes{Inspect: []Listed{{"a", c}}}},
		{"S2 a game that stays", map[string]Place{"a": c}, []Listed{{"a", c}}, nil, nil, Changes{Inspect: []Listed{{"a", c}}}},
		{"S2 games that left", map[string]Place{"b": c, "a": c}, nil, nil, nil, Changes{Gone: []string{"a", "b"}}},
		{"S2 another container", map[string]Place{"a": c}, []Listed{{"a", Place{"d", "default"}}}, nil, nil, Changes{Inspect: []Listed{{"a", Place{"d", "default"}}}}},
		{"S6 only a malformed entry", map[string]Place{"a": c}, nil, []string{"a"}, nil, Changes{}},
		{"S1 its engine's part is missing", map[string]Place{"a": east, "b": c}, nil, nil, away, Changes{Gone: []string{"b"}}},
		{"S1 listed elsewhere while its engine's part is missing", map[string]Place{"a": east}, []Listed{{"a", c}}, nil, away, Changes{}},
		{"S1 listed all the same while its engine's part is missing", map[string]Place{"a": east}, []Listed{{"a", east}}, nil, away, Changes{Inspect: []Listed{{"a", east}}}},
		{"S1 its engine is not known yet", map[string]Place{"a": {}}, nil, nil, away, Changes{}},
		{"R2 nor needed when the whole list was read", map[string]Place{"a": {}}, nil, nil, nil, Changes{Gone: []string{"a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mentioned := map[string]bool{}
			for _, l := range tt.accepted {
				mentioned[l.GameID] = true
			}
			for _, id := range tt.mentioned {
				mentioned[id] = true
			}
			got := Diff(tt.watched, tt.accepted, mentioned, tt.missing)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
		})
	}
}
