package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
)

const (
	// joinPause is the longest pause between two tries to join.
	joinPause = 100 * time.Millisecond
	// exclusionWait bounds how long retention keeps the other nodes from writing only because one of them is slow.
	exclusionWait = 500 * time.Millisecond

	// migrationSpace and retentionSpace are in place of lockSpace in the keys of the advisory locks of those who migrate and
	// of those who remove old history.
	migrationSpace = 0x68614a32
	retentionSpace = 0x68614a33
)

// join takes hold of the journal together with the other nodes of the cluster. A single node holds the lock alone, the
// nodes of a cluster hold it together, so each keeps the other out; the holder row keeps out another cluster.
func (p *postgres) join(ctx context.Context, conn *lockConn) error {
	for deadline := time.Now().Add(lockWait); ; {
		joined, err := p.tryJoin(ctx, conn)
		if joined || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return heldBy(ctx, conn)
		}
		// Of different lengths, so that nodes which start at once don't keep each other from being alone for a moment.
		select {
		case <-time.After(joinPause/4 + rand.N(joinPause*3/4)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tryJoin joins when nobody holds the journal, or this cluster does; it waits for a single node that may be about to die.
func (p *postgres) tryJoin(ctx context.Context, conn *lockConn) (joined bool, err error) {
	alone, err := conn.try(ctx, false)
	if err != nil {
		return false, err
	}
	if alone {
		return true, p.found(ctx, conn)
	}
	if err := conn.waitForLock(ctx, true); err != nil {
		return false, err
	}
	h, err := readHolder(ctx, conn)
	switch {
	case err != nil && !noHolder(err):
		return false, err
	case err == nil && h.cluster() == p.me.cluster():
		p.me.token = h.token
		return true, p.migrateTogether(ctx, conn)
	}
	// Another cluster's nodes are there, or those of this one that try to join at the same time.
	_, err = conn.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`)
	return false, err
}

// noHolder says that nobody ever held the journal.
func noHolder(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return errors.Is(err, sql.ErrNoRows) || ok && e.Code == "42P01"
}

// found makes this cluster the holder while nobody else is there, and then lets the other nodes in.
func (p *postgres) found(ctx context.Context, conn *lockConn) error {
	if err := conn.inspect(ctx); err != nil {
		return err
	}
	if err := migrate(ctx, p.write, goose.DialectPostgres, "postgres"); err != nil {
		return err
	}
	if err := p.writeCluster(ctx); err != nil {
		return err
	}
	key, err := conn.key(ctx)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `SELECT pg_advisory_lock_shared($1), pg_advisory_unlock($1)`, key)
	return err
}

// writeCluster makes this cluster the holder. When it was that already, its token stays: nodes of it that have lost their
// lock's session and are about to get it back must not be shut out.
func (p *postgres) writeCluster(ctx context.Context) error {
	tx, err := p.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	h, err := readHolder(ctx, tx)
	if err != nil && !noHolder(err) {
		return err
	}
	if err == nil && h.cluster() == p.me.cluster() {
		p.me.token = h.token
		return nil
	}
	if err := writeHolder(ctx, tx, p.me); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM cluster_leases`); err != nil {
		return fmt.Errorf("forget the members of another cluster: %w", err)
	}
	return tx.Commit()
}

// migrateTogether brings the schema up to date beside nodes of the release before (C6).
func (p *postgres) migrateTogether(ctx context.Context, conn *lockConn) error {
	if err := conn.inspect(ctx); err != nil {
		return err
	}
	const key = `($1::bigint << 32) | (SELECT oid::bigint FROM pg_namespace WHERE nspname = current_schema())`
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(`+key+`)`, migrationSpace); err != nil {
		return fmt.Errorf("wait for a node that migrates: %w", err)
	}
	err := migrate(ctx, p.write, goose.DialectPostgres, "postgres")
	_, unlock := conn.ExecContext(ctx, `SELECT pg_advisory_unlock(`+key+`)`, migrationSpace)
	return errors.Join(err, unlock)
}

// excludeWriters locks the tables in the order in which the writers do. A statement of theirs that waits sees what was
// removed, since it looks at the data only when it has the lock.
func (p *postgres) excludeWriters(ctx context.Context, tx *sql.Tx) error {
	if p.me.cluster() == "" {
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
		return errOtherRetains
	}
	// Behind this lock, all other nodes wait.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", exclusionWait.Milliseconds())); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		LOCK TABLE journal_events, journal_streams, journal_snapshots IN SHARE ROW EXCLUSIVE MODE`)
	return err
}
