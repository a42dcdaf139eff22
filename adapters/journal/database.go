package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	// leased says whether this process holds the lease of the node's name, by the database's clock.
	leased(ctx context.Context, tx *sql.Tx, node string) (bool, error)
	// insertEvents, putStreams and putSnapshots write a batch, and mark the writes that the store refused.
	insertEvents(ctx context.Context, tx *sql.Tx, batch []*write) error
	putStreams(ctx context.Context, tx *sql.Tx, batch []*write) error
	putSnapshots(ctx context.Context, tx *sql.Tx, batch []*write) error
	// excludeWriters keeps the other nodes of the cluster from writing until the transaction ends. errOtherRetains: one of them
	// does that at present.
	excludeWriters(ctx context.Context, tx *sql.Tx) error
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
func (j *Journal) transaction(work func(ctx context.Context, tx *sql.Tx) error) (err error) {
	ctx, cancel := j.db.writing()
	defer cancel()
	defer func() { err = j.db.explain(err) }()

	tx, err := j.db.writer().BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	// After Commit this does nothing; otherwise the first error is the one that matters.
	defer func() { _ = tx.Rollback() }()
	if err := j.checkHolder(ctx, tx); err != nil {
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
func (j *Journal) checkHolder(ctx context.Context, tx *sql.Tx) error {
	err := j.db.fence(ctx, tx)
	if errors.Is(err, sql.ErrNoRows) {
		err = takenOver(ctx, tx)
		j.fail(err)
		return err
	}
	if err != nil {
		return fmt.Errorf("check who holds the journal: %w", err)
	}
	return nil
}
