package journal

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/postgres"
)

// A file has no cluster.
func TestNoClusterOnSQLite(t *testing.T) {
	for _, url := range []string{"sqlite:" + filepath.Join(t.TempDir(), "journal.db"), "memory:"} {
		cfg := config(url)
		cfg.Cluster = "x"
		_, checked := Check(t.Context(), cfg, nil)
		_, opened := Open(t.Context(), cfg)
		for _, err := range []error{checked, opened} {
			if want := `cluster "x" needs a journal in Postgres`; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", url, err, want)
			}
		}
		j, err := Open(t.Context(), config(url))
		must(t, err)
		if _, err := j.Lease(t.Context(), postgres.LeaseConfig{Node: "a", Length: 1}); err == nil {
			t.Errorf("%s: there is a lease", url)
		}
		if err := j.Append(t.Context(), "game", 0, journaltest.ClaimOf("a")); !errors.Is(err, actors.ErrNotMember) {
			t.Errorf("%s: a claim: got %v, want ErrNotMember", url, err)
		}
		if err := j.Append(t.Context(), "game", 0, journaltest.ClaimOf("a\x00")); err == nil || errors.Is(err, actors.ErrNotMember) {
			t.Errorf("%s: a claim of a name that can't be one: %v", url, err)
		}
		if err := j.Append(t.Context(), "game", 0, journaltest.Begins("a\x00")); err == nil {
			t.Errorf("%s: an Engine's name that can't be one was taken", url)
		}
		must(t, j.Append(t.Context(), "game", 0, journaltest.Begins("east")))
		must(t, j.Close())
	}
}
