package sqljournal

import (
	"fmt"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// mostSince bounds the events before a snapshot that are read only for what was gained (C6): as many as eight snapshots of a node of
// an older release. Where such a node has had games for longer, they would be too many to be read at once when it dies.
const mostSince = 512

// SelectRecovery reads what a stream's inspector recovers from. It is one statement, and so sees the journal at one moment,
// whatever other nodes write meanwhile.
var SelectRecovery = fmt.Sprintf(`
	SELECT 0 AS kind, floor AS idx, 0 AS crc, NULL AS payload FROM journal_meta
	UNION ALL
	SELECT 1, idx, crc, payload FROM journal_snapshots WHERE stream = $1
	UNION ALL
	SELECT 2, gained_idx, gained_crc, gained FROM journal_snapshots WHERE stream = $1 AND gained IS NOT NULL
	UNION ALL
	SELECT 3, idx, crc, payload FROM journal_events
	WHERE stream = $1 AND idx >= coalesce(
		(SELECT CASE WHEN gained_idx >= idx - %d THEN gained_idx ELSE idx END FROM journal_snapshots WHERE stream = $1), 0)
	ORDER BY kind, idx`, mostSince)

// The kinds of rows of a recovery.
const (
	floorRow = iota
	snapshotRow
	gainedRow
	eventRow
)

// Recovering is a stream whose rows are being read; at first none were.
type Recovering struct {
	Stream string

	read    actors.Recovery
	floored bool
	damage  error
}

// Row takes in the next row, whose payload is valid only now.
func (r *Recovering) Row(kind, index, crc int64, payload []byte) {
	switch {
	case r.damage != nil:
	case kind == floorRow:
		r.floored, r.read.From = true, index
	case kind == snapshotRow:
		r.read.From, r.read.Snapshot = index, new(v1.Snapshot)
		r.damage = decode("snapshot", r.Stream, index, payload, crc, r.read.Snapshot)
	case kind == gainedRow:
		r.damage = addGained(&r.read, r.Stream, index, payload, crc)
	case kind == eventRow && r.read.Gained != nil && index < r.read.From:
		r.damage = addSince(r.read.Gained, r.Stream, index, payload, crc)
	case kind == eventRow:
		r.damage = addEvent(&r.read, r.Stream, index, payload, crc)
	}
}

// Recovery is what was read, after the last row.
func (r *Recovering) Recovery() (actors.Recovery, error) {
	switch {
	case r.damage != nil:
		return actors.Recovery{}, r.damage
	case !r.floored:
		return actors.Recovery{}, fmt.Errorf("%w: its meta row is missing", actors.ErrDamaged)
	}
	return r.read, nil
}

// addGained adds what was gained by the last snapshot of a node that knows it, which is this one or one before it.
func addGained(r *actors.Recovery, gameID string, index int64, payload []byte, crc int64) error {
	if index > r.From {
		return damaged("gained state", gameID, index, "its snapshot is older")
	}
	r.Gained = &actors.SavedGained{State: new(v1.GainedState), From: index}
	return decode("gained state", gameID, index, payload, crc, r.Gained.State)
}

// addSince adds the next event since then, unless retention has removed one before it.
func addSince(g *actors.SavedGained, gameID string, index int64, payload []byte, crc int64) error {
	if index != g.From+int64(len(g.Since)) {
		return nil
	}
	event := new(v1.JournalEvent)
	g.Since = append(g.Since, event)
	return decode("event", gameID, index, payload, crc, event)
}

// addEvent adds the next event. Without a snapshot the first one's index is where the stream starts, whatever the floor.
func addEvent(r *actors.Recovery, gameID string, index int64, payload []byte, crc int64) error {
	if r.Snapshot == nil && len(r.Events) == 0 {
		r.From = index
	}
	if next := r.From + int64(len(r.Events)); index != next {
		return damaged("event", gameID, next, "it is missing")
	}
	event := new(v1.JournalEvent)
	if err := decode("event", gameID, index, payload, crc, event); err != nil {
		return err
	}
	r.Events = append(r.Events, event)
	return nil
}
