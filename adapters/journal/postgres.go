package journal

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	postgresReaders = 4
	// readersKept are open at all times: what a takeover reads at once, the open streams and two batches of games.
	readersKept = 1 + loadsAtOnce
	// connectTimeout bounds one try to connect, unless the URL has a connect_timeout.
	connectTimeout = 5 * time.Second
	// commitTimeout bounds one transaction. Only a server that is away takes that long.
	commitTimeout = 10 * time.Second
	// stalledAfter is how long the transaction of a cluster's node may be silent before the server ends it. What a stopped
	// node has written and not committed keeps its successor's claims waiting, and all that shares a batch with them.
	stalledAfter = time.Second
)

// postgres is a journal in the current schema of a Postgres database. Its sessions must be its own: a pooler between may not
// share them between transactions, because the lock belongs to a session.
type postgres struct {
	target      postgresTarget
	read, write *sql.DB
	me          holder
	claimant    string // tells this process's lease from those of others
	writes      writes // to take hold
	loader      *loader
	commits     commits
	rolledBack  func(lost int64)

	stopGuard context.CancelFunc
	guarding  sync.WaitGroup
}

// unasked spares a session that was idle for a second the driver's question whether it lives: one answer more before each write
// and load after a pause (C1). That the server has ended it is noticed without a question.
var unasked = stdlib.OptionShouldPing(func(_ context.Context, p stdlib.ShouldPingParams) bool {
	return p.IdleDuration > time.Second && p.Conn.PgConn().CheckConn() != nil //nolint:staticcheck // it is for slow connections
})

func newPostgresTarget(config *pgx.ConnConfig) postgresTarget {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "healthactors"
	}
	config.RuntimeParams["synchronous_commit"] = "on" // whatever the server's default: P1
	return postgresTarget{config: config}
}

// newPostgres is a journal without its sessions.
func newPostgres(t postgresTarget, me holder, w writes) *postgres {
	return &postgres{target: t, me: me, claimant: uuid.NewString(), writes: w}
}

func (t postgresTarget) open(ctx context.Context, me holder, log *slog.Logger, failed func(error)) (database, error) {
	p := newPostgres(t, me, lasting{})
	p.read, p.write = sessions(t.forReaders()), sessions(t.forWriter(me))
	p.loader = newLoader(p.readStreams)
	p.write.SetMaxOpenConns(1)
	p.read.SetMaxOpenConns(postgresReaders)
	p.read.SetMaxIdleConns(postgresReaders)
	conn, err := t.connect(ctx)
	if err == nil {
		err = p.takeHold(ctx, conn)
	}
	if err != nil {
		_ = conn.Close()
		_ = p.close()
		return nil, postgresError(err)
	}
	background, stop := context.WithCancel(context.Background())
	p.stopGuard = stop
	g := &guard{target: t, me: p.me, log: log, failed: failed}
	p.guarding.Go(func() { g.run(background, conn) })
	p.guarding.Go(func() { keepOpen(background, p.read, readersKept) })
	return p, nil
}

// forReaders is the configuration of the readers' connections. To plan a batch takes as long as to read or to store it, so it
// is planned once for each session, and for a journal that grows.
func (t postgresTarget) forReaders() *pgx.ConnConfig {
	config := t.config.Copy()
	config.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.RuntimeParams["enable_seqscan"] = "off"
	config.RuntimeParams["jit"] = "off"
	return config
}

// forWriter is the configuration of the writer's connection.
func (t postgresTarget) forWriter(me holder) *pgx.ConnConfig {
	config := t.forReaders()
	if me.cluster() != "" {
		config.RuntimeParams["idle_in_transaction_session_timeout"] = strconv.FormatInt(stalledAfter.Milliseconds(), 10)
	}
	return config
}

// forLease is the configuration of a lease's connection. A commit that a crash of the server undoes only makes the lease run
// out sooner, and needs no fsync to wait for; and a renewal that took longer than the lease is of no use.
func (t postgresTarget) forLease(length time.Duration) *pgx.ConnConfig {
	config := t.config.Copy()
	config.RuntimeParams["synchronous_commit"] = "off"
	config.RuntimeParams["statement_timeout"] = strconv.FormatInt(max(1, length.Milliseconds()), 10)
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // one round trip, on a new session too
	return config
}

// takeHold takes hold of the journal over the lock's session.
func (p *postgres) takeHold(ctx context.Context, conn *lockConn) error {
	if p.me.cluster() != "" {
		return p.join(ctx, conn)
	}
	return p.takeAlone(ctx, conn)
}

// takeAlone takes hold of the journal for this node or this cluster, when nobody else is there.
func (p *postgres) takeAlone(ctx context.Context, conn *lockConn) error {
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

func (p *postgres) writer() *sql.DB { return p.write }
func (p *postgres) reader() reader  { return reader{db: p.read, prefix: writableOnly} }

func (p *postgres) writing() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), commitTimeout)
}

func (p *postgres) fence(ctx context.Context, tx *sql.Tx) error {
	var one int
	return tx.QueryRowContext(ctx, `SELECT 1 FROM journal_holder WHERE token = $1 FOR SHARE`, p.me.token).Scan(&one)
}

// shrink does nothing: autovacuum does.
func (p *postgres) shrink(context.Context) (more bool, err error) { return false, nil }

func (p *postgres) bytes(ctx context.Context) (n int64, err error) {
	err = p.reader().QueryRowContext(ctx, `
		SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'journal\_%'`).Scan(&n)
	return n, err
}

func (p *postgres) explain(err error) error { return postgresError(err) }

// close lets go of the lock AFTER the last write.
func (p *postgres) close() error {
	p.loader.close()
	p.leave()
	err := errors.Join(p.write.Close(), p.read.Close())
	if p.stopGuard != nil {
		p.stopGuard()
		p.guarding.Wait()
	}
	return err
}
