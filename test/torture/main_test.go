package main

import (
	"testing"
	"time"
)

// The command line beats a scenario's own options, and a row names the command that brings it about.
func TestOptions(t *testing.T) {
	s := scenario{
		name: "s", fast: options{times: 2, games: 10, interval: time.Second}, long: options{times: 200, games: 20},
	}
	for _, c := range []struct {
		given options
		long  bool
		times int
		games int
		want  string
	}{
		{options{}, false, 2, 10, "go run ./test/torture s"},
		{options{}, true, 200, 20, "go run ./test/torture -long s"},
		{options{times: 5, span: time.Minute}, false, 5, 10, "go run ./test/torture -n 5 -for 1m0s s"},
	} {
		o := s.options(c.given, c.long)
		if o.times != c.times || o.games != c.games {
			t.Errorf("%+v, %v: %d times and %d games, want %d and %d", c.given, c.long, o.times, o.games, c.times, c.games)
		}
		if got := s.command(c.given, c.long); got != c.want {
			t.Errorf("%+v, %v: the command is %q, want %q", c.given, c.long, got, c.want)
		}
	}
	only := scenario{name: "only", long: options{games: 1}}
	if o := only.options(options{}, false); o.games != 1 {
		t.Error("a scenario without fast options has not its long ones")
	}
	if got := only.command(options{}, true); got != "go run ./test/torture only" {
		t.Errorf("the command is %q", got)
	}
}
