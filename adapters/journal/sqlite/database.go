// Package sqlite keeps a journal in a SQLite file, or in memory.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

const (
	// readers are the connections for reading, beside the one for writing. Reads are short; more of them only wait
	// for the processor.
	readers = 4
	// vacuumPages is how many free pages one step gives back: 2 MB.
	vacuumPages = 512
	// writerCache holds the last page of some thousand streams, which is where their next event goes.
	writerCache = 16 << 20
	// walKeep is what the write-ahead log is cut back to after a burst.
	walKeep = 64 << 20
)

// The statements that write events and snapshots change no row when the store refuses the write.
const insertEvent = `
	INSERT INTO journal_events (stream, idx, detection, payload, crc, recorded_at)
	SELECT $1, $2, $3, $4, $5, $6
	WHERE $2 = coalesce((SELECT max(idx) + 1 FROM journal_events WHERE stream = $1), (SELECT floor FROM journal_meta))`

const findToken = `SELECT 1 FROM journal_holder WHERE token = $1` //nolint:gosec // the token tells holders apart and is no secret

const putStream = `
	INSERT INTO journal_streams (stream, closed_at, engine) VALUES ($1, $2, $3)
	ON CONFLICT (stream) DO UPDATE SET closed_at = excluded.closed_at, engine = excluded.engine
	WHERE journal_streams.closed_at <> excluded.closed_at OR journal_streams.engine <> excluded.engine`

// putSnapshot stores what was gained beside the snapshot (C6): a statement of an older release names these columns nowhere.
const putSnapshot = `
	INSERT INTO journal_snapshots (stream, idx, keep_from, payload, crc, gained_idx, gained, gained_crc)
	SELECT $1, $2, $3, $4, $5, $2, $6, $7
	WHERE $2 <= (SELECT max(idx) + 1 FROM journal_events WHERE stream = $1)
	ON CONFLICT (stream) DO UPDATE
	SET idx = excluded.idx, keep_from = excluded.keep_from, payload = excluded.payload, crc = excluded.crc,
		gained_idx = excluded.gained_idx, gained = excluded.gained, gained_crc = excluded.gained_crc
	WHERE excluded.idx >= journal_snapshots.idx`

// database is a journal in a SQLite file, or in memory when path is empty.
type database struct {
	path        string
	hold        *hold   // nil in memory
	read, write *sql.DB // one and the same in memory
	me          sqljournal.Holder

	log      os.FileInfo        // the write-ahead log that is open
	open     bool               // the file says that it is
	recorded bool               // and says so without its log; once the watch has begun, it alone knows
	stop     context.CancelFunc // ends the watch over the file; nil where there is none
	watching sync.WaitGroup

	findToken, insertEvent, putStream, putSnapshot, recovery *sql.Stmt
}

// Writer implements sqljournal.Database.
func (s *database) Writer() *sql.DB { return s.write }

// Reader implements sqljournal.Database.
func (s *database) Reader() sqljournal.Reader { return sqljournal.Reader{DB: s.read} }

// Writing has no time limit: nothing is waited for but the disk. And the driver starts a goroutine for each statement whose
// context can end, which made a single append several times as dear.
func (s *database) Writing() (context.Context, context.CancelFunc) {
	return context.Background(), func() {}
}

// CheckHolder implements sqljournal.Database.
func (s *database) CheckHolder(ctx context.Context, tx *sql.Tx) error {
	var one int
	return tx.StmtContext(ctx, s.findToken).QueryRowContext(ctx, s.me.Token).Scan(&one)
}

// Store implements sqljournal.Database. It takes no claim: a file has no cluster, and so no lease.
func (s *database) Store(batch []*sqljournal.Write) error {
	var events, turns, snapshots []*sqljournal.Write
	for _, w := range batch {
		switch {
		case w.IsSnapshot:
			snapshots = append(snapshots, w)
		case w.Claim != nil:
			w.Refused = actors.ErrNotMember
		default:
			events = append(events, w)
		}
	}
	return sqljournal.Transaction(s, func(ctx context.Context, tx *sql.Tx) error {
		if err := each(ctx, tx, s.insertEvent, events, func(w *sqljournal.Write) []any {
			return []any{w.Stream, w.Index, w.Detection, w.Payload, w.CRC, w.RecordedAt}
		}); err != nil {
			return fmt.Errorf("insert events: %w", err)
		}
		for _, w := range events {
			if w.Refused == nil && w.Turn != sqljournal.Stays {
				turns = append(turns, w)
			}
		}
		if err := s.putStreams(ctx, tx, turns); err != nil {
			return fmt.Errorf("open and close streams: %w", err)
		}
		if err := each(ctx, tx, s.putSnapshot, snapshots, func(w *sqljournal.Write) []any {
			return []any{w.Stream, w.Index, w.KeepFrom, w.Payload, w.CRC, w.Gained, w.GainedCRC}
		}); err != nil {
			return fmt.Errorf("put snapshots: %w", err)
		}
		return nil
	})
}

func (s *database) putStreams(ctx context.Context, tx *sql.Tx, turns []*sqljournal.Write) error {
	stmt := tx.StmtContext(ctx, s.putStream)
	for _, w := range turns {
		if _, err := stmt.ExecContext(ctx, w.Stream, w.ClosedAt(), w.Engine); err != nil {
			return err
		}
	}
	return nil
}

// each runs a statement for each write; one that changes nothing refuses its write.
func each(ctx context.Context, tx *sql.Tx, stmt *sql.Stmt, batch []*sqljournal.Write, args func(*sqljournal.Write) []any) error {
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
			w.Refuse()
		}
	}
	return nil
}

// Load implements sqljournal.Database. Each stream is a statement of its own, which waits for nothing but the disk.
func (s *database) Load(ctx context.Context, stream string) (actors.Recovery, error) {
	rows, err := s.recovery.QueryContext(ctx, stream)
	if err != nil {
		return actors.Recovery{}, err
	}
	defer func() { _ = rows.Close() }()
	r := sqljournal.Recovering{Stream: stream}
	for rows.Next() {
		var kind, index, crc int64
		var payload sql.RawBytes
		if err := rows.Scan(&kind, &index, &crc, &payload); err != nil {
			return actors.Recovery{}, err
		}
		r.Row(kind, index, crc, payload)
	}
	if err := rows.Err(); err != nil {
		return actors.Recovery{}, err
	}
	return r.Recovery()
}

// ExcludeWriters has nothing to do: the committer is the only writer.
func (s *database) ExcludeWriters(context.Context, *sql.Tx) error { return nil }

// ForgetWriters has none to forget.
func (s *database) ForgetWriters(string) (last string, err error) { return "", nil }

// Shrink implements sqljournal.Database.
func (s *database) Shrink(ctx context.Context) (more bool, err error) {
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

// Bytes implements sqljournal.Database.
func (s *database) Bytes(ctx context.Context) (int64, error) {
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

// Explain implements sqljournal.Database.
func (s *database) Explain(err error) error { return explain(err) }

// Close lets go of the file AFTER the last connection has written its log back. ErrFileGone: it was not where it was opened.
func (s *database) Close() error {
	if s.stop != nil {
		s.stop()
		s.watching.Wait()
	}
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.open {
		// SQLite would not write back the log of a file that was moved.
		_, err := record(context.Background(), s.write, origin{})
		errs = append(errs, s.fileGone(), err)
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	if s.hold != nil {
		errs = append(errs, s.hold.release())
	}
	return errors.Join(errs...)
}
