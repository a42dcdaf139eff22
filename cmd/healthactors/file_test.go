package main

import (
	"slices"
	"strings"
	"testing"
)

// FuzzConfig holds that no configuration file panics, that what is taken has known keys only, and that an error is one line.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		"", "{}", "interval: 10s", "engine: [a=unix:///x, b=tcp://h:1]", "interval: &a 1s\nhttp: *a", "<<: {interval: 1s}",
		"interval: ~", "? [a]: b", "interval: !!binary eA==", "- a", "a: b: c", "\xff", "interval: |\n  1s\n",
	} {
		f.Add([]byte(text))
	}
	known := []string{"engine", "http", "interval"}
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := parseConfig(text, known)
		if err != nil && (err.Error() == "" || strings.Contains(oneLine(err.Error()), "\n")) {
			t.Errorf("error %q", err)
		}
		for key, words := range values {
			if err != nil || !slices.Contains(known, key) || words == nil {
				t.Errorf("%q: %q, %v", key, words, err)
			}
		}
	})
}
