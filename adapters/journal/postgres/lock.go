package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

const (
	// lockSpace keeps the advisory lock's key, with the schema's oid as its lower half, apart from other programs' keys.
	lockSpace = 0x68614a31
	// lockWait is how long a starting node waits for a lock whose session may be about to die.
	lockWait = 5 * time.Second
	// guardPause is the time between two looks at the lock's session, guardTimeout the bound on one look.
	guardPause   = 2 * time.Second
	guardTimeout = 5 * time.Second
	// relockMax is about the longest pause between two tries to get a lost lock back. Another node that starts within the first
	// one on a server that is back may be let in, so it is short.
	relockMax = time.Second
)

// lockConn is a session of its own that holds the journal's advisory lock for as long as it lives.
type lockConn struct {
	*sql.Conn
	db *sql.DB
	// schema is the oid of the journal's, once it is known.
	schema int64
}

// connect opens a session for the lock, which is to be closed even when there is an error. It is on a server that takes writes,
// like all of a node's: a lock on a standby keeps nobody out. The server ends it when its client has gone without a word, or
// is silent for several of the guard's looks.
func (t Target) connect(ctx context.Context) (*lockConn, error) {
	db := sessions(t.forLock())
	db.SetMaxIdleConns(-1) // a migration's session is over with it
	conn, err := db.Conn(ctx)
	if err != nil {
		return &lockConn{db: db}, err
	}
	c := &lockConn{Conn: conn, db: db}
	ctx, cancel := context.WithTimeout(ctx, guardTimeout)
	defer cancel()
	// Settings that this server doesn't have are left out; over a unix socket those of TCP mean nothing.
	_, err = conn.ExecContext(ctx, fmt.Sprintf(`
		SELECT set_config(name, value, false)
		FROM (VALUES ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'),
			('tcp_user_timeout', '15s'), ('idle_session_timeout', '15s'), ('lock_timeout', '%d')) AS wanted (name, value)
		JOIN pg_settings USING (name)`, lockWait.Milliseconds()))
	return c, err
}

// forLock is the configuration of the lock's connection, whose statements come once each: one round trip does.
func (t Target) forLock() *pgx.ConnConfig {
	config := t.config.Copy()
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return config
}

// Close lets go of the lock and ends the session.
func (c *lockConn) Close() error {
	if c.Conn != nil {
		// At once, and not when the server has noticed that the session is over.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		_, _ = c.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`)
		cancel()
		_ = c.Conn.Close()
	}
	return c.db.Close()
}

// key is a lock's number, for the schema that the journal is in.
func (c *lockConn) key(ctx context.Context, space int64) (int64, error) {
	if c.schema == 0 {
		err := c.QueryRowContext(ctx, `SELECT oid::bigint FROM pg_namespace WHERE nspname = current_schema()`).Scan(&c.schema)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, errors.New("the schema of its search_path does not exist")
		}
		if err != nil {
			return 0, err
		}
	}
	return space<<32 | c.schema, nil
}

// lock gets a lock, alone or together with others, in the order of those who wait for it; it waits for lockWait at most.
func (c *lockConn) lock(ctx context.Context, space int64, together bool) (locked bool, err error) {
	key, err := c.key(ctx, space)
	if err != nil {
		return false, err
	}
	query := `SELECT pg_advisory_lock($1)`
	if together {
		query = `SELECT pg_advisory_lock_shared($1)`
	}
	_, err = c.ExecContext(ctx, query, key)
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && refused.Code == "55P03" {
		return false, nil
	}
	return err == nil, err
}

// lockPatiently gets a lock that a node holds for a while, however long that is, as long as the database answers.
func (c *lockConn) lockPatiently(ctx context.Context, space int64, together bool) error {
	for {
		if locked, err := c.lock(ctx, space, together); locked || err != nil {
			return err
		}
	}
}

// waitForLock gets the journal's lock for a node or founder alone, or says who holds it.
func (c *lockConn) waitForLock(ctx context.Context) error {
	locked, err := c.lock(ctx, lockSpace, false)
	if err == nil && !locked {
		return sqljournal.HeldBy(ctx, c)
	}
	return err
}

