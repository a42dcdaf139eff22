package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync"

	"github.com/pressly/goose/v3"
)

const (
	// sqliteReaders are the connections for reading, beside the one for writing. Reads are short; more of them only wait
	// for the processor.
	sqliteReaders = 4
	// vacuumPages is how many free pages one step gives back: 2 MB.
	vacuumPages = 512
	// writerCache holds the last page of some thousand streams, which is where their next event goes.
	writerCache = 16 << 20
	// walKeep is what the write-ahead log is cut back to after a burst.
	walKeep = 64 << 20
)

// The statements that write events and snapshots change no row when the store refuses the write.
const sqliteInsertEvent = `
	INSERT INTO journal_events (stream, idx, detection, payload, crc, recorded_at)
	SELECT $1, $2, $3, $4, $5, $6
	WHERE $2 = coalesce((SELECT max(idx) + 1 FROM journal_events WHERE stream = $1), (SELECT floor FROM journal_meta))`

const sqliteFindToken = `SELECT 1 FROM journal_holder WHERE token = $1` //nolint:gosec // the token tells holders apart and is no secret

const sqlitePutStream = `
	INSERT INTO journal_streams (stream, closed_at, engine) VALUES ($1, $2, $3)
	ON CONFLICT (stream) DO UPDATE SET closed_at = excluded.closed_at, engine = excluded.engine
	WHERE journal_streams.closed_at <> excluded.closed_at OR journal_streams.engine <> excluded.engine`

const sqlitePutSnapshot = `
	INSERT INTO journal_snapshots (stream, idx, keep_from, payload, crc)
	SELECT $1, $2, $3, $4, $5
	WHERE $2 <= (SELECT max(idx) + 1 FROM journal_events WHERE stream = $1)
	ON CONFLICT (stream) DO UPDATE
	SET idx = excluded.idx, keep_from = excluded.keep_from, payload = excluded.payload, crc = excluded.crc
	WHERE excluded.idx >= journal_snapshots.idx`

// sqlite is a journal in a SQLite file, or in memory when path is empty.
type sqlite struct {
	path        string
	hold        *hold   // nil in memory
	read, write *sql.DB // one and the same in memory
	me          holder

	log      os.FileInfo        // the write-ahead log that is open
	open     bool               // the file says that it is
	stop     context.CancelFunc // ends the watch over the file; nil where there is none
	watching sync.WaitGroup

	findToken, insertEvent, putStream, putSnapshot *sql.Stmt
}

// oneNode refuses a cluster.
func oneNode(clusterName string) error {
	if clusterName != "" {
		return fmt.Errorf("it is for one node, and cluster %q needs a journal in Postgres", clusterName)
	}
	return nil
}

func (memoryTarget) open(ctx context.Context, me holder, _ *slog.Logger, _ func(error)) (database, error) {
	if err := oneNode(me.cluster()); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", ":memory:?_pragma=auto_vacuum(incremental)")
	if err != nil {
		return nil, err
	}
	// Each connection to memory is a database of its own: there must be one, and it must stay.
	db.SetMaxOpenConns(1)
	s := &sqlite{read: db, write: db, me: me}
	return s.prepared(ctx)
}

// sqliteDSN escapes the path, which may have characters that mean something in a URI.
func sqliteDSN(path string, parameters url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + parameters.Encode()
}

// prepared brings the schema up to date and takes hold of the journal.
func (s *sqlite) prepared(ctx context.Context) (_ *sqlite, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(s.explain(err), s.close())
		}
	}()
	// BEFORE the schema, so that a file that was left half made is known as ours.
	if _, err := s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return nil, fmt.Errorf("write to it: %w", err)
	}
	if err := migrate(ctx, s.write, goose.DialectSQLite3, "sqlite"); err != nil {
		return nil, err
	}
	if err := writeHolder(ctx, s.write, s.me); err != nil {
		return nil, err
	}
	for query, stmt := range map[string]**sql.Stmt{
		sqliteFindToken: &s.findToken, sqliteInsertEvent: &s.insertEvent,
		sqlitePutStream: &s.putStream, sqlitePutSnapshot: &s.putSnapshot,
	} {
		if *stmt, err = s.write.PrepareContext(ctx, query); err != nil {
			return nil, fmt.Errorf("prepare: %w", err)
		}
	}
	return s, nil
}

func (s *sqlite) writer() *sql.DB { return s.write }
func (s *sqlite) reader() *sql.DB { return s.read }

// writing has no time limit: nothing is waited for but the disk. And the driver starts a goroutine for each statement whose
// context can end, which made a single append several times as dear.
func (s *sqlite) writing() (context.Context, context.CancelFunc) {
	return context.Background(), func() {}
}

func (s *sqlite) fence(ctx context.Context, tx *sql.Tx) error {
	var one int
	return tx.StmtContext(ctx, s.findToken).QueryRowContext(ctx, s.me.token).Scan(&one)
}

// leased finds no lease: a file has no cluster.
func (s *sqlite) leased(context.Context, *sql.Tx, string) (bool, error) { return false, nil }

func (s *sqlite) insertEvents(ctx context.Context, tx *sql.Tx, batch []*write) error {
	return each(ctx, tx, s.insertEvent, batch, func(w *write) []any {
		return []any{w.stream, w.index, w.detection, w.payload, w.crc, w.recordedAt}
	})
}

func (s *sqlite) putStreams(ctx context.Context, tx *sql.Tx, batch []*write) error {
	stmt := tx.StmtContext(ctx, s.putStream)
	for _, w := range batch {
		if _, err := stmt.ExecContext(ctx, w.stream, w.closedAt(), w.engine); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqlite) putSnapshots(ctx context.Context, tx *sql.Tx, batch []*write) error {
	return each(ctx, tx, s.putSnapshot, batch, func(w *write) []any {
		return []any{w.stream, w.index, w.keepFrom, w.payload, w.crc}
	})
}

// each runs a statement for each write; one that changes nothing refuses its write.
func each(ctx context.Context, tx *sql.Tx, stmt *sql.Stmt, batch []*write, args func(*write) []any) error {
	stmt = tx.StmtContext(ctx, stmt)
	for _, w := range batch {
		result, err := stmt.ExecContext(ctx, args(w)...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			w.refuse()
		}
	}
	return nil
}

// excludeWriters has nothing to do: the committer is the only writer.
func (s *sqlite) excludeWriters(context.Context, *sql.Tx) error { return nil }

func (s *sqlite) shrink(ctx context.Context) (more bool, err error) {
	var before, after int
	if err := s.write.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&before); err != nil {
		return false, err
	}
	if _, err := s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", vacuumPages)); err != nil {
		return false, err
	}
	err = s.write.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&after)
	return 0 < after && after < before, err
}

func (s *sqlite) bytes(ctx context.Context) (int64, error) {
	if s.path == "" {
		var n int64
		err := s.read.QueryRowContext(ctx, `SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`).Scan(&n)
		return n, err
	}
	var sum int64
	for _, path := range []string{s.path, s.path + "-wal"} {
		info, err := os.Stat(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, err
		}
		if err == nil {
			sum += info.Size()
		}
	}
	return sum, nil
}

func (s *sqlite) explain(err error) error { return sqliteError(err) }
