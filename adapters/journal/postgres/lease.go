package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
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
// database's clock. Its sessions are its own, so that no other work on the journal delays a renewal.
type Lease struct {
	cfg    LeaseConfig
	db     *sql.DB
	p      *database
	line   *line
	log    *slog.Logger
	failed func(error) // the journal has another holder
	// session is the one to renew over; nil when there is none.
	session *sql.Conn
}

var _ actors.Leases = (*Lease)(nil)

// putLease takes or renews a lease, forgets those that ran out long ago, and returns the others. The session waits for a lock
// at most as long as the lease, and what it writes after a wait holds from the time before it. What tells two renewals of a
// lease apart is also where a node of the release before renews, which does not count.
const putLease = `
	WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
	mine AS (
		INSERT INTO cluster_leases AS l (node, claimant, address, engines, games, since, expires_at, renewals, length)
		SELECT $1, $2, $3, coalesce($4::text[], '{}'), $5, now, now + $6::bigint * interval '1 microsecond', 1, $6::bigint FROM clock
		WHERE EXISTS (SELECT FROM journal_holder WHERE token = $7)
		ON CONFLICT (node) DO UPDATE
		SET claimant = excluded.claimant, address = excluded.address, engines = excluded.engines, games = excluded.games,
			since = CASE WHEN l.expires_at > excluded.since THEN l.since ELSE excluded.since END,
			expires_at = excluded.expires_at, renewals = l.renewals + 1, length = excluded.length
		WHERE l.claimant = excluded.claimant
			OR $8::boolean AND l.expires_at <= excluded.since
			OR concat_ws('/', l.claimant, l.renewals, extract(epoch FROM l.expires_at)) = $9
		RETURNING *
	),
	forgotten AS (
		DELETE FROM cluster_leases WHERE node IN (
			SELECT node FROM cluster_leases, clock WHERE node <> $1 AND expires_at < now - interval '1 hour'
			FOR UPDATE OF cluster_leases SKIP LOCKED)
	),
	known AS (
		SELECT true AS own, * FROM mine
		UNION ALL
		SELECT false, l.* FROM cluster_leases l, clock
		WHERE expires_at >= now - interval '1 hour' AND NOT EXISTS (SELECT FROM mine WHERE mine.node = l.node)
	)
	SELECT own, node, address, engines, games, since, concat_ws('/', claimant, renewals, extract(epoch FROM expires_at)), length,
		(extract(epoch FROM expires_at - now) * 1000000)::bigint
	FROM known, clock ORDER BY node COLLATE "C"`

// ErrNoCluster says that a node alone has no lease.
var ErrNoCluster = errors.New("only a cluster's journal has leases")

// Lease makes this process a member. A name that another process still has a lease on is waited for: for as long as that lease
// is, by this process's clock, so that a node that crashed can come back at once; actors.ErrNameTaken: the lease was renewed
// meanwhile (C7).
func (j *Journal) Lease(ctx context.Context, cfg LeaseConfig) (*Lease, error) {
	p := j.db
	if p.me.Cluster() == "" {
		return nil, ErrNoCluster
	}
	l := &Lease{cfg: cfg, db: sessions(p.target.forLease(cfg.Length)), p: p, log: p.log, failed: p.failed}
	l.line = newLine(l.db)
	put := func(ctx context.Context, expired bool, renewal string) (bool, []actors.Member, error) {
		return l.put(ctx, 0, expired, renewal)
	}
	if err := l.take(ctx, put); err != nil {
		return nil, errors.Join(fmt.Errorf("take the lease of node %q: %w", cfg.Node, explain(err)), l.close())
	}
	return l, nil
}

// take takes the lease by put, also another process's that ran out, or that it does not renew while this process waits.
func (l *Lease) take(
	ctx context.Context, put func(ctx context.Context, expired bool, renewal string) (own bool, known []actors.Member, err error),
) error {
	taken, known, err := put(ctx, true, "")
	if taken || err != nil {
		return err
	}
	n := slices.IndexFunc(known, func(m actors.Member) bool { return m.Node == l.cfg.Node })
	if n < 0 { // the name is not what keeps the lease from us
		return l.whyNot(ctx)
	}
	holder := known[n]
	wait := holder.Length
	if wait <= 0 { // a node of the release before doesn't tell
		wait = l.cfg.Length
	}
	l.log.Info("the node's name is still leased; waiting for one lease",
		"node", l.cfg.Node, "address", holder.Address, "wait", wait)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	taken, _, err = put(ctx, true, holder.Renewal)
	if err == nil && !taken {
		err = l.whyNot(ctx)
	}
	return err
}

