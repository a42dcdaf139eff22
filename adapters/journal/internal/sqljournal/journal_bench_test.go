package sqljournal_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// BenchmarkAppend shows what the journal adds to a bare group commit of the same number of rows on the same settings: one
// prepared INSERT a row, without the check of the next index, the holder, the open streams and the detections.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 16, 256, 1000} {
		b.Run(fmt.Sprintf("journal/callers=%d", callers), func(b *testing.B) { appendTogether(b, fileURL(b), callers) })
		b.Run(fmt.Sprintf("bare/callers=%d", callers), func(b *testing.B) {
			db := open(b, config(fileURL(b))).DB().Writer()
			_, err := db.ExecContext(b.Context(), `
				CREATE TABLE bare (stream TEXT, idx INTEGER, payload BLOB, PRIMARY KEY (stream, idx)) WITHOUT ROWID`)
			must(b, err)
			insert, err := db.PrepareContext(b.Context(), `INSERT INTO bare VALUES ($1, $2, $3)`)
			must(b, err)
			bareTogether(b, callers, func(batch []*sqljournal.Write) error { return bareCommit(db, insert, batch) })
		})
	}
}

// appendTogether appends detections to as many streams as there are callers.
func appendTogether(b *testing.B, url string, callers int) {
	j := open(b, config(url))
	event := journaltest.Detection(1)
	event.GetObserved().BeginsLifecycle = false
	together(b, callers, func(game string, index int64) error { return j.Append(b.Context(), game, index, event) })
}

// bareTogether does the same with a group commit that does nothing else.
func bareTogether(b *testing.B, callers int, store func([]*sqljournal.Write) error) {
	commit, end := sqljournal.BareCommitter(store)
	defer end()
	event, err := sqljournal.EventWrite("game", 0, journaltest.Detection(1), time.Now())
	must(b, err)
	together(b, callers, func(game string, index int64) error {
		return commit(b.Context(), game, index, event.Payload)
	})
}

func bareCommit(db *sql.DB, insert *sql.Stmt, batch []*sqljournal.Write) error {
	ctx := context.Background()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	stmt := tx.StmtContext(ctx, insert)
	for _, w := range batch {
		if _, err := stmt.ExecContext(ctx, w.Stream, w.Index, w.Payload); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// together shares b.N appends among callers, each of which waits for its own one before the next.
func together(b *testing.B, callers int, do func(game string, index int64) error) {
	b.ReportAllocs()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for c := range callers {
		wg.Go(func() {
			game := fmt.Sprint("game-", c)
			for index := int64(0); left.Add(-1) >= 0; index++ {
				if err := do(game, index); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

// BenchmarkLoad is what a start does for each game.
func BenchmarkLoad(b *testing.B) { loadTogether(b, fileURL(b)) }

func loadTogether(b *testing.B, url string) {
	const games, events = 10_000, 3
	j := open(b, config(url))
	var wg sync.WaitGroup
	for c := range 250 {
		wg.Go(func() {
			for game := c; game < games; game += 250 {
				for index := range int64(events) {
					if err := j.Append(b.Context(), fmt.Sprint("game-", game), index, journaltest.Detection(index)); err != nil {
						b.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	for _, callers := range []int{1, 4, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			b.ReportAllocs()
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			for range callers {
				wg.Go(func() {
					for n := left.Add(-1); n >= 0; n = left.Add(-1) {
						r, err := j.Load(b.Context(), fmt.Sprint("game-", n%games))
						if err != nil || len(r.Events) != events {
							b.Errorf("%d events, %v", len(r.Events), err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "loads/s")
		})
	}
}
