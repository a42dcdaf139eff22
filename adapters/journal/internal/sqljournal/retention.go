package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	// firstRetention leaves a starting node alone: all its games are being recovered then.
	firstRetention = time.Minute
	// retentionPause is the time between two passes; what is removed is that much older than asked for at most.
	retentionPause = 10 * time.Minute
	// retentionStreams and retentionEvents bound one step, which appends have to wait for: a few milliseconds.
	retentionStreams = 20
	retentionEvents  = 100
)

// ErrOtherRetains says that another node of the cluster removes old history at present. One at a time is enough.
var ErrOtherRetains = errors.New("another node removes old history")

// retain removes what is old and no longer needed, until ctx ends.
func (j *Journal) retain(ctx context.Context) {
	timer := time.NewTimer(firstRetention)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if err := j.RemoveOld(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrOtherRetains) {
			j.log.Warn("could not remove old history from the journal", "error", err)
		}
		timer.Reset(retentionPause)
	}
}

// RemoveOld is one pass, which comes by itself from time to time. Undelivered detections and open streams always stay: closed_at, and keep_from of the snapshots, say
// so.
func (j *Journal) RemoveOld(ctx context.Context) error {
	cutoff := j.clock().Add(-j.retention).UnixMilli()
	if err := j.removeStreams(ctx, cutoff); err != nil {
		return fmt.Errorf("remove closed streams: %w", err)
	}
	if err := j.removeEvents(ctx, cutoff); err != nil {
		return fmt.Errorf("remove delivered events: %w", err)
	}
	if err := j.forgetWriters(ctx); err != nil {
		return fmt.Errorf("forget processes that have ended: %w", err)
	}
	for more := true; more && ctx.Err() == nil; {
		err := j.InTurn(func() (err error) {
			more, err = j.db.Shrink(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("free storage: %w", err)
		}
	}
	return nil
}

// forgetWriters is one pass over the processes that the journal knows.
func (j *Journal) forgetWriters(ctx context.Context) error {
	last := ""
	for again := true; again && ctx.Err() == nil; again = last != "" {
		err := j.InTurn(func() (err error) {
			last, err = j.db.ForgetWriters(last)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removeStreams removes the streams that were closed before cutoff, each as a whole.
func (j *Journal) removeStreams(ctx context.Context, cutoff int64) error {
	for ctx.Err() == nil {
		page, err := QueryStrings(ctx, j.db.Reader(), `
			SELECT stream FROM journal_streams WHERE closed_at > 0 AND closed_at < $1
			ORDER BY closed_at LIMIT $2`, cutoff, retentionStreams)
		if err != nil {
			return j.db.Explain(err)
		}
		if len(page) == 0 {
			return nil
		}
		if err := j.step(func(ctx context.Context, tx *sql.Tx) error {
			for _, stream := range page {
				if err := removeStream(ctx, tx, stream, cutoff); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// removeStream forgets a stream, unless it was opened again. The floor rises above it in the same transaction, so that its
// indexes never restart.
func removeStream(ctx context.Context, tx *sql.Tx, stream string, cutoff int64) error {
	removed, err := tx.ExecContext(ctx, `
		DELETE FROM journal_streams WHERE stream = $1 AND closed_at > 0 AND closed_at < $2`, stream, cutoff)
	if err != nil {
		return err
	}
	if n, err := removed.RowsAffected(); err != nil || n == 0 {
		return err
	}
	for _, query := range []string{
		`UPDATE journal_meta SET floor = (SELECT max(idx) + 1 FROM journal_events WHERE stream = $1)
			WHERE floor <= (SELECT max(idx) FROM journal_events WHERE stream = $1)`,
		`DELETE FROM journal_snapshots WHERE stream = $1`,
		`DELETE FROM journal_events WHERE stream = $1`,
	} {
		if _, err := tx.ExecContext(ctx, query, stream); err != nil {
			return err
		}
	}
	return nil
}

// prefix is the part of a stream that its snapshot gives leave to remove: the events before end.
type prefix struct {
	stream string
	end    int64
}

// removeEvents removes the delivered events behind the snapshots, slice by slice.
func (j *Journal) removeEvents(ctx context.Context, cutoff int64) error {
	for again := true; again; {
		again = false
		for after := ""; ; {
			page, err := j.removable(ctx, after, cutoff)
			if err != nil {
				return j.db.Explain(err)
			}
			if len(page) == 0 {
				break
			}
			err = j.step(func(ctx context.Context, tx *sql.Tx) error {
				for _, p := range page {
					full, err := removePrefix(ctx, tx, p, cutoff)
					if err != nil {
						return err
					}
					again = again || full
				}
				return nil
			})
			if err != nil {
				return err
			}
			after = page[len(page)-1].stream
		}
	}
	return nil
}

// removable returns the next streams that begin with old events behind their snapshot. The last event behind a snapshot
// always stays, for it shows the stream's next index.
func (j *Journal) removable(ctx context.Context, after string, cutoff int64) (page []prefix, err error) {
	rows, err := j.db.Reader().QueryContext(ctx, `
		SELECT stream, bound FROM (
			SELECT stream, CASE WHEN keep_from < idx - 1 THEN keep_from ELSE idx - 1 END AS bound
			FROM journal_snapshots WHERE stream > $1
		) s
		WHERE EXISTS (
			SELECT 1 FROM journal_events e
			WHERE e.stream = s.stream AND e.idx < s.bound AND e.recorded_at < $2
				AND e.idx = (SELECT min(idx) FROM journal_events f WHERE f.stream = s.stream)
		)
		ORDER BY stream LIMIT $3`, after, cutoff, retentionStreams)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p prefix
		if err := rows.Scan(&p.stream, &p.end); err != nil {
			return nil, err
		}
		page = append(page, p)
	}
	return page, rows.Err()
}

// removePrefix removes the first events of a stream, and says whether it stopped only because it was enough for one step.
func removePrefix(ctx context.Context, tx *sql.Tx, p prefix, cutoff int64) (full bool, err error) {
	removed, err := tx.ExecContext(ctx, `
		DELETE FROM journal_events
		WHERE stream = $1 AND idx < $2 AND recorded_at < $3
			AND idx < (SELECT min(idx) FROM journal_events WHERE stream = $1) + $4`,
		p.stream, p.end, cutoff, retentionEvents)
	if err != nil {
		return false, err
	}
	n, err := removed.RowsAffected()
	return n == retentionEvents, err
}

// step runs a transaction in the committer's turn, while nobody else writes.
func (j *Journal) step(work func(ctx context.Context, tx *sql.Tx) error) error {
	return j.InTurn(func() error {
		return Transaction(j.db, func(ctx context.Context, tx *sql.Tx) error {
			if err := j.db.ExcludeWriters(ctx, tx); err != nil {
				return err
			}
			return work(ctx, tx)
		})
	})
}