// Connect implements actors.Leases. A session that was ended meanwhile is replaced.
func (l *Lease) Connect(ctx context.Context) (err error) {
	if l.session != nil && !lives(l.session) {
		l.hangUp()
	}
	if l.session == nil {
		if l.session, err = l.line.next(ctx); err != nil {
			return fmt.Errorf("connect to renew the lease of node %q: %w", l.cfg.Node, explain(err))
		}
	}
	return nil
}

// Renew implements actors.Leases.
func (l *Lease) Renew(ctx context.Context, games int64) ([]actors.Member, error) {
	renewed, known, err := l.put(ctx, games, false, "")
	if err == nil && !renewed {
		err = l.whyNot(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("renew the lease of node %q: %w", l.cfg.Node, explain(err))
	}
	return known, nil
}

// put runs putLease. expired: also when the row is another process's and has run out; renewal: also when the row is another
// process's and still at this renewal. A session on which it fails is not used again.
func (l *Lease) put(ctx context.Context, games int64, expired bool, renewal string) (own bool, known []actors.Member, err error) {
	if err := l.Connect(ctx); err != nil {
		return false, nil, err
	}
	defer func() {
		if err != nil {
			l.hangUp()
		}
	}()
	return l.query(ctx, games, expired, renewal)
}

// query is put on the session that there is.
func (l *Lease) query(ctx context.Context, games int64, expired bool, renewal string) (own bool, known []actors.Member, err error) {
	rows, err := l.session.QueryContext(ctx, putLease, l.cfg.Node, l.p.lessee, l.cfg.Address, l.cfg.Engines, games,
		l.cfg.Length.Microseconds(), l.p.me.Token, expired, renewal)
	if err != nil {
		return false, nil, err
	}
	defer func() { _ = rows.Close() }()
	types := pgtype.NewMap()
	for rows.Next() {
		var m actors.Member
		var mine bool
		var length, expiresIn int64
		if err := rows.Scan(&mine, &m.Node, &m.Address, types.SQLScanner(&m.Engines), &m.Games, &m.Since, &m.Renewal,
			&length, &expiresIn); err != nil {
			return false, nil, err
		}
		m.Since, m.Length = m.Since.UTC(), time.Duration(length)*time.Microsecond
		m.ExpiresIn = time.Duration(expiresIn) * time.Microsecond
		own = own || mine
		known = append(known, m)
	}
	return own, known, rows.Err()
}

// whyNot says why a lease was not given.
func (l *Lease) whyNot(ctx context.Context) error {
	h, err := sqljournal.ReadHolder(ctx, l.session)
	if err != nil {
		l.hangUp()
		return err
	}
	if h.Token != l.p.me.Token {
		err = sqljournal.TakenOver(ctx, l.session)
		l.failed(err)
		return err
	}
	return actors.ErrNameTaken
}

// Release implements actors.Leases. The lease is of no use afterwards, also when there was an error; Renew must have
// returned before.
func (l *Lease) Release(ctx context.Context) error {
	err := l.Connect(ctx)
	if err == nil {
		_, err = l.session.ExecContext(ctx, `DELETE FROM cluster_leases WHERE node = $1 AND claimant = $2`, l.cfg.Node, l.p.lessee)
	}
	if err = errors.Join(explain(err), l.close()); err != nil {
		return fmt.Errorf("release the lease of node %q: %w", l.cfg.Node, err)
	}
	return nil
}

// hangUp ends the session, for which the next one stands in.
func (l *Lease) hangUp() {
	if l.session != nil {
		_ = l.session.Close()
		l.session = nil
	}
}

func (l *Lease) close() error {
	l.line.close()
	l.hangUp()
	return l.db.Close()
}
