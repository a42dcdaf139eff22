package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"galaxy/healthactors/actors"
)

// postgresStore writes a batch, in which no stream comes twice. It is ONE statement: so a commit is one answer of the database,
// and no lock is held but while the server works on it by itself, whatever becomes of the node that has sent it. Without this
// node's token in the holder row it writes nothing; with it, nobody can take the journal over before it has ended.
//
// A batch comes as arrays, one for each column. A row that is refused is missing in what is returned, and harms none of its
// neighbours. What needs a lease is looked at with the database's clock, once it is certain who the holder is. It locks
// nothing there, since a renewal must not wait for a commit.
const postgresStore = `
	WITH holder AS MATERIALIZED (
		SELECT token FROM journal_holder WHERE token = $1 FOR SHARE
	),
	lease AS MATERIALIZED (
		SELECT l.node FROM cluster_leases l
		WHERE EXISTS (SELECT FROM holder) AND l.claimant = $2 AND l.expires_at > clock_timestamp()
	),
	refused AS MATERIALIZED (
		SELECT n.stream FROM unnest($3::text[], $4::boolean[], $5::text[]) AS n (stream, claims, node)
		WHERE CASE WHEN n.claims THEN n.node NOT IN (SELECT node FROM lease)
			ELSE NOT EXISTS (SELECT FROM lease)
				AND coalesce((SELECT s.closed_at FROM journal_streams s WHERE s.stream = n.stream), 1) > 0 END
	),
	appended AS (
		INSERT INTO journal_events (stream, idx, detection, payload, crc, recorded_at)
		SELECT n.* FROM unnest($6::text[], $7::bigint[], $8::boolean[], $9::bytea[], $10::bigint[], $11::bigint[])
			AS n (stream, idx, detection, payload, crc, recorded_at)
		WHERE EXISTS (SELECT FROM holder) AND n.stream NOT IN (SELECT stream FROM refused)
			AND n.idx = coalesce(
				(SELECT max(e.idx) + 1 FROM journal_events e WHERE e.stream = n.stream),
				(SELECT floor FROM journal_meta))
		ON CONFLICT DO NOTHING
		RETURNING stream
	),
	turned AS (
		INSERT INTO journal_streams (stream, closed_at, engine)
		SELECT n.* FROM unnest($12::text[], $13::bigint[], $14::text[]) AS n (stream, closed_at, engine)
		WHERE n.stream IN (SELECT stream FROM appended)
		ORDER BY n.stream COLLATE "C"
		ON CONFLICT (stream) DO UPDATE SET closed_at = excluded.closed_at, engine = excluded.engine
		WHERE journal_streams.closed_at <> excluded.closed_at OR journal_streams.engine <> excluded.engine
	),
	saved AS (
		INSERT INTO journal_snapshots (stream, idx, keep_from, payload, crc)
		SELECT n.* FROM unnest($15::text[], $16::bigint[], $17::bigint[], $18::bytea[], $19::bigint[])
			AS n (stream, idx, keep_from, payload, crc)
		WHERE EXISTS (SELECT FROM holder)
			AND n.idx <= (SELECT max(e.idx) + 1 FROM journal_events e WHERE e.stream = n.stream)
			AND n.idx >= (SELECT min(e.idx) FROM journal_events e WHERE e.stream = n.stream)
		ON CONFLICT (stream) DO UPDATE
		SET idx = excluded.idx, keep_from = excluded.keep_from, payload = excluded.payload, crc = excluded.crc
		WHERE excluded.idx >= journal_snapshots.idx
		RETURNING stream
	)
	SELECT 0, token FROM holder
	UNION ALL SELECT 1, stream FROM refused
	UNION ALL SELECT 2, stream FROM appended
	UNION ALL SELECT 2, stream FROM saved`

// The kinds of rows that postgresStore returns.
const (
	heldRow byte = iota
	refusedRow
	storedRow
)

// storeStatement is the statement's name on the writer's session. The first batch of a session brings the statement along, so
// that it too is one answer.
const storeStatement = "journal_store"

// store implements database. After an error the session is given up: what it is in the middle of is not known.
func (p *postgres) store(batch []*write) error {
	ctx, cancel := p.writing()
	defer cancel()
	conn, err := p.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	held := false
	err = conn.Raw(func(driver any) (err error) {
		held, err = p.commit(ctx, driver.(*stdlib.Conn).Conn(), batch)
		return err
	})
	if err = cmp.Or(err, conn.Close()); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if !held {
		return takenOver(ctx, p.write)
	}
	return nil
}

