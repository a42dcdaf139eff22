package settings

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	known := []string{"--drain-timeout", "--emit", "--http", "--inspect-timeout", "--interval", "--kafka-user", "--list-timeout", "--running-list", "--topic"}
	for typed, want := range map[string][]string{
		"--intervall":                  {"--interval"},
		"--intreval":                   {"--interval"},
		"--INTERVAL":                   {"--interval"},
		"running_list":                 {"--running-list"},
		"HEALTHACTORS_INSPECT_TIMEOUT": {"--inspect-timeout"},
		"inspect-timouts":              {"--inspect-timeout"},
		"kafka-users":                  {"--kafka-user"},
		"kafka-topic":                  {"--topic"},
		"timeout":                      {"--drain-timeout", "--inspect-timeout", "--list-timeout"},
		"running":                      {"--running-list"},
		"emits":                        {"--emit"},
		"exit":                         {"--emit"},
		"ht":                           nil,
		"foo":                          nil,
		"colour":                       nil,
		"":                             nil,
		"--":                           nil,
	} {
		if diff := cmp.Diff(want, nearest(typed, known)); diff != "" {
			t.Errorf("%q: -want +got:\n%s", typed, diff)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"same", "same", 0}, {"kitten", "sitting", 3}, {"timeout", "timout", 1}, {"ab", "ba", 2},
	} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("from %q to %q: %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
