package actors

import (
	"fmt"
	"slices"
	"testing"

	"galaxy/healthactors/actors/internal/rules"
)

// TestWarnings holds the summing up of a pass's failures to H10. A warning is told as its words, its error and the number
// of its games; one of a single game as the error and the game.
func TestWarnings(t *testing.T) {
	failed := func(first, n int, engine, err string) []failure {
		var failures []failure
		for i := range n {
			failures = append(failures, failure{game: fmt.Sprintf("game-%02d", first+i), place: rules.Place{Container: "c", Engine: engine}, err: err})
		}
		return failures
	}
	with := func(failures []failure, change func(*failure)) []failure {
		for i := range failures {
			change(&failures[i])
		}
		return failures
	}
	ours := func(f *failure) { f.kind = notTaken }
	unreachable := func(f *failure) { f.unreachable = true }
	answered := map[string]answers{"a": {good: 1}, "b": {good: 1}}
	badly := map[string]answers{"a": {bad: 1}}
	tests := []struct {
		name     string
		failures []failure
		answered map[string]answers
		want     []string
	}{
		{"H10 none", nil, nil, nil},
		{"H10 each of a few", failed(0, 2, "a", "500"), answered, []string{"500 of game-00", "500 of game-01"}},
		{"H10 ten that fail alike are a few", failed(0, 10, "a", "500"), answered, []string{
			"500 of game-00", "500 of game-01", "500 of game-02", "500 of game-03", "500 of game-04",
			"500 of game-05", "500 of game-06", "500 of game-07", "500 of game-08", "500 of game-09",
		}},
		{"H10 eleven that fail alike are many", failed(0, 11, "a", "500"), answered, []string{"inspects failed: 500 (11)"}},
		{
			"H10 many that don't fail alike", slices.Concat(failed(0, 11, "a", "500"), failed(11, 1, "a", "502")), answered,
			[]string{"inspects failed: 500 (11)", "502 of game-11"},
		},
		{
			"H10 many on two engines are not alike", slices.Concat(failed(0, 11, "a", "500"), failed(11, 11, "b", "500")), answered,
			[]string{"inspects failed: 500 (11)", "inspects failed: 500 (11)"},
		},
		{
			"H10 an engine that answers nobody", slices.Concat(failed(0, 1, "a", "no answer within 5s"), failed(1, 1, "a", "no answer within 9s")), nil,
			[]string{"the engine answers no request: no answer within 5s (2)"},
		},
		{"H10 an engine that was asked by one game", failed(0, 1, "a", "no answer within 5s"), nil, []string{"no answer within 5s of game-00"}},
		{
			"H10 an engine that can't be reached",
			slices.Concat(failed(0, 1, "a", "no answer within 5s"), with(failed(1, 1, "a", "refused"), unreachable)), nil,
			[]string{"the engine can't be reached: refused (2)"},
		},
		{
			"H10 a connection that is closed before the answer, beside an engine that answers",
			slices.Concat(failed(0, 1, "a", "500"), with(failed(1, 1, "a", "closed"), unreachable)), answered,
			[]string{"500 of game-00", "closed of game-01"},
		},
		{
			"H10 a connection that is closed before the answer, beside an engine that answers badly",
			slices.Concat(failed(0, 1, "a", "500"), with(failed(1, 1, "a", "closed"), unreachable)), badly,
			[]string{"500 of game-00", "closed of game-01"},
		},
		{
			"H10 many connections that are closed beside an engine that answers badly",
			slices.Concat(failed(0, 1, "a", "500"), with(failed(1, 11, "a", "closed"), unreachable)), badly,
			[]string{"500 of game-00", "inspects failed: closed (11)"},
		},
		{"H10 an engine that answers all badly answers", failed(0, 2, "a", "500"), badly, []string{"500 of game-00", "500 of game-01"}},
		{
			"H10 a journal that fails is no engine", with(failed(0, 2, "a", "disk full"), ours), nil,
			[]string{"disk full of game-00", "disk full of game-01"},
		},
		{
			"H10 a journal that fails beside an engine", slices.Concat(with(failed(0, 1, "a", "disk full"), ours), failed(1, 2, "a", "500")), badly,
			[]string{"disk full of game-00", "500 of game-01", "500 of game-02"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := pass{failures: tt.failures, answered: tt.answered}
			var got []string
			for _, w := range p.warnings() {
				if len(w.failures) == 1 {
					got = append(got, fmt.Sprintf("%s of %s", w.err, w.failures[0].game))
				} else {
					got = append(got, fmt.Sprintf("%s: %s (%d)", w.what, w.err, len(w.failures)))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("warnings: %q, want %q", got, tt.want)
			}
		})
	}
}

// TestS9WhichEnginesAreUnwell holds the beginning of an Engine's outage to what one game alone can't show.
func TestS9WhichEnginesAreUnwell(t *testing.T) {
	one := failure{game: "game-0", place: rules.Place{Container: "c", Engine: "a"}, err: "500"}
	other := failure{game: "game-1", place: rules.Place{Container: "d", Engine: "a"}, err: "no answer within 5s"}
	away := failure{game: "game-2", place: rules.Place{Container: "e", Engine: "a"}, err: "refused", unreachable: true}
	ours := failure{game: "game-3", place: rules.Place{Container: "f", Engine: "a"}, err: "disk full", kind: notTaken}
	tests := []struct {
		name     string
		failures []failure
		answers  answers
		want     []string
	}{
		{"nothing failed", nil, answers{good: 1}, nil},
		{"one game that is answered badly", []failure{one}, answers{bad: 1}, nil},
		{"two, and nobody is served", []failure{one, other}, answers{bad: 1}, []string{"a"}},
		{"two, and others are served", []failure{one, other}, answers{good: 1, bad: 1}, nil},
		{"one that can't reach it", []failure{away}, answers{}, []string{"a"}},
		{"one that can't reach it, and others are served", []failure{away}, answers{good: 1}, nil},
		{"the journal took nothing", []failure{ours, ours}, answers{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := pass{failures: tt.failures, answered: map[string]answers{"a": tt.answers}}
			if got := p.unwell(); !slices.Equal(got, tt.want) {
				t.Errorf("unwell: %q, want %q", got, tt.want)
			}
		})
	}
}
