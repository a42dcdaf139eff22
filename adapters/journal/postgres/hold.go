package postgres

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// takeHold takes hold of the journal over the lock's session.
func (p *database) takeHold(ctx context.Context, conn *lockConn) error {
	if p.me.Cluster() != "" {
		return p.join(ctx, conn)
	}
	return p.takeAlone(ctx, conn)
}

// takeAlone takes hold of the journal for this node or this cluster, when nobody else is there.
func (p *database) takeAlone(ctx context.Context, conn *lockConn) error {
	if err := conn.waitForLock(ctx); err != nil {
		return err
	}
	if err := conn.inspect(ctx); err != nil {
		return err
	}
	if err := p.writes.migrate(ctx, conn); err != nil {
		return err
	}
	return p.writes.hold(ctx, conn, p.me)
}

// writes are what taking hold of a journal writes into it.
type writes interface {
	// migrate brings the schema up to date, while the session holds the lock.
	migrate(ctx context.Context, conn *lockConn) error
	// hold records the new holder.
	hold(ctx context.Context, conn *lockConn, me sqljournal.Holder) error
}

// lasting are the writes of a start.
type lasting struct{}

// migrate implements writes in another session, since a migration takes transactions of its own.
func (lasting) migrate(ctx context.Context, conn *lockConn) error {
	return conn.keepAwake(ctx, func() error { return sqljournal.Migrate(ctx, conn.db, goose.DialectPostgres, migrations) })
}

// hold implements writes over the lock's own session: one that has died, and its lock with it, puts nobody in the place of who
// has the lock by now.
func (lasting) hold(ctx context.Context, conn *lockConn, me sqljournal.Holder) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := recordHolder(ctx, tx, me); err != nil {
		return err
	}
	return tx.Commit()
}

// recordHolder records the new holder, whose members are yet to come if it is a cluster.
func recordHolder(ctx context.Context, db sqljournal.Execer, me sqljournal.Holder) error {
	if err := sqljournal.WriteHolder(ctx, db, me); err != nil || me.Cluster() == "" {
		return err
	}
	if _, err := db.ExecContext(ctx, `DELETE FROM cluster_leases`); err != nil {
		return fmt.Errorf("forget the members of another cluster: %w", err)
	}
	return nil
}