// commit marks the writes that were refused, and says whether this node holds the journal.
func (p *postgres) commit(ctx context.Context, conn *pgx.Conn, batch []*write) (held bool, err error) {
	values, types, err := p.parameters(batch).encoded(conn.TypeMap())
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			_ = conn.Close(ctx)
		}
	}()
	sent := conn.PgConn().StartPipeline(ctx)
	if p.prepared != conn {
		sent.SendPrepare(storeStatement, postgresStore, types)
	}
	binary := []int16{pgx.BinaryFormatCode}
	sent.SendQueryPrepared(storeStatement, values, binary, binary)
	held, err = answered(sent, batch)
	if err = cmp.Or(err, sent.Close()); err != nil {
		return false, err
	}
	p.prepared = conn
	return held, nil
}

// answered reads what came of a batch. A nil error is the word of the server that it is committed.
func answered(sent *pgconn.Pipeline, batch []*write) (held bool, err error) {
	byStream := make(map[string]*write, len(batch))
	for _, w := range batch {
		w.refuse()
		byStream[w.stream] = w
	}
	err = sent.Sync()
	for err == nil {
		var result any
		if result, err = sent.GetResults(); err != nil {
			break
		}
		switch result := result.(type) {
		case *pgconn.PipelineSync:
			return held, nil
		case *pgconn.ResultReader:
			for result.NextRow() {
				kind, stream := result.Values()[0], result.Values()[1]
				switch kind[len(kind)-1] {
				case heldRow:
					held = true
				case refusedRow:
					byStream[string(stream)].refused = actors.ErrNotMember
				case storedRow:
					byStream[string(stream)].refused = nil
				}
			}
			_, err = result.Close()
		case nil:
			err = errors.New("the server's answer has no end")
		}
	}
	return false, err
}

// parameters are those of postgresStore, as Go has them.
type parameters []parameter

type parameter struct {
	oid   uint32
	value any
}

// parameters takes a batch apart. The nodes of a cluster write in the order of the streams: two batches that have streams in
// common, as when one node claims what the other still writes to, would otherwise wait for each other.
func (p *postgres) parameters(batch []*write) parameters {
	if p.me.cluster() != "" {
		batch = slices.SortedFunc(slices.Values(batch), func(a, b *write) int { return strings.Compare(a.stream, b.stream) })
	}
	var events, leased, turns, snapshots []*write
	for _, w := range batch {
		if w.isSnapshot {
			snapshots = append(snapshots, w)
			continue
		}
		events = append(events, w)
		if w.claim != nil || w.turn == opens && p.me.cluster() != "" {
			leased = append(leased, w)
		}
		if w.turn != stays {
			turns = append(turns, w)
		}
	}
	return parameters{
		{pgtype.TextOID, p.me.token},
		{pgtype.TextOID, p.claimant},
		texts(leased, (*write).streamID),
		{pgtype.BoolArrayOID, column(leased, func(w *write) bool { return w.claim != nil })},
		texts(leased, func(w *write) string { return w.claim.GetNode() }),
		texts(events, (*write).streamID),
		numbers(events, func(w *write) int64 { return w.index }),
		{pgtype.BoolArrayOID, column(events, func(w *write) bool { return w.detection })},
		{pgtype.ByteaArrayOID, column(events, func(w *write) []byte { return w.payload })},
		numbers(events, func(w *write) int64 { return w.crc }),
		numbers(events, func(w *write) int64 { return w.recordedAt }),
		texts(turns, (*write).streamID),
		numbers(turns, (*write).closedAt),
		texts(turns, func(w *write) string { return w.engine }),
		texts(snapshots, (*write).streamID),
		numbers(snapshots, func(w *write) int64 { return w.index }),
		numbers(snapshots, func(w *write) int64 { return w.keepFrom }),
		{pgtype.ByteaArrayOID, column(snapshots, func(w *write) []byte { return w.payload })},
		numbers(snapshots, func(w *write) int64 { return w.crc }),
	}
}

func texts(batch []*write, value func(*write) string) parameter {
	return parameter{pgtype.TextArrayOID, column(batch, value)}
}

func numbers(batch []*write, value func(*write) int64) parameter {
	return parameter{pgtype.Int8ArrayOID, column(batch, value)}
}

func column[T any](batch []*write, value func(*write) T) []T {
	all := make([]T, len(batch))
	for i, w := range batch {
		all[i] = value(w)
	}
	return all
}

// encoded are the parameters as they are sent, and their types.
func (ps parameters) encoded(types *pgtype.Map) (values [][]byte, oids []uint32, err error) {
	for i, p := range ps {
		value, err := types.Encode(p.oid, pgx.BinaryFormatCode, p.value, nil)
		if err != nil {
			return nil, nil, fmt.Errorf("encode parameter %d: %w", i+1, err)
		}
		values, oids = append(values, value), append(oids, p.oid)
	}
	return values, oids, nil
}
