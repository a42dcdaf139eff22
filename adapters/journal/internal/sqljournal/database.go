package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"galaxy/healthactors/actors"
)

// Database is what differs between SQLite and Postgres.
type Database interface {
	// Writer has one connection, which the committer alone uses while the journal is open.
	Writer() *sql.DB
	// Reader has the connections for reading.
	Reader() Reader
	// Writing is the context of one transaction of the writer's.
	Writing() (context.Context, context.CancelFunc)
	// CheckHolder finds this node's token in the holder row, and nobody can take the journal over before the transaction ends.
	// Without it the error is sql.ErrNoRows.
	CheckHolder(ctx context.Context, tx *sql.Tx) error
	// Store writes a batch, in which no stream comes twice, in one transaction in which this node is proven to be the holder.
	// It is durable when it returns nil, and then each write that was refused is marked with actors.ErrConflict or
	// actors.ErrNotMember. ErrTakenOver: this node is not the holder any more, and nothing was written.
	Store(batch []*Write) error
	// Load reads what a stream's inspector recovers from, as it is at one moment after the call.
	Load(ctx context.Context, stream string) (actors.Recovery, error)
	// ExcludeWriters keeps the other nodes of the cluster from writing until the transaction ends. ErrOtherRetains: one of them
	// does that at present.
	ExcludeWriters(ctx context.Context, tx *sql.Tx) error
	// ForgetWriters forgets processes that were killed long ago: one step of a pass, in the committer's turn. The next one
	// begins after the last that it returns; empty: it was the last step.
	ForgetWriters(after string) (last string, err error)
	// Shrink gives storage that retention freed back to the operating system, and says whether there is more of it. It
	// runs in the committer's turn.
	Shrink(ctx context.Context) (more bool, err error)
	// Bytes is the storage that the journal takes.
	Bytes(ctx context.Context) (int64, error)
	// Explain says in one line what an error of the driver means to an operator.
	Explain(err error) error
	// Close lets go of the journal.
	Close() error
}

// InTurn does work on the writer's connection in the committer's turn, while nothing is committed.
func (j *Journal) InTurn(work func() error) error {
	return j.committer.do(func() error { return j.told(work()) })
}

// told takes in that another node has taken the journal over, and explains an error.
func (j *Journal) told(err error) error {
	if errors.Is(err, ErrTakenOver) {
		j.fail(err)
	}
	return j.db.Explain(err)
}

// Transaction runs work in a transaction in which this node is proven to be the holder. It is durable when it returns nil.
func Transaction(db Database, work func(ctx context.Context, tx *sql.Tx) error) error {
	ctx, cancel := db.Writing()
	defer cancel()
	tx, err := db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	// After Commit this does nothing; otherwise the first error is the one that matters.
	defer func() { _ = tx.Rollback() }()
	if err := checkHolder(ctx, db, tx); err != nil {
		return err
	}
	if err := work(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// checkHolder refuses to write for a node that has lost the journal, BEFORE anything is written.
func checkHolder(ctx context.Context, db Database, tx *sql.Tx) error {
	err := db.CheckHolder(ctx, tx)
	if errors.Is(err, sql.ErrNoRows) {
		return TakenOver(ctx, tx)
	}
	if err != nil {
		return fmt.Errorf("check who holds the journal: %w", err)
	}
	return nil
}
