package sqlite

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

func TestMain(m *testing.M) {
	journaltest.Main(m, openAs)
}

// openAs opens a journal for a node.
func openAs(ctx context.Context, path, node string) (journaltest.Journal, error) {
	cfg := config()
	cfg.Holder = sqljournal.NewHolder(node, "", time.Now())
	return Open(ctx, path, cfg)
}

// config is a node's, for the tests that don't care.
func config() sqljournal.Config {
	return sqljournal.Config{
		Retention: time.Hour, Holder: sqljournal.NewHolder("a", "", time.Now()), Clock: time.Now, Log: slog.New(slog.DiscardHandler),
	}
}

// newPath is where a journal is still to be made.
func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "journal.db") }

const inMemory = ""

// opened is a journal and the database that it is in.
type opened struct {
	*sqljournal.Journal
	db *database
}

func openBoth(ctx context.Context, path string) (*opened, error) {
	o := new(opened)
	var err error
	o.Journal, err = sqljournal.Open(ctx, config(), func(failed func(error)) (_ sqljournal.Database, err error) {
		o.db, err = open(ctx, path, config(), failed)
		return o.db, err
	})
	return o, err
}

func start(t testing.TB, path string) *opened {
	t.Helper()
	j, err := openBoth(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeJournal(t, j) })
	return j
}

func closeJournal(t testing.TB, j journaltest.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func checkOnly(t *testing.T, path string) error {
	t.Helper()
	_, err := Check(t.Context(), path, config().Holder)
	return err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestSQLiteKeepsThePort(t *testing.T) {
	porttest.Journal(t, func(t *testing.T) porttest.JournalFixture {
		path := newPath(t)
		var last *opened
		return porttest.JournalFixture{
			Open: func() actors.Journal {
				if last != nil {
					closeJournal(t, last)
				}
				last = start(t, path)
				return last
			},
			OlderSnapshot: func(t *testing.T, game string, index int64, snapshot *v1.Snapshot) {
				journaltest.OlderSnapshot(t, last.db.write, game, index, snapshot)
			},
		}
	})
}

func TestMemoryKeepsThePort(t *testing.T) {
	porttest.Journal(t, func(t *testing.T) porttest.JournalFixture {
		j := start(t, inMemory)
		return porttest.JournalFixture{
			Open: func() actors.Journal { return j }, // memory has no restart
			OlderSnapshot: func(t *testing.T, game string, index int64, snapshot *v1.Snapshot) {
				journaltest.OlderSnapshot(t, j.db.write, game, index, snapshot)
			},
		}
	})
}

func TestBytes(t *testing.T) {
	for _, path := range []string{newPath(t), inMemory} {
		j := start(t, path)
		before, err := j.Bytes(t.Context())
		must(t, err)
		for i := range int64(50) {
			must(t, j.Append(t.Context(), "game", i, journaltest.Detection(i)))
		}
		after, err := j.Bytes(t.Context())
		must(t, err)
		if before <= 0 || after < before+50*200 {
			t.Errorf("%q: %d bytes before 50 events, and %d after them", path, before, after)
		}
	}
}

// P1, R1: what was acknowledged before kill -9 is there after it, and the next start is not kept waiting.
func TestKilledWriter(t *testing.T) { journaltest.KilledWriter(t, newPath(t), openAs) }
