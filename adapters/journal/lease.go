package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"galaxy/healthactors/actors"
)

// LeaseConfig says who becomes a member of the cluster.
type LeaseConfig struct {
	// Node is the member's name.
	Node string
	// Address is where the member answers the others.
	Address string
	// Engines are the names of those that it serves, sorted.
	Engines []string
	// Length is how long the lease holds from each renewal on; it is positive.
	Length time.Duration
}

// Lease is this process's membership in the cluster that holds the journal: a row with a time that runs out by the
// database's clock. It has a session of its own, so that no other work on the journal delays a renewal.
type Lease struct {
	cfg     LeaseConfig
	db      *sql.DB
	journal *Journal
	p       *postgres
}

var _ actors.Leases = (*Lease)(nil)

// putLease takes or renews a lease, forgets those that ran out long ago, and returns those that hold. The session waits for a
// lock at most as long as the lease, and what it writes after a wait holds from the time before it.
const putLease = `
	WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
	mine AS (
		INSERT INTO cluster_leases AS l (node, claimant, address, engines, games, since, expires_at)
		SELECT $1, $2, $3, coalesce($4::text[], '{}'), $5, now, now + $6 * interval '1 microsecond' FROM clock
		WHERE EXISTS (SELECT FROM journal_holder WHERE token = $7)
		ON CONFLICT (node) DO UPDATE
		SET claimant = excluded.claimant, address = excluded.address, engines = excluded.engines, games = excluded.games,
			since = CASE WHEN l.expires_at > excluded.since THEN l.since ELSE excluded.since END,
			expires_at = excluded.expires_at
		WHERE l.claimant = excluded.claimant OR $8 AND l.expires_at <= excluded.since
		RETURNING *
	),
	forgotten AS (
		DELETE FROM cluster_leases WHERE node IN (
			SELECT node FROM cluster_leases, clock WHERE node <> $1 AND expires_at < now - interval '1 hour'
			FOR UPDATE OF cluster_leases SKIP LOCKED)
	),
	live AS (
		SELECT true AS own, * FROM mine
		UNION ALL
		SELECT false, l.* FROM cluster_leases l, clock
		WHERE expires_at > now AND NOT EXISTS (SELECT FROM mine WHERE mine.node = l.node)
	)
	SELECT own, node, address, engines, games, since, (extract(epoch FROM expires_at - now) * 1000000)::bigint
	FROM live, clock ORDER BY node COLLATE "C"`

// Lease makes this process a member. A name that another process still has a lease on is waited for until that lease runs
// out, so that a node that crashed can come back at once; actors.ErrNameTaken: the lease was renewed meanwhile.
func (j *Journal) Lease(ctx context.Context, cfg LeaseConfig) (*Lease, error) {
	p, ok := j.db.(*postgres)
	if !ok || p.me.cluster() == "" {
		return nil, errors.New("only a cluster's journal has leases")
	}
	l := &Lease{cfg: cfg, db: sessions(p.target.forLease(cfg.Length)), journal: j, p: p}
	l.db.SetMaxOpenConns(1)
	if err := l.take(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("take the lease of node %q: %w", cfg.Node, postgresError(err)), l.db.Close())
	}
	return l, nil
}

// take waits once for another process's lease to run out.
func (l *Lease) take(ctx context.Context) error {
	taken, members, err := l.put(ctx, 0, true)
	if taken || err != nil {
		return err
	}
	var wait time.Duration // none when the name is not what keeps the lease from us
	if i := slices.IndexFunc(members, func(m actors.Member) bool { return m.Node == l.cfg.Node }); i >= 0 {
		wait = members[i].ExpiresIn
		l.journal.log.Info("the node's name is still leased; waiting until that lease runs out",
			"node", l.cfg.Node, "address", members[i].Address, "wait", wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	taken, _, err = l.put(ctx, 0, true)
	if err == nil && !taken {
		err = l.whyNot(ctx)
	}
	return err
}

// Renew implements actors.Leases.
func (l *Lease) Renew(ctx context.Context, games int64) ([]actors.Member, error) {
	renewed, members, err := l.put(ctx, games, false)
	if err == nil && !renewed {
		err = l.whyNot(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("renew the lease of node %q: %w", l.cfg.Node, postgresError(err))
	}
	return members, nil
}

// put runs putLease. anew: also when the row is another process's and has run out.
func (l *Lease) put(ctx context.Context, games int64, anew bool) (own bool, members []actors.Member, err error) {
	rows, err := l.db.QueryContext(ctx, putLease, l.cfg.Node, l.p.claimant, l.cfg.Address, l.cfg.Engines, games,
		l.cfg.Length.Microseconds(), l.p.me.token, anew)
	if err != nil {
		return false, nil, err
	}
	defer func() { _ = rows.Close() }()
	types := pgtype.NewMap()
	for rows.Next() {
		var m actors.Member
		var mine bool
		var expiresIn int64
		if err := rows.Scan(&mine, &m.Node, &m.Address, types.SQLScanner(&m.Engines), &m.Games, &m.Since, &expiresIn); err != nil {
			return false, nil, err
		}
		m.Since, m.ExpiresIn = m.Since.UTC(), time.Duration(expiresIn)*time.Microsecond
		own = own || mine
		members = append(members, m)
	}
	return own, members, rows.Err()
}

// whyNot says why a lease was not given.
func (l *Lease) whyNot(ctx context.Context) error {
	h, err := readHolder(ctx, l.db)
	if err != nil {
		return err
	}
	if h.token != l.p.me.token {
		err = takenOver(ctx, l.db)
		l.journal.fail(err)
		return err
	}
	return actors.ErrNameTaken
}

// Release implements actors.Leases. The lease is of no use afterwards, also when there was an error; Renew must have
// returned before.
func (l *Lease) Release(ctx context.Context) error {
	_, err := l.db.ExecContext(ctx, `DELETE FROM cluster_leases WHERE node = $1 AND claimant = $2`, l.cfg.Node, l.p.claimant)
	if err = errors.Join(postgresError(err), l.db.Close()); err != nil {
		return fmt.Errorf("release the lease of node %q: %w", l.cfg.Node, err)
	}
	return nil
}
