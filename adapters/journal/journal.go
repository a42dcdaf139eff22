// Package journal keeps the games' event streams in SQLite or in Postgres.
//
// One implementation over database/sql serves both; what differs between them stands behind the interface database, in the
// files named after each. One goroutine, the committer, does all the writing.
package journal

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

// Config says which journal to open.
type Config struct {
	// URL is "sqlite:PATH", "postgres://…", or "memory:", which is gone when the journal is closed.
	URL string
	// Retention is how long delivered history is kept; it is positive.
	Retention time.Duration
	// Holder is this node's name, which another node that wants the same journal is told.
	Holder string
	// Cluster is the name of the cluster whose nodes share the journal, which is then in Postgres; empty for a node alone.
	Cluster string
	// RolledBack is called for each time that a running journal is noticed to have gone back in time, as after a failover that
	// lost commits (R4); nil for nobody. It must not wait for the journal.
	RolledBack func()
	Log        *slog.Logger
	// Clock stamps what is written; retention goes by these stamps.
	Clock actors.Clock
}

// Journal is an actors.Journal in a database, which it holds until it is closed: alone, or with the other nodes of its
// cluster.
type Journal struct {
	db            database
	selectPending *sql.Stmt // it ends with the connections
	clock         actors.Clock
	retention     time.Duration
	log           *slog.Logger
	committer     *committer
	failed        chan error
	onRollback    func()

	stop context.CancelFunc
	done sync.WaitGroup
	once sync.Once
}

var _ actors.Journal = (*Journal)(nil)

// Open opens the journal and takes hold of it; a missing one is created. A journal that is damaged, held by another node
// or written by a newer version is refused with an error of one line, and nothing in it was changed.
func Open(ctx context.Context, cfg Config) (*Journal, error) {
	t, err := parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	j := &Journal{clock: cfg.Clock, retention: cfg.Retention, log: cfg.Log, onRollback: cfg.RolledBack, failed: make(chan error, 1)}
	if j.db, err = t.open(ctx, newHolder(cfg), cfg.Log, j.fail); err != nil {
		return nil, fmt.Errorf("open the journal %s: %w", mask(cfg.URL), err)
	}
	if j.selectPending, err = j.db.reader().PrepareContext(ctx, selectPending); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal %s: prepare: %w", mask(cfg.URL), j.db.explain(err)), j.db.close())
	}
	j.committer = newCommitter(j.writeBatch)
	background, stop := context.WithCancel(context.Background())
	j.stop = stop
	j.done.Go(func() { j.retain(background) })
	if p, ok := j.db.(*postgres); ok {
		p.rolledBack = j.tellRollback
		if err := j.committer.do(func() error { return j.writeBatch(nil) }); err != nil {
			return nil, errors.Join(fmt.Errorf("open the journal %s: write to it: %w", mask(cfg.URL), err), j.Close())
		}
		j.done.Go(func() { j.watchRollbacks(background, p) })
	}
	return j, nil
}

// Close commits what waits to be written, lets go of the journal and returns when nothing of it runs any more. ErrFileGone: what
// it held is nowhere that it would be looked for.
func (j *Journal) Close() (err error) {
	j.once.Do(func() {
		j.stop()
		j.done.Wait()
		j.committer.close()
		err = j.db.close()
	})
	return err
}

// Failed yields an error when the node can't go on: another one has taken the journal over, and all writes are refused from
// then on; or, with ErrFileGone, the journal's file is gone.
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
	n, err := j.db.bytes(ctx)
	if err != nil {
		return 0, fmt.Errorf("measure the journal: %w", j.db.explain(err))
	}
	return n, nil
}
