//go:build integration

package sqljournal_test

import (
	"fmt"
	"testing"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

func TestRealPostgresRetention(t *testing.T) {
	t.Run("events", func(t *testing.T) {
		u, _ := journaltest.NewSchema(t)
		retentionOfEvents(t, u)
	})
	t.Run("streams", func(t *testing.T) {
		u, _ := journaltest.NewSchema(t)
		retentionOfStreams(t, u)
	})
}

// A give-up and a second try of one stream can wait together: each has its own result.
func TestRealPostgresOneStreamTwice(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	oneStreamTwice(t, open(t, config(u)))
}

// BenchmarkRealPostgresAppend is BenchmarkAppend with Postgres; there, the bare group commit is one INSERT of its own a batch.
func BenchmarkRealPostgresAppend(b *testing.B) {
	for _, callers := range []int{1, 16, 256, 1000} {
		b.Run(fmt.Sprintf("journal/callers=%d", callers), func(b *testing.B) {
			u, _ := journaltest.NewSchema(b)
			appendTogether(b, u, callers)
		})
		b.Run(fmt.Sprintf("bare/callers=%d", callers), func(b *testing.B) {
			_, db := journaltest.NewSchema(b)
			journaltest.Run(b, db, `CREATE TABLE bare (stream text, idx bigint, payload bytea, PRIMARY KEY (stream, idx))`)
			bareTogether(b, callers, func(batch []*sqljournal.Write) error {
				var streams []string
				var indexes []int64
				var payloads [][]byte
				for _, w := range batch {
					streams, indexes, payloads = append(streams, w.Stream), append(indexes, w.Index), append(payloads, w.Payload)
				}
				_, err := db.ExecContext(b.Context(), `INSERT INTO bare SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])`,
					streams, indexes, payloads)
				return err
			})
		})
	}
}

func BenchmarkRealPostgresLoad(b *testing.B) {
	u, _ := journaltest.NewSchema(b)
	loadTogether(b, u)
}
