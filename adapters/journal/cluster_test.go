package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

func claimOf(node string) *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_Claimed{Claimed: &v1.Claimed{Node: node, Claimant: "life"}}}
}

// begins is the beginning of a lifecycle on an Engine.
func begins(engine string) *v1.JournalEvent {
	e := detection(0)
	e.GetObserved().BeginsLifecycle, e.GetObserved().Engine = true, engine
	return e
}

// run runs a statement; it works in a cleanup too, when the test's context has ended.
func run(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// A file has no cluster.
func TestNoClusterOnSQLite(t *testing.T) {
	for _, url := range []string{fileURL(t), "memory:"} {
		cfg := config(url)
		cfg.Cluster = "x"
		for _, err := range []error{checkOnly(t, url, "x"), second(Open(t.Context(), cfg))} {
			if want := `cluster "x" needs a journal in Postgres`; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", url, err, want)
			}
		}
		j := open(t, config(url))
		if _, err := j.Lease(t.Context(), LeaseConfig{Node: "a", Length: 1}); err == nil {
			t.Errorf("%s: there is a lease", url)
		}
		if err := j.Append(t.Context(), "game", 0, claimOf("a")); !errors.Is(err, actors.ErrNotMember) {
			t.Errorf("%s: a claim: got %v, want ErrNotMember", url, err)
		}
		if err := j.Append(t.Context(), "game", 0, claimOf("a\x00")); err == nil || errors.Is(err, actors.ErrNotMember) {
			t.Errorf("%s: a claim of a name that can't be one: %v", url, err)
		}
		if err := j.Append(t.Context(), "game", 0, begins("a\x00")); err == nil {
			t.Errorf("%s: an Engine's name that can't be one was taken", url)
		}
		must(t, j.Append(t.Context(), "game", 0, begins("east")))
	}
}

// journalOfVersion1 makes a journal as the first version did, with two open streams and a closed one.
func journalOfVersion1(t *testing.T, db *sql.DB, dialect goose.Dialect, folder string) {
	t.Helper()
	must(t, migrateTo(t.Context(), db, dialect, folder, 1))
	for _, query := range []string{
		oldPutStream("open", 0), oldPutStream("moves", 0), oldPutStream("closed", 7),
		`INSERT INTO journal_holder (only_row, kind, name, pid, token, since) VALUES (1, 'single', 'old', 1, 'old', 0)`,
	} {
		run(t, db, query)
	}
	for _, game := range []string{"open", "moves", "closed"} {
		payload, crc, err := encode(game, 0, detection(0))
		must(t, err)
		run(t, db, `INSERT INTO journal_events (stream, idx, detection, payload, crc, recorded_at) VALUES ($1, 0, true, $2, $3, 1)`,
			game, payload, crc)
	}
}

// oldPutStream is what the first version writes, also beside a later one.
func oldPutStream(stream string, closedAt int) string {
	return fmt.Sprintf(`INSERT INTO journal_streams (stream, closed_at) VALUES ('%s', %d)
		ON CONFLICT (stream) DO UPDATE SET closed_at = excluded.closed_at WHERE journal_streams.closed_at <> excluded.closed_at`,
		stream, closedAt)
}

// wantMigrated uses a journal of the first version (C6): of its streams the Engines are not known until their next lifecycle.
func wantMigrated(t *testing.T, j *Journal) {
	t.Helper()
	wantEngines(t, j, "moves:", "open:")
	must(t, j.Append(t.Context(), "closed", 1, begins("east")))
	must(t, j.Append(t.Context(), "moves", 1, begins("west")))
	wantEngines(t, j, "closed:east", "moves:west", "open:")
	run(t, j.db.writer(), oldPutStream("closed", 9))
	run(t, j.db.writer(), oldPutStream("new", 0))
	wantEngines(t, j, "moves:west", "new:", "open:")
}

// wantEngines says which streams are open on which Engines.
func wantEngines(t *testing.T, j *Journal, want ...string) {
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

func TestMigrationFromTheFirstVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	db, err := sql.Open("sqlite", path)
	must(t, err)
	run(t, db, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	journalOfVersion1(t, db, goose.DialectSQLite3, "sqlite")
	must(t, db.Close())
	wantMigrated(t, open(t, config("sqlite:"+path)))
}
