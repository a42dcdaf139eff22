package journaltest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"galaxy/healthactors/actors"
)

// WantOpen says which streams are open.
func WantOpen(t *testing.T, j actors.Journal, want ...string) {
	t.Helper()
	var got []string
	for open, err := range j.OpenStreams(t.Context()) {
		must(t, err)
		got = append(got, open.GameID)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("open streams are %q, want %q", got, want)
	}
}

// WantEngines says which streams are open on which Engines.
func WantEngines(t *testing.T, j actors.Journal, want ...string) {
	t.Helper()
	var got []string
	for open, err := range j.OpenStreams(t.Context()) {
		must(t, err)
		got = append(got, open.GameID+":"+open.Engine)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("open streams are %q, want %q", got, want)
	}
}

// WantDamage says where an error finds damage; nowhere, where that is empty.
func WantDamage(t *testing.T, err error, where string) {
	t.Helper()
	if where == "" {
		must(t, err)
	} else if !errors.Is(err, actors.ErrDamaged) || !strings.Contains(err.Error(), where) {
		t.Errorf("got %v, want damage at %s", err, where)
	}
}
