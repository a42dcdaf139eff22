// Package sqljournal is what the journals in SQLite and in Postgres share: one implementation of actors.Journal over database/sql.
//
// What differs between the two stands behind the interface Database. One goroutine, the committer, does all the writing.
package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"galaxy/healthactors/actors"
)

// Config is what a journal goes by, in whatever database it is.
type Config struct {
	// Retention is how long delivered history is kept; it is positive.
	Retention time.Duration
	// Holder is this node or its cluster, which another one that wants the same journal is told.
	Holder Holder
	Log    *slog.Logger
	// Clock stamps what is written; retention goes by these stamps.
	Clock actors.Clock
}

// Journal is an actors.Journal in a database, which it holds until it is closed: alone, or with the other nodes of its
// cluster.
type Journal struct {
	db            Database
	selectPending *sql.Stmt // it ends with the connections
	clock         actors.Clock
	retention     time.Duration
	log           *slog.Logger
	committer     *committer
	failed        chan error

	stop context.CancelFunc
	done sync.WaitGroup
	once sync.Once
}

var _ actors.Journal = (*Journal)(nil)

// Open opens a journal in the database that open takes hold of. What open is given is called when the hold is lost later.
func Open(ctx context.Context, cfg Config, open func(failed func(error)) (Database, error)) (*Journal, error) {
	j := &Journal{clock: cfg.Clock, retention: cfg.Retention, log: cfg.Log, failed: make(chan error, 1)}
	db, err := open(j.fail)
	if err != nil {
		return nil, err
	}
	j.db = db
	if j.selectPending, err = db.Reader().PrepareContext(ctx, selectPending); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare: %w", db.Explain(err)), db.Close())
	}
	j.committer = newCommitter(j.writeBatch)
	background, stop := context.WithCancel(context.Background())
	j.stop = stop
	j.done.Go(func() { j.retain(background) })
	return j, nil
}

// Close commits what waits to be written, lets go of the journal and returns when nothing of it runs any more. sqlite.ErrFileGone:
// what it held is nowhere that it would be looked for.
func (j *Journal) Close() (err error) {
	j.once.Do(func() {
		j.stop()
		j.done.Wait()
		j.committer.close()
		err = j.db.Close()
	})
	return err
}

// Failed yields an error when the node can't go on: another one has taken the journal over, and all writes are refused from
// then on; or, with sqlite.ErrFileGone, the journal's file is gone.
func (j *Journal) Failed() <-chan error { return j.failed }

// fail reports the first failure; the later ones say the same.
func (j *Journal) fail(err error) {
	select {
	case j.failed <- err:
	default:
	}
}

// Bytes is the storage that the journal takes, indexes and write-ahead log included.
func (j *Journal) Bytes(ctx context.Context) (int64, error) {
	n, err := j.db.Bytes(ctx)
	if err != nil {
		return 0, fmt.Errorf("measure the journal: %w", j.db.Explain(err))
	}
	return n, nil
}
