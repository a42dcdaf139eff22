package journal

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"

	"galaxy/healthactors/actors"
)

// postgresLoad is selectRecovery for many streams, each with its number.
var postgresLoad = statement{"journal_load", writableOnly + `
	SELECT n.number, r.kind::bigint, r.idx, r.crc::bigint, r.payload
	FROM unnest($1::text[]) WITH ORDINALITY AS n (stream, number)
	CROSS JOIN LATERAL (` + strings.ReplaceAll(selectRecovery, "$1", "n.stream") + `) AS r (kind, idx, crc, payload)`}

func (p *postgres) load(ctx context.Context, stream string) (actors.Recovery, error) {
	return p.loader.load(ctx, stream)
}

// readStreams reads a batch of streams. Where the server finds a page damaged, the streams that
// lie elsewhere are read all the same.
func (p *postgres) readStreams(ctx context.Context, batch []*loading) {
	streams := make([]string, len(batch))
	for i, n := range batch {
		streams[i] = n.stream
		n.recovering = recovering{stream: n.stream}
	}
	err := postgresLoad.run(ctx, p.read, parameters{{pgtype.TextArrayOID, streams}}, func(row [][]byte) {
		batch[number(row[0])-1].row(number(row[1]), number(row[2]), number(row[3]), row[4])
	})
	if errors.Is(postgresError(err), actors.ErrDamaged) && len(batch) > 1 {
		half := len(batch) / 2
		p.readStreams(ctx, batch[:half])
		p.readStreams(ctx, batch[half:])
		return
	}
	for _, n := range batch {
		n.err = err
	}
}
