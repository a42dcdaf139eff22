package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(crashURL); url != "" {
		writeUntilKilled(url)
		return
	}
	goleak.VerifyTestMain(m)
}

// config is a node's, for the tests that don't care.
func config(url string) Config {
	return Config{
		URL: url, Retention: time.Hour, Holder: "a", Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

// fileURL is a journal that is still to be made.
func fileURL(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "journal.db") }

func open(t testing.TB, cfg Config) *Journal {
	t.Helper()
	j, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeJournal(t, j) })
	return j
}

func closeJournal(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// reopening opens the URL's journal each time, after it has closed the one before.
func reopening(t *testing.T, url string) func() actors.Journal {
	var last *Journal
	return func() actors.Journal {
		if last != nil {
			closeJournal(t, last)
		}
		last = open(t, config(url))
		return last
	}
}

func TestSQLiteKeepsThePort(t *testing.T) {
	porttest.Journal(t, func(t *testing.T) func() actors.Journal { return reopening(t, fileURL(t)) })
}

func TestMemoryKeepsThePort(t *testing.T) {
	porttest.Journal(t, func(t *testing.T) func() actors.Journal {
		j := open(t, config("memory:"))
		return func() actors.Journal { return j } // memory has no restart
	})
}

// All open streams are found, however many fit into a page.
func TestPagesOfOpenStreams(t *testing.T) {
	j := open(t, config("memory:"))
	for n := range 6 {
		must(t, j.Append(t.Context(), fmt.Sprint("game-", n), 0, begins("east")))
		for _, length := range []int{1, 2, 3, 7} {
			found := 0
			for _, err := range j.openStreamsBy(t.Context(), length) {
				must(t, err)
				found++
			}
			if found != n+1 {
				t.Errorf("pages of %d have %d of %d streams", length, found, n+1)
			}
		}
	}
}

func TestBytes(t *testing.T) {
	for _, url := range []string{fileURL(t), "memory:"} {
		j := open(t, config(url))
		before, err := j.Bytes(t.Context())
		must(t, err)
		for i := range int64(50) {
			must(t, j.Append(t.Context(), "game", i, detection(i)))
		}
		after, err := j.Bytes(t.Context())
		must(t, err)
		if before <= 0 || after < before+50*200 {
			t.Errorf("%s: %d bytes before 50 events, and %d after them", url, before, after)
		}
	}
}

// The calls of a closed journal fail, and closing it again does nothing.
func TestClosedJournal(t *testing.T) {
	j := open(t, config(fileURL(t)))
	closeJournal(t, j)
	if err := j.Append(t.Context(), "game", 0, detection(0)); !errors.Is(err, errClosed) {
		t.Errorf("append: got %v", err)
	}
	if _, err := j.Load(t.Context(), "game"); err == nil {
		t.Error("a closed journal loads")
	}
	closeJournal(t, j)
}

// checkOnly is what Check says to a node of a cluster, or with an empty name to a node alone.
func checkOnly(t *testing.T, url, cluster string) error {
	t.Helper()
	cfg := config(url)
	cfg.Cluster = cluster
	_, err := Check(t.Context(), cfg, nil)
	return err
}
