package main

import "testing"

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

func TestCarries(t *testing.T) {
	for test, want := range map[string]bool{
		"TestH1FirstObservation": true,
		"TestS2H1First":          true,
		"TestDecide/H1_x":        true,
		"TestH10OneWarning":      false,
		"TestDecide/H10_x":       false,
		"TestDecide/on_H1":       false,
		"TestTheH1":              false,
	} {
		if got := carries(test, "H1"); got != want {
			t.Errorf("%s carries H1: %v, want %v", test, got, want)
		}
	}
}
