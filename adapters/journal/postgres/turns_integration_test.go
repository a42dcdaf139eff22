//go:build integration

package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// A node that stops in the middle of a transaction does not keep its successor waiting.
func TestRealStoppedWriterIsCut(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	a, b := start(t, member(u, "x")), start(t, member(u, "x"))
	lease(t, b, "b", time.Hour)
	stopped, goOn := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- sqljournal.Transaction(a.db, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO journal_events (stream, idx, detection, payload, crc, recorded_at) VALUES ('game', 0, false, '', 0, 0)`)
			close(stopped)
			<-goOn
			return err
		})
	}()
	<-stopped
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := b.Append(ctx, "game", 0, journaltest.ClaimOf("b")); err != nil {
		t.Errorf("the claim: %v", err)
	}
	close(goOn)
	if err := <-ended; err == nil {
		t.Error("the stopped node's transaction was committed")
	}
	r, err := b.Load(t.Context(), "game")
	must(t, err)
	if len(r.Events) != 1 || r.Events[0].GetClaimed() == nil {
		t.Errorf("the game holds %v", r.Events)
	}
}

// Two nodes write many streams, now one and now the other, while both remove old history: no index is given twice, and
// nothing that was acknowledged and must be kept is lost.
func TestRealNodesTakeTurnsWithRetention(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	var nodes []*Journal
	for _, name := range []string{"a", "b"} {
		cfg := member(u, "x")
		cfg.retention = time.Nanosecond
		j := start(t, cfg)
		lease(t, j, name, time.Hour)
		nodes = append(nodes, j)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var removing sync.WaitGroup
	for _, j := range nodes {
		removing.Go(func() {
			for ctx.Err() == nil {
				if err := j.RemoveOld(t.Context()); err != nil && !errors.Is(err, sqljournal.ErrOtherRetains) {
					t.Errorf("remove old history: %v", err)
					return
				}
			}
		})
	}
	const streams, appends = 24, 60
	var mu sync.Mutex
	acknowledged := make([][]int64, streams)
	var writing sync.WaitGroup
	for s := range streams {
		game := fmt.Sprint("game-", s)
		for n, name := range []string{"a", "b"} {
			writing.Go(func() {
				indexes, err := takeTurns(t.Context(), nodes[n], name, game, appends)
				if err != nil {
					t.Errorf("node %s, %s: %v", name, game, err)
				}
				mu.Lock()
				defer mu.Unlock()
				acknowledged[s] = append(acknowledged[s], indexes...)
			})
		}
	}
	writing.Wait()
	stop()
	removing.Wait()
	for s, indexes := range acknowledged {
		wantWhole(t, db, nodes[0], fmt.Sprint("game-", s), indexes)
	}
}

// takeTurns claims a stream, writes to it until the other node has it, and claims it again. It returns the indexes that the
// journal acknowledged.
func takeTurns(ctx context.Context, j *Journal, node, game string, appends int) (indexes []int64, err error) {
	for len(indexes) < appends {
		r, err := j.Load(ctx, game)
		if err != nil {
			return indexes, err
		}
		for next := r.From + int64(len(r.Events)); len(indexes) < appends; next++ {
			event := journaltest.Marks()
			switch {
			case next == r.From+int64(len(r.Events)):
				event = journaltest.ClaimOf(node)
			case next%7 == 6:
				event = journaltest.Closed()
			case next%7 == 0:
				event = journaltest.Begins("east")
			}
			if err = j.Append(ctx, game, next, event); err == nil {
				indexes = append(indexes, next)
			}
			if err == nil && next%5 == 4 {
				err = j.SaveSnapshot(ctx, game, next+1, next+1, &v1.Snapshot{}, &v1.GainedState{})
			}
			if errors.Is(err, actors.ErrConflict) {
				break
			}
			if err != nil {
				return indexes, err
			}
		}
	}
	return indexes, nil
}

// wantWhole says that of the acknowledged indexes none came twice, and that the stream goes on after the last one. The floor
// may have leapt over indexes while the stream was closed.
func wantWhole(t *testing.T, db *sql.DB, j *Journal, game string, indexes []int64) {
	t.Helper()
	slices.Sort(indexes)
	if unique := slices.Compact(slices.Clone(indexes)); len(unique) != len(indexes) {
		t.Errorf("%s: an index was given twice: %d", game, indexes)
	}
	last := indexes[len(indexes)-1]
	r, err := j.Load(t.Context(), game)
	must(t, err)
	if next := r.From + int64(len(r.Events)); next <= last || len(r.Events) > 0 && next != last+1 {
		t.Errorf("%s goes on at %d after %d", game, next, last)
	}
	var n, first, stored int64
	must(t, db.QueryRowContext(t.Context(), `
		SELECT count(*), coalesce(min(idx), 0), coalesce(max(idx), -1) FROM journal_events WHERE stream = $1`, game).
		Scan(&n, &first, &stored))
	if n != stored-first+1 {
		t.Errorf("%s keeps %d events from %d to %d", game, n, first, stored)
	}
}

// A single node whose lock's session ended while it started doesn't take the journal from the one that has the lock by now.
func TestRealLateStarterHasNoLockAnyMore(t *testing.T) {
	u, db := named(t)
	closeJournal(t, start(t, config(u))) // migrated
	journaltest.Run(t, db, `CREATE TABLE gate ()`)
	journaltest.Run(t, db, `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN IF NEW.name = 'late' THEN LOCK TABLE gate; END IF; RETURN NEW; END $$`)
	journaltest.Run(t, db, `CREATE TRIGGER wait BEFORE INSERT ON journal_holder FOR EACH ROW EXECUTE FUNCTION wait()`)
	gate, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { _ = gate.Rollback() }()
	_, err = gate.ExecContext(t.Context(), `LOCK TABLE gate`)
	must(t, err)

	cfg := config(u)
	cfg.holder = "late"
	started := make(chan error, 1)
	go func() {
		j, err := cfg.open(t.Context())
		if err == nil {
			err = j.Close()
		}
		started <- err
	}()
	soon(t, "the late starter is about to write", func() (waits bool) {
		must(t, db.QueryRowContext(t.Context(), `
			SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'gate'::regclass AND NOT granted)`).Scan(&waits))
		return waits
	})
	cut(t, db, lockSession) // as the server does with one that was silent
	running := start(t, config(u))
	must(t, running.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	must(t, gate.Rollback())
	if err := <-started; err == nil {
		t.Error("a node without the lock has started")
	}
	must(t, running.Append(t.Context(), "game", 1, journaltest.Detection(1)))
}
