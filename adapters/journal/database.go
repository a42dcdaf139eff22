package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"galaxy/healthactors/actors"
)

// database is what differs between SQLite and Postgres.
type database interface {
	// writer has one connection, which the committer alone uses while the journal is open.
	writer() *sql.DB
	reader() reader
	// writing is the context of one transaction of the writer's.
	writing() (context.Context, context.CancelFunc)
	// fence finds this node's token in the holder row, and nobody can take the journal over before the transaction ends.
	// Without it the error is sql.ErrNoRows.
	fence(ctx context.Context, tx *sql.Tx) error
	// store writes a batch, in which no stream comes twice, in one transaction in which this node is proven to be the holder.
	// It is durable when it returns nil, and then each write that was refused is marked with actors.ErrConflict or
	// actors.ErrNotMember. errTakenOver: this node is not the holder any more, and nothing was written.
	store(batch []*write) error
	// load reads what a stream's inspector recovers from, as it is at one moment after the call.
	load(ctx context.Context, stream string) (actors.Recovery, error)
	// excludeWriters keeps the other nodes of the cluster from writing until the transaction ends. errOtherRetains: one of them
	// does that at present.
	excludeWriters(ctx context.Context, tx *sql.Tx) error
	// forgetWriters forgets processes that were killed long ago: one step of a pass, in the committer's turn. The next one
	// begins after the last that it returns; empty: it was the last step.
	forgetWriters(after string) (last string, err error)
	// shrink gives storage that retention freed back to the operating system, and says whether there is more of it. It
	// runs in the committer's turn.
	shrink(ctx context.Context) (more bool, err error)
	bytes(ctx context.Context) (int64, error)
	// explain says in one line what an error of the driver means to an operator.
	explain(err error) error
	// close lets go of the journal.
	close() error
}

// transaction runs work in a transaction in which this node is proven to be the holder. It is durable when it returns nil.
func (j *Journal) transaction(work func(ctx context.Context, tx *sql.Tx) error) error {
	return j.told(transaction(j.db, work))
}

// told takes in that another node has taken the journal over, and explains an error.
func (j *Journal) told(err error) error {
	if errors.Is(err, errTakenOver) {
		j.fail(err)
	}
	return j.db.explain(err)
}

func transaction(db database, work func(ctx context.Context, tx *sql.Tx) error) error {
	ctx, cancel := db.writing()
	defer cancel()
	tx, err := db.writer().BeginTx(ctx, nil)
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
func checkHolder(ctx context.Context, db database, tx *sql.Tx) error {
	err := db.fence(ctx, tx)
	if errors.Is(err, sql.ErrNoRows) {
		return takenOver(ctx, tx)
	}
	if err != nil {
		return fmt.Errorf("check who holds the journal: %w", err)
	}
	return nil
}
