package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// Check says whether Open, and Lease for a node that is to become a member, would succeed now, and changes nothing. It returns
// what they would warn of, and the present members of the cluster, the node that is to be started included; none without lease.
func Check(ctx context.Context, t Target, me sqljournal.Holder, lease *LeaseConfig) (warnings []string, members []actors.Member, err error) {
	conn, err := t.connect(ctx)
	defer func() { _ = conn.Close() }()
	if err != nil {
		return nil, nil, explain(err)
	}
	// The lock is held for as long as the check takes; a node that starts meanwhile waits, or is of the same cluster.
	try := &trial{}
	p := newDatabase(t, me, try)
	if err = p.takeHold(ctx, conn); err == nil {
		err = try.do(ctx, conn, func() error { return p.tryStore(ctx, conn) })
	}
	if err != nil {
		return nil, nil, explain(err)
	}
	if warnings, err = missingRights(ctx, conn); err != nil {
		return nil, nil, explain(err)
	}
	if lease != nil {
		members, err = p.tryLease(ctx, conn, try, *lease)
	}
	return warnings, members, explain(err)
}

// tryStore writes what Open writes first: a commit of this process without events.
func (p *database) tryStore(ctx context.Context, conn *lockConn) error {
	return storeBatch.runIn(ctx, conn.Conn, p.parameters(nil), func([][]byte) {})
}

// tryLease takes the lease as a node that starts does. No transaction is open while it waits for the name, lest the renewal of
// the node that has it wait as well.
func (p *database) tryLease(ctx context.Context, conn *lockConn, try *trial, cfg LeaseConfig) (members []actors.Member, err error) {
	l := &Lease{cfg: cfg, p: p, session: conn.Conn, log: slog.New(slog.DiscardHandler), failed: func(error) {}}
	err = l.take(ctx, func(ctx context.Context, expired bool, renewal string) (own bool, known []actors.Member, err error) {
		err = try.once(ctx, conn, func() error {
			own, known, err = l.query(ctx, 0, expired, renewal)
			return err
		})
		members = slices.DeleteFunc(known, func(m actors.Member) bool { return m.ExpiresIn <= 0 })
		return own, known, err
	})
	if err != nil {
		return nil, fmt.Errorf("take the lease of node %q: %w", cfg.Node, err)
	}
	return members, nil
}

// missingRights names what a node runs without, and warns of when it would need it.
func missingRights(ctx context.Context, conn *lockConn) ([]string, error) {
	tables, err := sqljournal.QueryStrings(ctx, conn, `
		SELECT tablename::text FROM pg_tables
		WHERE schemaname = current_schema() AND tablename LIKE 'journal\_%' AND tablename <> 'journal_versions'
			AND NOT has_table_privilege(format('%I.%I', schemaname, tablename), 'DELETE')
		ORDER BY tablename`)
	warnings := make([]string, len(tables))
	for n, table := range tables {
		warnings[n] = fmt.Sprintf("a right is missing: to delete from %s, so that old history stays", table)
	}
	return warnings, err
}
