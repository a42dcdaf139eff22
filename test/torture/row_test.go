package main

import (
	"strings"
	"testing"
	"time"
)

// A row is short, whatever a scenario has to tell: that stands below the table, in lines that a page can take as they are.
func TestRow(t *testing.T) {
	r := row{fault: "the broker away", howLong: "30s", load: "300 games", recovered: 1234 * time.Millisecond, command: "go run ./test/torture -n 2 broker-away"}
	r.verdict = Verdict{Events: 10, Answers: 20, Deliveries: 13, Lost: []string{"one"}}
	const want = "| the broker away | 30s | 300 games | 1 | 0 | 0 | 1.23s | 10 | 20 | 3 | `go run ./test/torture -n 2 broker-away` |"
	if r.String() != want {
		t.Errorf("%s\nwant\n%s", r, want)
	}
	if strings.Count(head, "|") != 2*strings.Count(want, "|") {
		t.Errorf("a row has other columns than the head:\n%s\n%s", head, want)
	}
	if f := r.figures(); f != "" {
		t.Errorf("figures: %q, want none", f)
	}
	for range 20 {
		r.note("%d ticks, none of them late", 600)
	}
	lines := strings.Split(r.figures(), "\n")
	if len(lines) < 2 || !strings.HasPrefix(lines[0], "- `-n 2 broker-away`: 600 ticks, none of them late; ") || !strings.HasSuffix(lines[len(lines)-1], " late.") {
		t.Errorf("figures:\n%s", strings.Join(lines, "\n"))
	}
	for n, line := range lines {
		if len(line) > 118 || n > 0 && !strings.HasPrefix(line, "  ") {
			t.Errorf("line %d: %q", n, line)
		}
	}
}
