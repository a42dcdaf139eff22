package journaltest

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"
	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// Run runs a statement; it works in a cleanup too, when the test's context has ended.
func Run(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// OfVersion1 makes a journal as the first version did, with two open streams and a closed one.
func OfVersion1(t *testing.T, db *sql.DB, dialect goose.Dialect, migrations fs.FS) {
	t.Helper()
	const first = "migrations/00001_journal.sql"
	migration, err := fs.ReadFile(migrations, first)
	must(t, err)
	must(t, sqljournal.Migrate(t.Context(), db, dialect, fstest.MapFS{first: &fstest.MapFile{Data: migration}}))
	for _, query := range []string{
		oldPutStream("open", 0), oldPutStream("moves", 0), oldPutStream("closed", 7),
		`INSERT INTO journal_holder (only_row, kind, name, pid, token, since) VALUES (1, 'single', 'old', 1, 'old', 0)`,
	} {
		Run(t, db, query)
	}
	for _, game := range []string{"open", "moves", "closed"} {
		w, err := sqljournal.EventWrite(game, 0, Detection(0), time.UnixMilli(1))
		must(t, err)
		Run(t, db, `INSERT INTO journal_events (stream, idx, detection, payload, crc, recorded_at) VALUES ($1, $2, true, $3, $4, $5)`,
			w.Stream, w.Index, w.Payload, w.CRC, w.RecordedAt)
	}
}

// oldPutStream is what the first version writes, also beside a later one.
func oldPutStream(stream string, closedAt int) string {
	return fmt.Sprintf(`INSERT INTO journal_streams (stream, closed_at) VALUES ('%s', %d)
		ON CONFLICT (stream) DO UPDATE SET closed_at = excluded.closed_at WHERE journal_streams.closed_at <> excluded.closed_at`,
		stream, closedAt)
}

// OlderSnapshot saves a snapshot as the release 816d050 does, which knows nothing beside it (C6).
func OlderSnapshot(t *testing.T, db *sql.DB, game string, index int64, snapshot *v1.Snapshot) {
	t.Helper()
	w, err := sqljournal.SnapshotWrite(game, index, index, snapshot, nil)
	must(t, err)
	Run(t, db, `
		INSERT INTO journal_snapshots (stream, idx, keep_from, payload, crc) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (stream) DO UPDATE
		SET idx = excluded.idx, keep_from = excluded.keep_from, payload = excluded.payload, crc = excluded.crc
		WHERE excluded.idx >= journal_snapshots.idx`, w.Stream, w.Index, w.KeepFrom, w.Payload, w.CRC)
}

// WantMigrated uses a journal of the first version (C6): of its streams the Engines are not known until their next lifecycle.
// db is the database that it is in.
func WantMigrated(t *testing.T, j actors.Journal, db *sql.DB) {
	t.Helper()
	WantEngines(t, j, "moves:", "open:")
	must(t, j.Append(t.Context(), "closed", 1, Begins("east")))
	must(t, j.Append(t.Context(), "moves", 1, Begins("west")))
	WantEngines(t, j, "closed:east", "moves:west", "open:")
	Run(t, db, oldPutStream("closed", 9))
	Run(t, db, oldPutStream("new", 0))
	WantEngines(t, j, "moves:west", "new:", "open:")
	wantGainedKept(t, j, db, "moves")
}

// wantGainedKept has an older release save a snapshot of a stream, which has two events, behind one of this release.
func wantGainedKept(t *testing.T, j actors.Journal, db *sql.DB, game string) {
	t.Helper()
	gained := &v1.GainedState{LifecycleEnded: &v1.LifecycleEnded{Reasons: []v1.Reason{v1.Reason_REASON_NOT_RUNNING}}}
	must(t, j.SaveSnapshot(t.Context(), game, 1, 1, &v1.Snapshot{}, gained))
	OlderSnapshot(t, db, game, 2, &v1.Snapshot{})
	r, err := j.Load(t.Context(), game)
	must(t, err)
	if r.From != 2 || r.Gained == nil || r.Gained.From != 1 || !proto.Equal(r.Gained.State, gained) || len(r.Gained.Since) != 1 {
		t.Errorf("loaded from %d, gained %+v", r.From, r.Gained)
	}
}
