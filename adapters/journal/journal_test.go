package journal

import (
	"io"
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
		URL: url, Retention: time.Hour, Holder: "a", Clock: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// fileURL is a journal that is still to be made.
func fileURL(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "journal.db") }

func open(t *testing.T, cfg Config) *Journal {
	t.Helper()
	j, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeJournal(t, j) })
	return j
}

func closeJournal(t *testing.T, j *Journal) {
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
