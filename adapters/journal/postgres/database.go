// Package postgres keeps a journal in a Postgres database, and the lease of a cluster's node beside it.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

const (
	// readers are the sessions for reading.
	readers = 4
	// readersKept are open at all times: what a takeover reads at once, the open streams and two batches of games.
	readersKept = 1 + loadsAtOnce
	// commitTimeout bounds one transaction. Only a server that is away takes that long.
	commitTimeout = 10 * time.Second
)

// database is a journal in the current schema of a Postgres database. Its sessions must be its own: a pooler between may not
// share them between transactions, because the lock belongs to a session.
type database struct {
	target      Target
	read, write *sql.DB
	me          sqljournal.Holder
	// lessee is this process as its lease names it, in the column claimant, and as it counts its commits (R4).
	lessee     string
	writes     writes // to take hold
	log        *slog.Logger
	failed     func(error) // the journal has another holder
	loader     *loader
	commits    commits
	rolledBack func() // nil for nobody

	background context.Context // of the work below, which ends when it is closed
	stop       context.CancelFunc
	working    sync.WaitGroup
}

// newDatabase is a journal without its sessions.
func newDatabase(t Target, me sqljournal.Holder, w writes) *database {
	return &database{target: t, me: me, lessee: uuid.NewString(), writes: w}
}

// Writer implements sqljournal.Database.
func (p *database) Writer() *sql.DB { return p.write }

// Reader implements sqljournal.Database.
func (p *database) Reader() sqljournal.Reader {
	return sqljournal.Reader{DB: p.read, Prefix: writableOnly}
}

// Writing implements sqljournal.Database.
func (p *database) Writing() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), commitTimeout)
}

// CheckHolder implements sqljournal.Database.
func (p *database) CheckHolder(ctx context.Context, tx *sql.Tx) error {
	var one int
	return tx.QueryRowContext(ctx, `SELECT 1 FROM journal_holder WHERE token = $1 FOR SHARE`, p.me.Token).Scan(&one)
}

// Shrink does nothing: autovacuum does.
func (p *database) Shrink(context.Context) (more bool, err error) { return false, nil }

// Bytes implements sqljournal.Database.
func (p *database) Bytes(ctx context.Context) (n int64, err error) {
	err = p.Reader().QueryRowContext(ctx, `
		SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'journal\_%'`).Scan(&n)
	return n, err
}

// Explain implements sqljournal.Database.
func (p *database) Explain(err error) error { return explain(err) }

// Close lets go of the lock AFTER the last write.
func (p *database) Close() error {
	p.loader.close()
	p.leave()
	err := errors.Join(p.write.Close(), p.read.Close())
	if p.stop != nil {
		p.stop()
		p.working.Wait()
	}
	return err
}
