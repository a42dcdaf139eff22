package journal

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	postgresReaders = 4
	// connectTimeout bounds one try to connect, unless the URL has a connect_timeout.
	connectTimeout = 5 * time.Second
	// commitTimeout bounds one transaction. Only a server that is away takes that long.
	commitTimeout = 10 * time.Second
	// stalledAfter is how long the transaction of a cluster's node may be silent before the server ends it. What a stopped
	// node has written and not committed keeps its successor's claims waiting, and all that shares a batch with them.
	stalledAfter = time.Second
)

// The statements take a batch as arrays, one for each column. A row that is refused is missing in what is returned, and
// fails none of its neighbours.
const (
	postgresInsertEvents = `
		INSERT INTO journal_events (stream, idx, detection, payload, crc, recorded_at)
		SELECT n.* FROM unnest($1::text[], $2::bigint[], $3::boolean[], $4::bytea[], $5::bigint[], $6::bigint[])
			AS n (stream, idx, detection, payload, crc, recorded_at)
		WHERE n.idx = coalesce(
			(SELECT max(e.idx) + 1 FROM journal_events e WHERE e.stream = n.stream),
			(SELECT floor FROM journal_meta))
		ON CONFLICT DO NOTHING
		RETURNING stream`

	postgresPutStreams = `
		INSERT INTO journal_streams (stream, closed_at, engine)
		SELECT n.* FROM unnest($1::text[], $2::bigint[], $3::text[]) AS n (stream, closed_at, engine)
		ON CONFLICT (stream) DO UPDATE SET closed_at = excluded.closed_at, engine = excluded.engine
		WHERE journal_streams.closed_at <> excluded.closed_at OR journal_streams.engine <> excluded.engine`

	postgresPutSnapshots = `
		INSERT INTO journal_snapshots (stream, idx, keep_from, payload, crc)
		SELECT n.* FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[])
			AS n (stream, idx, keep_from, payload, crc)
		WHERE n.idx <= (SELECT max(e.idx) + 1 FROM journal_events e WHERE e.stream = n.stream)
			AND n.idx >= (SELECT min(e.idx) FROM journal_events e WHERE e.stream = n.stream)
		ON CONFLICT (stream) DO UPDATE
		SET idx = excluded.idx, keep_from = excluded.keep_from, payload = excluded.payload, crc = excluded.crc
		WHERE excluded.idx >= journal_snapshots.idx
		RETURNING stream`
)

// postgres is a journal in the current schema of a Postgres database. Its sessions must be its own: a pooler between may not
// share them between transactions, because the lock belongs to a session.
type postgres struct {
	target      postgresTarget
	read, write *sql.DB
	me          holder
	claimant    string // tells this process's lease from those of others

	stopGuard context.CancelFunc
	guarding  sync.WaitGroup
}

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

func (t postgresTarget) open(ctx context.Context, me holder, log *slog.Logger, failed func(error)) (database, error) {
	p := &postgres{
		target: t, read: stdlib.OpenDB(*t.config), write: stdlib.OpenDB(*t.forWriter(me)), me: me, claimant: uuid.NewString(),
	}
	p.write.SetMaxOpenConns(1)
	p.read.SetMaxOpenConns(postgresReaders)
	p.read.SetMaxIdleConns(postgresReaders)
	conn, err := t.connect(ctx)
	if err == nil && me.cluster() != "" {
		err = p.join(ctx, conn)
	} else if err == nil {
		err = p.takeAlone(ctx, conn)
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
	return p, nil
}

// forWriter is the configuration of the writer's connection.
func (t postgresTarget) forWriter(me holder) *pgx.ConnConfig {
	if me.cluster() == "" {
		return t.config
	}
	config := t.config.Copy()
	config.RuntimeParams["idle_in_transaction_session_timeout"] = strconv.FormatInt(stalledAfter.Milliseconds(), 10)
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

// takeAlone takes hold of the journal for this node alone.
func (p *postgres) takeAlone(ctx context.Context, conn *lockConn) error {
	if err := conn.waitForLock(ctx); err != nil {
		return err
	}
	if err := conn.inspect(ctx); err != nil {
		return err
	}
	if err := conn.migrate(ctx); err != nil {
		return err
	}
	return writeHolder(ctx, p.write, p.me)
}

func (p *postgres) writer() *sql.DB { return p.write }
func (p *postgres) reader() *sql.DB { return p.read }

func (p *postgres) writing() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), commitTimeout)
}

