package postgres

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// storeBatch writes a batch, in which no stream comes twice. It is ONE statement: so a commit is one answer of the database,
// and no lock is held but while the server works on it by itself, whatever becomes of the node that has sent it. Without this
// node's token in the holder row it writes nothing; with it, nobody can take the journal over before it has ended.
//
// A batch comes as arrays, one for each column. A row that is refused is missing in what is returned, and harms none of its
// neighbours. What needs a lease is looked at with the database's clock, once it is certain who the holder is. It locks
// nothing there, since a renewal must not wait for a commit.
//
// It counts the commits of this process, itself included (R4).
var storeBatch = statement{"journal_store", `
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
		INSERT INTO journal_snapshots (stream, idx, keep_from, payload, crc, gained, gained_crc, gained_idx)
		SELECT n.*, n.idx FROM unnest($15::text[], $16::bigint[], $17::bigint[], $18::bytea[], $19::bigint[], $20::bytea[], $21::bigint[])
			AS n (stream, idx, keep_from, payload, crc, gained, gained_crc)
		WHERE EXISTS (SELECT FROM holder)
			AND n.idx <= (SELECT max(e.idx) + 1 FROM journal_events e WHERE e.stream = n.stream)
			AND n.idx >= (SELECT min(e.idx) FROM journal_events e WHERE e.stream = n.stream)
		ON CONFLICT (stream) DO UPDATE
		SET idx = excluded.idx, keep_from = excluded.keep_from, payload = excluded.payload, crc = excluded.crc,
			gained_idx = excluded.gained_idx, gained = excluded.gained, gained_crc = excluded.gained_crc
		WHERE excluded.idx >= journal_snapshots.idx
		RETURNING stream
	),
	counted AS (
		INSERT INTO journal_writers AS w (writer, node, commits, passes)
		SELECT $2, $22, 1, 0 WHERE EXISTS (SELECT FROM holder)
		ON CONFLICT (writer) DO UPDATE SET commits = w.commits + 1, passes = 0
		RETURNING commits
	)
	SELECT 0::bigint, (SELECT commits FROM counted)::text FROM holder
	UNION ALL SELECT 1, stream FROM refused
	UNION ALL SELECT 2, stream FROM appended
	UNION ALL SELECT 2, stream FROM saved`}

// The kinds of rows that storeBatch returns.
const (
	heldRow = iota
	refusedRow
	storedRow
)

// Store implements sqljournal.Database.
func (p *database) Store(batch []*sqljournal.Write) error {
	ctx, cancel := p.Writing()
	defer cancel()
	byStream := make(map[string]*sqljournal.Write, len(batch))
	for _, w := range batch {
		w.Refuse()
		byStream[w.Stream] = w
	}
	held, commits := false, int64(none)
	err := storeBatch.run(ctx, p.write, p.parameters(batch), func(row [][]byte) {
		switch number(row[0]) {
		case heldRow:
			held = true
			commits, _ = strconv.ParseInt(string(row[1]), 10, 64)
		case refusedRow:
			byStream[string(row[1])].Refused = actors.ErrNotMember
		case storedRow:
			byStream[string(row[1])].Refused = nil
		}
	})
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if !held {
		// Or else nobody has taken it over: it has gone back to before this process had it (R4).
		if err := p.look(); err != nil {
			return fmt.Errorf("look for a rollback: %w", err)
		}
		return sqljournal.TakenOver(ctx, p.write)
	}
	p.counted(commits - 1)
	p.commits.known = commits
	return nil
}

// parameters takes a batch apart. The nodes of a cluster write in the order of the streams: two batches that have streams in
// common, as when one node claims what the other still writes to, would otherwise wait for each other.
func (p *database) parameters(batch []*sqljournal.Write) parameters {
	if p.me.Cluster() != "" {
		batch = slices.SortedFunc(slices.Values(batch), func(a, b *sqljournal.Write) int { return strings.Compare(a.Stream, b.Stream) })
	}
	var events, leased, turns, snapshots []*sqljournal.Write
	for _, w := range batch {
		if w.IsSnapshot {
			snapshots = append(snapshots, w)
			continue
		}
		events = append(events, w)
		if w.Claim != nil || w.Turn == sqljournal.Opens && p.me.Cluster() != "" {
			leased = append(leased, w)
		}
		if w.Turn != sqljournal.Stays {
			turns = append(turns, w)
		}
	}
	return parameters{
		{pgtype.TextOID, p.me.Token},
		{pgtype.TextOID, p.lessee},
		texts(leased, streamOf),
		{pgtype.BoolArrayOID, column(leased, func(w *sqljournal.Write) bool { return w.Claim != nil })},
		texts(leased, func(w *sqljournal.Write) string { return w.Claim.GetNode() }),
		texts(events, streamOf),
		numbers(events, func(w *sqljournal.Write) int64 { return w.Index }),
		{pgtype.BoolArrayOID, column(events, func(w *sqljournal.Write) bool { return w.Detection })},
		{pgtype.ByteaArrayOID, column(events, func(w *sqljournal.Write) []byte { return w.Payload })},
		numbers(events, func(w *sqljournal.Write) int64 { return w.CRC }),
		numbers(events, func(w *sqljournal.Write) int64 { return w.RecordedAt }),
		texts(turns, streamOf),
		numbers(turns, (*sqljournal.Write).ClosedAt),
		texts(turns, func(w *sqljournal.Write) string { return w.Engine }),
		texts(snapshots, streamOf),
		numbers(snapshots, func(w *sqljournal.Write) int64 { return w.Index }),
		numbers(snapshots, func(w *sqljournal.Write) int64 { return w.KeepFrom }),
		{pgtype.ByteaArrayOID, column(snapshots, func(w *sqljournal.Write) []byte { return w.Payload })},
		numbers(snapshots, func(w *sqljournal.Write) int64 { return w.CRC }),
		{pgtype.ByteaArrayOID, column(snapshots, func(w *sqljournal.Write) []byte { return w.Gained })},
		numbers(snapshots, func(w *sqljournal.Write) int64 { return w.GainedCRC }),
		{pgtype.TextOID, p.me.Node},
	}
}

func streamOf(w *sqljournal.Write) string { return w.Stream }

func texts(batch []*sqljournal.Write, value func(*sqljournal.Write) string) parameter {
	return parameter{pgtype.TextArrayOID, column(batch, value)}
}

func numbers(batch []*sqljournal.Write, value func(*sqljournal.Write) int64) parameter {
	return parameter{pgtype.Int8ArrayOID, column(batch, value)}
}

func column[T any](batch []*sqljournal.Write, value func(*sqljournal.Write) T) []T {
	all := make([]T, len(batch))
	for i, w := range batch {
		all[i] = value(w)
	}
	return all
}
