package sqljournal_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is a node's, for the tests that don't care.
func config(url string) journal.Config {
	return journal.Config{
		URL: url, Retention: time.Hour, Holder: "a", Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

// fileURL is a journal that is still to be made.
func fileURL(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "journal.db") }

func open(t testing.TB, cfg journal.Config) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeJournal(t, j) })
	return j
}

func closeJournal(t testing.TB, j *journal.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// All open streams are found, however many fit into a page.
func TestPagesOfOpenStreams(t *testing.T) {
	j := open(t, config("memory:"))
	for n := range 6 {
		must(t, j.Append(t.Context(), fmt.Sprint("game-", n), 0, journaltest.Begins("east")))
		for _, length := range []int{1, 2, 3, 7} {
			found := 0
			for _, err := range j.PagesOfOpenStreams(t.Context(), length) {
				must(t, err)
				found++
			}
			if found != n+1 {
				t.Errorf("pages of %d have %d of %d streams", length, found, n+1)
			}
		}
	}
}

// The calls of a closed journal fail, and closing it again does nothing.
func TestClosedJournal(t *testing.T) {
	j := open(t, config(fileURL(t)))
	closeJournal(t, j)
	if err := j.Append(t.Context(), "game", 0, journaltest.Detection(0)); !errors.Is(err, sqljournal.ErrClosed) {
		t.Errorf("append: got %v", err)
	}
	if _, err := j.Load(t.Context(), "game"); err == nil {
		t.Error("a closed journal loads")
	}
	closeJournal(t, j)
}
