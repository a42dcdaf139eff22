package postgres

import (
	"testing"
	"time"
)

// R4: what the journal has of this process's commits, and how many of them are missing.
func TestCommitsFound(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	for name, test := range map[string]struct {
		known, has int64
		after      time.Duration // since the journal said so
		lost       int64
	}{
		"the first batch":                           {},
		"as many as it acknowledged":                {known: 7, has: 7},
		"a batch was committed without a word":      {known: 7, has: 8},
		"fewer":                                     {known: 7, has: 4, lost: 3},
		"fewer, after a long outage":                {known: 7, has: 4, after: 2 * surelyKept, lost: 3},
		"the process is not known any more":         {known: 7, has: none, after: time.Minute, lost: 7},
		"the same, and it may have been forgotten":  {known: 7, has: none, after: surelyKept},
		"nor was it known before, since a rollback": {known: 0, has: none},
		"the same, and the clock was set back":      {known: 7, has: none, after: -time.Hour},
		"fewer, and the clock was set back":         {known: 7, has: 4, after: -time.Hour, lost: 3},
	} {
		c := commits{known: test.known, seen: now}
		if lost := c.found(test.has, now.Add(test.after)); lost != test.lost {
			t.Errorf("%s: %d are lost, want %d", name, lost, test.lost)
		}
		if again := c.found(test.has, now.Add(test.after)); again != 0 {
			t.Errorf("%s: the same is lost once more", name)
		}
	}
}