func (p *postgres) fence(ctx context.Context, tx *sql.Tx) error {
	var one int
	return tx.QueryRowContext(ctx, `SELECT 1 FROM journal_holder WHERE token = $1 FOR SHARE`, p.me.token).Scan(&one)
}

func (p *postgres) insertEvents(ctx context.Context, tx *sql.Tx, batch []*write) error {
	return p.rounds(batch, func(round []*write) error {
		return returning(ctx, tx, round, postgresInsertEvents, column(round, func(w *write) string { return w.stream }),
			column(round, func(w *write) int64 { return w.index }),
			column(round, func(w *write) bool { return w.detection }),
			column(round, func(w *write) []byte { return w.payload }),
			column(round, func(w *write) int64 { return w.crc }),
			column(round, func(w *write) int64 { return w.recordedAt }))
	})
}

func (p *postgres) putStreams(ctx context.Context, tx *sql.Tx, batch []*write) error {
	return p.rounds(batch, func(round []*write) error {
		_, err := tx.ExecContext(ctx, postgresPutStreams,
			column(round, func(w *write) string { return w.stream }), column(round, (*write).closedAt),
			column(round, func(w *write) string { return w.engine }))
		return err
	})
}

func (p *postgres) putSnapshots(ctx context.Context, tx *sql.Tx, batch []*write) error {
	return p.rounds(batch, func(round []*write) error {
		return returning(ctx, tx, round, postgresPutSnapshots, column(round, func(w *write) string { return w.stream }),
			column(round, func(w *write) int64 { return w.index }),
			column(round, func(w *write) int64 { return w.keepFrom }),
			column(round, func(w *write) []byte { return w.payload }),
			column(round, func(w *write) int64 { return w.crc }))
	})
}

func column[T any](batch []*write, value func(*write) T) []T {
	all := make([]T, len(batch))
	for i, w := range batch {
		all[i] = value(w)
	}
	return all
}

// rounds runs a statement so that no stream comes twice in it: a statement doesn't see the rows that it writes. A stream's
// writes come one at a time, so one round does, unless one of them was given up and tried again.
//
// The nodes of a cluster write in the order of the streams: two batches that have streams in common, as when one node claims
// what the other still writes to, would otherwise wait for each other.
func (p *postgres) rounds(batch []*write, run func([]*write) error) error {
	if p.me.cluster() != "" {
		slices.SortStableFunc(batch, func(a, b *write) int { return strings.Compare(a.stream, b.stream) })
	}
	for len(batch) > 0 {
		seen := make(map[string]bool, len(batch))
		var round, later []*write
		for _, w := range batch {
			if seen[w.stream] {
				later = append(later, w)
			} else {
				seen[w.stream] = true
				round = append(round, w)
			}
		}
		if err := run(round); err != nil {
			return err
		}
		batch = later
	}
	return nil
}

// returning runs a statement that returns the streams whose writes were taken, and refuses the others.
func returning(ctx context.Context, tx *sql.Tx, round []*write, query string, columns ...any) error {
	streams, err := scanStrings(tx.QueryContext(ctx, query, columns...))
	if err != nil {
		return err
	}
	stored := make(map[string]bool, len(streams))
	for _, stream := range streams {
		stored[stream] = true
	}
	for _, w := range round {
		if !stored[w.stream] {
			w.refuse()
		}
	}
	return nil
}

// shrink does nothing: autovacuum does.
func (p *postgres) shrink(context.Context) (more bool, err error) { return false, nil }

func (p *postgres) bytes(ctx context.Context) (n int64, err error) {
	err = p.read.QueryRowContext(ctx, `
		SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname LIKE 'journal\_%'`).Scan(&n)
	return n, err
}

func (p *postgres) explain(err error) error { return postgresError(err) }

// close lets go of the lock AFTER the last write.
func (p *postgres) close() error {
	err := errors.Join(p.write.Close(), p.read.Close())
	if p.stopGuard != nil {
		p.stopGuard()
		p.guarding.Wait()
	}
	return err
}
