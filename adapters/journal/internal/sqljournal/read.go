package sqljournal

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// openStreamsPage is how many open streams are read at once, so that no read stays open for as long as the caller takes:
// SQLite's log could not be cut and Postgres's dead rows not be removed meanwhile. Each page is one answer of the database that
// a takeover waits for (C1).
const openStreamsPage = 10_000

// selectPending is prepared once for each connection, since it is done for each game.
const selectPending = `
	SELECT idx, crc, payload FROM journal_events
	WHERE stream = $1 AND idx > $2 AND detection ORDER BY idx LIMIT $3`

// Load implements actors.Journal with one statement.
func (j *Journal) Load(ctx context.Context, gameID string) (actors.Recovery, error) {
	var r actors.Recovery
	err := j.committer.settle(ctx, gameID)
	if err == nil {
		r, err = j.db.Load(ctx, gameID)
	}
	if err != nil {
		return actors.Recovery{}, fmt.Errorf("load: %w", j.db.Explain(err))
	}
	return r, nil
}

// Pending implements actors.Journal.
func (j *Journal) Pending(ctx context.Context, gameID string, after int64, limit int) ([]actors.PendingDetection, error) {
	pending, err := j.pending(ctx, gameID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the pending detections: %w", j.db.Explain(err))
	}
	return pending, nil
}

func (j *Journal) pending(ctx context.Context, gameID string, after int64, limit int) ([]actors.PendingDetection, error) {
	rows, err := j.selectPending.QueryContext(ctx, gameID, after, limit)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var pending []actors.PendingDetection
	for rows.Next() {
		var index, crc int64
		var payload sql.RawBytes
		if err := rows.Scan(&index, &crc, &payload); err != nil {
			return nil, err
		}
		var event v1.JournalEvent
		if err := decode("event", gameID, index, payload, crc, &event); err != nil {
			return nil, err
		}
		pending = append(pending, actors.PendingDetection{Index: index, Observed: event.GetObserved()})
	}
	return pending, rows.Err()
}

// OpenStreams implements actors.Journal. Streams come in the order of their games' ids; one that is opened or closed
// meanwhile may come or not.
func (j *Journal) OpenStreams(ctx context.Context) iter.Seq2[actors.OpenStream, error] {
	return j.openStreamsBy(ctx, openStreamsPage)
}

func (j *Journal) openStreamsBy(ctx context.Context, length int) iter.Seq2[actors.OpenStream, error] {
	return func(yield func(actors.OpenStream, error) bool) {
		for after := ""; ; {
			page, err := j.openStreams(ctx, after, length)
			if err != nil {
				yield(actors.OpenStream{}, fmt.Errorf("read the open streams: %w", j.db.Explain(err)))
				return
			}
			for _, stream := range page {
				if !yield(stream, nil) {
					return
				}
			}
			if len(page) < length {
				return
			}
			after = page[len(page)-1].GameID
		}
	}
}

func (j *Journal) openStreams(ctx context.Context, after string, length int) (page []actors.OpenStream, err error) {
	rows, err := j.db.Reader().QueryContext(ctx, `
		SELECT stream, engine FROM journal_streams WHERE stream > $1 AND closed_at = 0 ORDER BY stream LIMIT $2`,
		after, length)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s actors.OpenStream
		if err := rows.Scan(&s.GameID, &s.Engine); err != nil {
			return nil, err
		}
		page = append(page, s)
	}
	return page, rows.Err()
}
