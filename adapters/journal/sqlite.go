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

	"galaxy/healthactors/actors"
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
	recorded bool               // and says so without its log; once the watch has begun, it alone knows
	stop     context.CancelFunc // ends the watch over the file; nil where there is none
	watching sync.WaitGroup

	findToken, insertEvent, putStream, putSnapshot, recovery *sql.Stmt
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
	s, err := newInMemory(me)
	if err != nil {
		return nil, err
	}
	return s.prepared(ctx)
}

// newInMemory is an empty database, which is yet to be prepared.
func newInMemory(me holder) (*sqlite, error) {
	db, err := sql.Open("sqlite", ":memory:?_pragma=auto_vacuum(incremental)")
	if err != nil {
		return nil, err
	}
	// Each connection to memory is a database of its own: there must be one, and it must stay.
	db.SetMaxOpenConns(1)
	return &sqlite{read: db, write: db, me: me}, nil
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
	if s.recovery, err = s.read.PrepareContext(ctx, selectRecovery); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	return s, nil
}

func (s *sqlite) writer() *sql.DB { return s.write }
func (s *sqlite) reader() reader  { return reader{db: s.read} }

// writing has no time limit: nothing is waited for but the disk. And the driver starts a goroutine for each statement whose
// context can end, which made a single append several times as dear.
func (s *sqlite) writing() (context.Context, context.CancelFunc) {
	return context.Background(), func() {}
}

func (s *sqlite) fence(ctx context.Context, tx *sql.Tx) error {
	var one int
	return tx.StmtContext(ctx, s.findToken).QueryRowContext(ctx, s.me.token).Scan(&one)
}

// store implements database. It takes no claim: a file has no cluster, and so no lease.
func (s *sqlite) store(batch []*write) error {
	var events, turns, snapshots []*write
	for _, w := range batch {
		switch {
		case w.isSnapshot:
			snapshots = append(snapshots, w)
		case w.claim != nil:
			w.refused = actors.ErrNotMember
		default:
			events = append(events, w)
		}
	}
	return transaction(s, func(ctx context.Context, tx *sql.Tx) error {
		if err := each(ctx, tx, s.insertEvent, events, func(w *write) []any {
			return []any{w.stream, w.index, w.detection, w.payload, w.crc, w.recordedAt}
		}); err != nil {
			return fmt.Errorf("insert events: %w", err)
		}
		for _, w := range events {
			if w.refused == nil && w.turn != stays {
				turns = append(turns, w)
			}
		}
		if err := s.putStreams(ctx, tx, turns); err != nil {
			return fmt.Errorf("open and close streams: %w", err)
		}
		if err := each(ctx, tx, s.putSnapshot, snapshots, func(w *write) []any {
			return []any{w.stream, w.index, w.keepFrom, w.payload, w.crc}
		}); err != nil {
			return fmt.Errorf("put snapshots: %w", err)
		}
		return nil
	})
}

func (s *sqlite) putStreams(ctx context.Context, tx *sql.Tx, turns []*write) error {
	stmt := tx.StmtContext(ctx, s.putStream)
	for _, w := range turns {
		if _, err := stmt.ExecContext(ctx, w.stream, w.closedAt(), w.engine); err != nil {
			return err
		}
	}
	return nil
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

// load implements database. Each stream is a statement of its own, which waits for nothing but the disk.
func (s *sqlite) load(ctx context.Context, stream string) (actors.Recovery, error) {
	rows, err := s.recovery.QueryContext(ctx, stream)
	if err != nil {
		return actors.Recovery{}, err
	}
	defer func() { _ = rows.Close() }()
	r := recovering{stream: stream}
	for rows.Next() {
		var kind, index, crc int64
		var payload sql.RawBytes
		if err := rows.Scan(&kind, &index, &crc, &payload); err != nil {
			return actors.Recovery{}, err
		}
		r.row(kind, index, crc, payload)
	}
	if err := rows.Err(); err != nil {
		return actors.Recovery{}, err
	}
	return r.recovery()
}

// excludeWriters has nothing to do: the committer is the only writer.
func (s *sqlite) excludeWriters(context.Context, *sql.Tx) error { return nil }

// forgetWriters has none to forget.
func (s *sqlite) forgetWriters(string) (last string, err error) { return "", nil }

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
