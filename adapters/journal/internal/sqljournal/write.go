package sqljournal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// Write is an event or a snapshot that waits for its commit.
type Write struct {
	Stream  string
	Index   int64
	Payload []byte
	CRC     int64

	// Of an event: whether it detected something, when it was recorded, and what it means for its stream.
	Detection  bool
	RecordedAt int64
	Turn       Turn
	Engine     string      // where the lifecycle that it begins takes place
	Claim      *v1.Claimed // the claim that it is

	// Of a snapshot, with what was gained by then beside it (C6).
	IsSnapshot bool
	KeepFrom   int64
	Gained     []byte
	GainedCRC  int64

	// Refused is why the store did not take it: actors.ErrConflict or actors.ErrNotMember; nil when it did.
	Refused error

	ticket
}

// Turn is what an event means for whether its stream is open.
type Turn int

// What an event does to its stream.
const (
	Stays Turn = iota
	Opens
	Closes
)

// ClosedAt is the column that says whether the stream is open.
func (w *Write) ClosedAt() int64 {
	if w.Turn == Closes {
		return w.RecordedAt
	}
	return 0
}

// Append implements actors.Journal.
func (j *Journal) Append(ctx context.Context, gameID string, index int64, event *v1.JournalEvent) error {
	w, err := EventWrite(gameID, index, event, j.clock())
	if err == nil {
		err = j.committer.commit(ctx, w)
	}
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

// EventWrite is the write of an event that is recorded at a time. It refuses what Postgres can't store.
func EventWrite(gameID string, index int64, event *v1.JournalEvent, at time.Time) (*Write, error) {
	if err := checkGame(gameID); err != nil {
		return nil, err
	}
	w := &Write{Stream: gameID, Index: index, RecordedAt: at.UnixMilli(), ticket: newTicket()}
	w.Detection = event.GetObserved().GetDetection() != nil
	switch {
	case event.GetObserved().GetBeginsLifecycle():
		w.Turn, w.Engine = Opens, event.GetObserved().GetEngine()
	case event.GetStreamClosed() != nil:
		w.Turn = Closes
	}
	w.Claim = event.GetClaimed()
	if strings.ContainsRune(w.Engine+w.Claim.GetNode(), 0) {
		return nil, errors.New("the name of an Engine or a node is without NUL")
	}
	var err error
	w.Payload, w.CRC, err = encode(gameID, index, event)
	return w, err
}

// SaveSnapshot implements actors.Journal. A snapshot that reaches beyond the stream's next index, or that is older than the
// stored one, is refused with actors.ErrConflict.
func (j *Journal) SaveSnapshot(
	ctx context.Context, gameID string, index, keepFrom int64, snapshot *v1.Snapshot, gained *v1.GainedState,
) error {
	w, err := SnapshotWrite(gameID, index, keepFrom, snapshot, gained)
	if err == nil {
		err = j.committer.commit(ctx, w)
	}
	if err != nil {
		return fmt.Errorf("save a snapshot: %w", err)
	}
	return nil
}

// SnapshotWrite is the write of a snapshot and of what was gained by then. It refuses what Postgres can't store.
func SnapshotWrite(gameID string, index, keepFrom int64, snapshot *v1.Snapshot, gained *v1.GainedState) (w *Write, err error) {
	if err := checkGame(gameID); err != nil {
		return nil, err
	}
	w = &Write{Stream: gameID, Index: index, IsSnapshot: true, KeepFrom: keepFrom, ticket: newTicket()}
	if w.Payload, w.CRC, err = encode(gameID, index, snapshot); err != nil {
		return nil, err
	}
	w.Gained, w.GainedCRC, err = encode(gameID, index, gained)
	return w, err
}

// checkGame keeps out what Postgres can't store, since it would fail the whole batch.
func checkGame(gameID string) error {
	if !utf8.ValidString(gameID) || strings.ContainsRune(gameID, 0) {
		return errors.New("a game id is UTF-8 without NUL")
	}
	return nil
}

// Refuse marks a write as not taken by the store.
func (w *Write) Refuse() { w.Refused = actors.ErrConflict }

// writeBatch stores a batch in one transaction. Each write that was refused is marked with actors.ErrConflict or
// actors.ErrNotMember, and the others are stored all the same.
func (j *Journal) writeBatch(batch []*Write) error { return j.told(j.db.Store(batch)) }
