package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// loadStreams is sqljournal.SelectRecovery for many streams, each with its number.
var loadStreams = statement{"journal_load", writableOnly + `
	SELECT n.number, r.kind::bigint, r.idx, r.crc::bigint, r.payload
	FROM unnest($1::text[]) WITH ORDINALITY AS n (stream, number)
	CROSS JOIN LATERAL (` + strings.ReplaceAll(sqljournal.SelectRecovery, "$1", "n.stream") + `) AS r (kind, idx, crc, payload)`}

// Load implements sqljournal.Database.
func (p *database) Load(ctx context.Context, stream string) (actors.Recovery, error) {
	return p.loader.load(ctx, stream)
}

// readStreams reads a batch of streams. Where the server can't read one of them, the batch is halved, until that one alone is
// left; the larger parts come first. An outage is one for all that are left.
func (p *database) readStreams(ctx context.Context, batch []*loading) {
	parts := [][]*loading{batch}
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		err := p.readPart(ctx, part)
		if sick(err) && len(part) > 1 {
			half := len(part) / 2
			parts = append(parts, part[:half], part[half:])
			continue
		}
		if err != nil && !sick(err) {
			part = slices.Concat(append(parts, part)...)
			parts = nil
		}
		for _, n := range part {
			n.end(err)
		}
	}
}

// readPart reads streams with one statement.
func (p *database) readPart(ctx context.Context, part []*loading) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	streams := make([]string, len(part))
	for i, n := range part {
		streams[i] = n.Stream
		n.Recovering = sqljournal.Recovering{Stream: n.Stream}
	}
	return loadStreams.run(ctx, p.read, parameters{{pgtype.TextArrayOID, streams}}, func(row [][]byte) {
		part[number(row[0])-1].Row(number(row[1]), number(row[2]), number(row[3]), row[4])
	})
}
