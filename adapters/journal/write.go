package journal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// write is an event or a snapshot that waits for its commit.
type write struct {
	stream  string
	index   int64
	payload []byte
	crc     int64

	// Of an event: whether it detected something, when it was recorded, and what it means for its stream.
	detection  bool
	recordedAt int64
	turn       turn
	engine     string      // where the lifecycle that it begins takes place
	claim      *v1.Claimed // the claim that it is

	// Of a snapshot.
	isSnapshot bool
	keepFrom   int64

	ticket
}

// turn is what an event means for whether its stream is open.
type turn int

const (
	stays turn = iota
	opens
	closes
)

// closedAt is the column that says whether the stream is open.
func (w *write) closedAt() int64 {
	if w.turn == closes {
		return w.recordedAt
	}
	return 0
}

// Append implements actors.Journal.
func (j *Journal) Append(ctx context.Context, gameID string, index int64, event *v1.JournalEvent) error {
	w, err := j.eventWrite(gameID, index, event)
	if err == nil {
		err = j.committer.commit(ctx, w)
	}
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

func (j *Journal) eventWrite(gameID string, index int64, event *v1.JournalEvent) (*write, error) {
	if err := checkGame(gameID); err != nil {
		return nil, err
	}
	w := &write{stream: gameID, index: index, recordedAt: j.clock().UnixMilli(), ticket: newTicket()}
	w.detection = event.GetObserved().GetDetection() != nil
	switch {
	case event.GetObserved().GetBeginsLifecycle():
		w.turn, w.engine = opens, event.GetObserved().GetEngine()
	case event.GetStreamClosed() != nil:
		w.turn = closes
	}
	w.claim = event.GetClaimed()
	if strings.ContainsRune(w.engine+w.claim.GetNode(), 0) {
		return nil, errors.New("the name of an Engine or a node is without NUL")
	}
	var err error
	w.payload, w.crc, err = encode(gameID, index, event)
	return w, err
}

// SaveSnapshot implements actors.Journal. A snapshot that reaches beyond the stream's next index, or that is older than the
// stored one, is refused with actors.ErrConflict.
func (j *Journal) SaveSnapshot(ctx context.Context, gameID string, index, keepFrom int64, snapshot *v1.Snapshot) error {
	err := checkGame(gameID)
	w := &write{stream: gameID, index: index, isSnapshot: true, keepFrom: keepFrom, ticket: newTicket()}
	if err == nil {
		w.payload, w.crc, err = encode(gameID, index, snapshot)
	}
	if err == nil {
		err = j.committer.commit(ctx, w)
	}
	if err != nil {
		return fmt.Errorf("save a snapshot: %w", err)
	}
	return nil
}

// checkGame keeps out what Postgres can't store, since it would fail the whole batch.
func checkGame(gameID string) error {
	if !utf8.ValidString(gameID) || strings.ContainsRune(gameID, 0) {
		return errors.New("a game id is UTF-8 without NUL")
	}
	return nil
}

// writeBatch stores a batch in one transaction. Each write that was refused is marked with actors.ErrConflict or
// actors.ErrNotMember, and the others are stored all the same.
func (j *Journal) writeBatch(batch []*write) error { return j.told(j.db.store(batch)) }

// streamID is the stream's column.
func (w *write) streamID() string { return w.stream }

// refuse marks a write as not taken by the store.
func (w *write) refuse() { w.refused = actors.ErrConflict }
