package main

import (
	"maps"
	"testing"
	"time"
)

func TestKilledBy(t *testing.T) {
	for _, c := range []struct{ name, output, want string }{
		{"nothing ran", "", ""},
		{"a test failed", "=== RUN   TestA\n--- FAIL: TestA (0.00s)\n", "TestA"},
		{"a row failed", "=== RUN   TestA\n=== RUN   TestA/H1_x\n--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/H1_x (0.00s)\n", "TestA/H1_x"},
		{"a panic elsewhere", "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\npanic: oh\n", "TestB (panic)"},
		{"a hang", "=== RUN   TestA\npanic: test timed out after 5s\n", "TestA (time-out)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := killedBy(c.output); got != c.want {
				t.Errorf("killed by %q, want %q", got, c.want)
			}
		})
	}
}

func TestCarrying(t *testing.T) {
	for test, want := range map[string]bool{
		"TestH1FirstObservation": true,
		"TestS2H1First":          true,
		"TestDecide/H1_x":        true,
		"TestH10OneWarning":      false,
		"TestDecide/H10_x":       false,
		"TestDecide/on_H1":       false,
		"TestTheH1":              false,
	} {
		if got := carrying("H1")(test); got != want {
			t.Errorf("%s carries H1: %v, want %v", test, got, want)
		}
	}
}

// The tests of a rule may take ten times as long as without a mutation, rows of tables included.
func TestPatience(t *testing.T) {
	took := timesOf("=== RUN   TestS4Lane\n--- PASS: TestS4Lane (1.50s)\n--- PASS: TestTurns (9.00s)\n    --- PASS: TestTurns/S4_x (0.50s)\n")
	want := map[string]time.Duration{"TestS4Lane": 1500 * time.Millisecond, "TestTurns": 9 * time.Second, "TestTurns/S4_x": 500 * time.Millisecond}
	if !maps.Equal(took, want) {
		t.Errorf("took %v, want %v", took, want)
	}
	s := suite{took: took, timeout: time.Minute}
	for rule, want := range map[string]time.Duration{"S4": 20 * time.Second, "S5": leastPatience} {
		if got := s.patience(rule); got != want {
			t.Errorf("patience with the tests of %s: %s, want %s", rule, got, want)
		}
	}
}
