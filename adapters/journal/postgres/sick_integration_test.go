//go:build integration

package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

// sicken has the server fail with an error's code where it reads the events of a game, as it does with a damaged tuple.
func sicken(t *testing.T, db *sql.DB, game, code string) {
	t.Helper()
	journaltest.Run(t, db, fmt.Sprintf(`CREATE FUNCTION sick(s text, p bytea) RETURNS bytea LANGUAGE plpgsql AS $$
		BEGIN IF s = '%s' THEN RAISE EXCEPTION 'it is damaged' USING ERRCODE = '%s'; END IF; RETURN p; END $$`, game, code))
	journaltest.Run(t, db, `ALTER TABLE journal_events RENAME TO heap`)
	journaltest.Run(t, db, `CREATE VIEW journal_events AS
		SELECT stream, idx, detection, sick(stream, payload) AS payload, crc, recorded_at FROM heap`)
}

// begunGames gives as many games an event each, and returns their names.
func begunGames(t *testing.T, u string, games int) (names []string) {
	t.Helper()
	j := start(t, config(u))
	var wg sync.WaitGroup
	for n := range games {
		game := fmt.Sprint("game-", n)
		names = append(names, game)
		wg.Go(func() {
			if err := j.Append(t.Context(), game, 0, journaltest.Detection(0)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	closeJournal(t, j)
	return names
}

// readTogether reads games with one statement at first, and says what became of each, and when.
func readTogether(t *testing.T, j *Journal, games []string) (errs map[string]error, after map[string]time.Duration) {
	t.Helper()
	var batch []*loading
	for _, game := range games {
		batch = append(batch, newLoading(context.Background(), game))
	}
	errs, after = make(map[string]error), make(map[string]time.Duration)
	var mu sync.Mutex
	var wg sync.WaitGroup
	began := time.Now()
	for _, n := range batch {
		wg.Go(func() {
			<-n.done
			mu.Lock()
			defer mu.Unlock()
			errs[n.Stream], after[n.Stream] = n.err, time.Since(began)
		})
	}
	j.db.readStreams(t.Context(), batch)
	wg.Wait()
	return errs, after
}

// A stream that the server can't read fails alone, with whatever code the server says so.
func TestRealSickStreamFailsAlone(t *testing.T) {
	for _, code := range []string{"XX001", "XX002", "XX000", "58P01", "58030"} {
		t.Run(code, func(t *testing.T) {
			u, db := journaltest.NewSchema(t)
			games := begunGames(t, u, 8)
			j := start(t, config(u))
			sicken(t, db, "game-3", code)
			errs, _ := readTogether(t, j, games)
			for game, err := range errs {
				if sick := game == "game-3"; (err != nil) != sick {
					t.Errorf("%s: %v", game, err)
				}
			}
		})
	}
}

// So it does where an answer takes long. Those that lie elsewhere are handed over as soon as they are read, and the session
// stays.
func TestRealSickStreamOnASlowServer(t *testing.T) {
	const answer = 150 * time.Millisecond
	u, db := journaltest.NewSchema(t)
	games := begunGames(t, u, maxLoads)
	j := start(t, config(slow(t, u, answer)))
	sicken(t, db, games[maxLoads-1], "XX001")
	before := sessionID(t, j)
	errs, after := readTogether(t, j, games)
	for n, game := range games {
		if sick := n == maxLoads-1; (errs[game] != nil) != sick {
			t.Errorf("%s: %v", game, errs[game])
		}
	}
	if first, last := after[games[0]], after[games[maxLoads-1]]; first > last/2 {
		t.Errorf("the first half waited for %v of %v", first, last)
	}
	if session := sessionID(t, j); session != before {
		t.Error("the session was lost")
	}
}

// sessionID is that of the reader which is used, while one at a time is.
func sessionID(t *testing.T, j *Journal) (pid int) {
	t.Helper()
	must(t, j.db.read.QueryRowContext(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid))
	return pid
}