// unlock lets go of a lock.
func (c *lockConn) unlock(ctx context.Context, space int64, together bool) error {
	key, err := c.key(ctx, space)
	if err != nil {
		return err
	}
	query := `SELECT pg_advisory_unlock($1)`
	if together {
		query = `SELECT pg_advisory_unlock_shared($1)`
	}
	_, err = c.ExecContext(ctx, query, key)
	return err
}

// unlockAll lets go of all locks.
func (c *lockConn) unlockAll(ctx context.Context) error {
	_, err := c.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`)
	return err
}

// keepAwake does work that takes other sessions, and has this one say something meanwhile, lest the server end it, and with it
// the lock.
func (c *lockConn) keepAwake(ctx context.Context, work func() error) error {
	done := make(chan struct{})
	var awake sync.WaitGroup
	awake.Go(func() {
		ticker := time.NewTicker(guardPause)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				_, _ = c.ExecContext(ctx, `SELECT 1`)
			}
		}
	})
	defer awake.Wait()
	defer close(done)
	return work()
}

// tryLock gets the lock, or says who holds it.
func (c *lockConn) tryLock(ctx context.Context, together bool) error {
	locked, err := c.try(ctx, together)
	if err == nil && !locked {
		return sqljournal.HeldBy(ctx, c)
	}
	return err
}

func (c *lockConn) try(ctx context.Context, together bool) (locked bool, err error) {
	key, err := c.key(ctx, lockSpace)
	if err != nil {
		return false, err
	}
	query := `SELECT pg_try_advisory_lock($1)`
	if together {
		query = `SELECT pg_try_advisory_lock_shared($1)`
	}
	err = c.QueryRowContext(ctx, query, key).Scan(&locked)
	return locked, err
}

// inspect refuses a journal that this build can't use. It changes nothing.
func (c *lockConn) inspect(ctx context.Context) error {
	var migrated bool
	if err := c.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'journal_meta')`).
		Scan(&migrated); err != nil {
		return err
	}
	if migrated {
		return sqljournal.CheckVersion(ctx, c)
	}
	return nil
}

// guard keeps the lock. A node whose lock is gone still writes as long as nobody has taken the journal over, since its token
// is in the holder row: so a broken connection alone stops nobody.
type guard struct {
	target Target
	me     sqljournal.Holder
	log    *slog.Logger
	failed func(error)
}

// run looks after the lock until ctx ends or another node has the journal. It closes conn.
func (g *guard) run(ctx context.Context, conn *lockConn) {
	for {
		err := g.watch(ctx, conn)
		_ = conn.Close()
		if ctx.Err() != nil {
			return
		}
		g.log.Warn("lost the lock on the journal; getting it back", "error", explain(err))
		if conn, err = g.relock(ctx); err != nil {
			if ctx.Err() == nil {
				g.failed(err)
			}
			return
		}
		g.log.Info("got the lock on the journal back")
	}
}

// watch returns when the lock's session is dead.
func (g *guard) watch(ctx context.Context, conn *lockConn) error {
	ticker := time.NewTicker(guardPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		look, cancel := context.WithTimeout(ctx, guardTimeout)
		_, err := conn.ExecContext(look, `SELECT 1`)
		cancel()
		if err != nil {
			return err
		}
	}
}

// relock gets the lock back, or returns an error when another node has taken the journal over.
func (g *guard) relock(ctx context.Context) (*lockConn, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.MaxInterval = relockMax
	return backoff.Retry(ctx, func() (*lockConn, error) { return g.tryRelock(ctx) },
		backoff.WithBackOff(pauses), backoff.WithMaxElapsedTime(0))
}

func (g *guard) tryRelock(ctx context.Context) (_ *lockConn, err error) {
	conn, err := g.target.connect(ctx) // which takes a time-out for each host that doesn't answer
	defer func() {
		if err != nil {
			_ = conn.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, guardTimeout)
	defer cancel()
	locked := conn.tryLock(ctx, g.me.Cluster() != "")
	h, err := sqljournal.ReadHolder(ctx, conn)
	switch {
	case err != nil:
		return nil, err
	case h.Token != g.me.Token:
		return nil, backoff.Permanent(sqljournal.TakenOver(ctx, conn))
	case locked != nil:
		return nil, locked // our own old session, or a node that is just taking over
	default:
		return conn, nil
	}
}
