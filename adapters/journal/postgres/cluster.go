package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

const (
	// exclusionWait bounds how long retention keeps the other nodes from writing only because one of them is slow.
	exclusionWait = 500 * time.Millisecond

	// migrationSpace, retentionSpace and foundingSpace are in place of lockSpace in the keys of the advisory locks of those who
	// migrate, of those who remove old history, and of the node that makes its cluster the holder.
	migrationSpace = 0x68614a32
	retentionSpace = 0x68614a33
	foundingSpace  = 0x68614a34
)

// join takes hold of the journal together with the other nodes of the cluster. A single node holds the lock alone, the
// nodes of a cluster hold it together, so each keeps the other out; the holder row keeps out another cluster.
//
// A node waits for one that founds, however long that takes (C7); for any other holder, which may be about to die, lockWait.
func (p *database) join(ctx context.Context, conn *lockConn) error {
	for founder := false; ; founder = true {
		joined, err := p.tryJoin(ctx, conn, founder)
		if joined || err != nil {
			return err
		}
		if err := conn.unlockAll(ctx); err != nil {
			return err
		}
	}
}

// tryJoin joins the cluster where it is the holder. Where it is not, it is to be founded, by one node at a time. Locks are
// always taken in the same order: the founders', then the journal's.
func (p *database) tryJoin(ctx context.Context, conn *lockConn, founder bool) (joined bool, err error) {
	if err := conn.lockPatiently(ctx, foundingSpace, !founder); err != nil {
		return false, fmt.Errorf("wait for a node that founds the cluster: %w", err)
	}
	if founder {
		if ours, err := p.readOurs(ctx, conn); err != nil {
			return false, err
		} else if !ours {
			return true, p.found(ctx, conn)
		}
	}
	locked, err := conn.lock(ctx, lockSpace, true)
	if err != nil {
		return false, err
	}
	ours, err := p.readOurs(ctx, conn)
	switch {
	case err != nil:
		return false, err
	case locked && ours:
		return true, errors.Join(p.migrateTogether(ctx, conn), conn.unlock(ctx, foundingSpace, !founder))
	case !locked && !ours:
		return false, sqljournal.HeldBy(ctx, conn)
	default: // it is to be founded; or a single node waits in vain, or for a node that may be about to die
		return false, nil
	}
}

// readOurs says whether this cluster is the holder, and takes its token.
func (p *database) readOurs(ctx context.Context, q sqljournal.Querier) (bool, error) {
	h, err := sqljournal.ReadHolder(ctx, q)
	if err != nil || h.Cluster() != p.me.Cluster() {
		if noHolder(err) {
			err = nil
		}
		return false, err
	}
	p.me.Token = h.Token
	return true, nil
}

// noHolder says that nobody ever held the journal.
func noHolder(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return errors.Is(err, sql.ErrNoRows) || ok && e.Code == "42P01"
}

// found makes this cluster the holder when nobody else is there, and then lets the other nodes in.
func (p *database) found(ctx context.Context, conn *lockConn) error {
	if err := p.takeAlone(ctx, conn); err != nil {
		return err
	}
	key, err := conn.key(ctx, lockSpace)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock_shared($1), pg_advisory_unlock($1)`, key); err != nil {
		return err
	}
	return conn.unlock(ctx, foundingSpace, false)
}

// migrateTogether brings the schema up to date beside nodes of the release before (C6).
func (p *database) migrateTogether(ctx context.Context, conn *lockConn) error {
	if err := conn.inspect(ctx); err != nil {
		return err
	}
	if done, err := conn.migrated(ctx); done || err != nil {
		return err
	}
	if err := conn.lockPatiently(ctx, migrationSpace, false); err != nil {
		return fmt.Errorf("wait for a node that migrates: %w", err)
	}
	return errors.Join(p.writes.migrate(ctx, conn), conn.unlock(ctx, migrationSpace, false))
}

// ExcludeWriters locks the tables in the order in which the writers do. A statement of theirs that waits sees what was
// removed, since it looks at the data only when it has the lock.
func (p *database) ExcludeWriters(ctx context.Context, tx *sql.Tx) error {
	if p.me.Cluster() == "" {
		return nil // the committer is the only writer
	}
	var first bool
	if err := tx.QueryRowContext(ctx, `
		SELECT pg_try_advisory_xact_lock(
			($1::bigint << 32) | (SELECT oid::bigint FROM pg_namespace WHERE nspname = current_schema()))`,
		retentionSpace).Scan(&first); err != nil {
		return err
	}
	if !first {
		return sqljournal.ErrOtherRetains
	}
	// Behind this lock, all other nodes wait.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", exclusionWait.Milliseconds())); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		LOCK TABLE journal_events, journal_streams, journal_snapshots IN SHARE ROW EXCLUSIVE MODE`)
	return err
}
