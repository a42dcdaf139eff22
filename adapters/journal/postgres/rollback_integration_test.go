//go:build integration

package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// losing is a PostgreSQL of the test's own that can be put back to what it was.
type losing struct {
	t        *testing.T
	dir, url string
}

func newLosing(t *testing.T) *losing {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg-") // not t.TempDir(): PostgreSQL's own user passes through
	must(t, err)
	must(t, os.Chmod(dir, 0o711))
	s := &losing{t: t, dir: dir}
	t.Cleanup(func() { s.do("remove") })
	s.url = s.do("start")
	return s
}

func (s *losing) do(verb string) string {
	s.t.Helper()
	return s.command(os.Getenv("HEALTHACTORS_TEST_POSTGRESD"), verb, s.dir)
}

func (s *losing) command(name string, args ...string) string {
	s.t.Helper()
	command := exec.Command(name, args...) // no context: it works in a cleanup too
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		s.t.Fatalf("%s %q: %v", name, args, err)
	}
	return strings.TrimSpace(string(output))
}

// keep restarts the server, and returns what puts it back to what it was.
func (s *losing) keep() (rollBack func()) {
	s.t.Helper()
	data, err := filepath.EvalSymlinks(filepath.Join(s.dir, "data"))
	must(s.t, err)
	s.do("stop")
	s.command("cp", "-a", data, data+".kept")
	s.do("start")
	return func() {
		s.t.Helper()
		s.do("kill")
		must(s.t, os.RemoveAll(data))
		must(s.t, os.Rename(data+".kept", data))
		s.do("start")
	}
}

// soonAppended appends as soon as the journal takes it.
func soonAppended(t *testing.T, j *Journal, game string) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		r, loaded := j.Load(t.Context(), game)
		if err = loaded; err == nil {
			err = j.Append(t.Context(), game, r.From+int64(len(r.Events)), journaltest.Marks())
		}
		if err == nil {
			return
		}
	}
	t.Fatalf("nothing can be appended: %v", err)
}

// R4: a journal that went back in time is noticed, whether something is written or not, told once, and used as it is.
func TestRealRollback(t *testing.T) {
	for _, writes := range []bool{true, false} {
		t.Run(fmt.Sprintf("while something is written: %t", writes), func(t *testing.T) {
			s := newLosing(t)
			var noticed atomic.Int64
			var logged lines
			cfg := config(s.url)
			cfg.rolledBack = func() { noticed.Add(1) }
			cfg.log = slog.New(slog.NewTextHandler(&logged, nil))
			j := start(t, cfg)
			for range 3 {
				soonAppended(t, j, "game")
			}
			rollBack := s.keep()
			for range 5 {
				soonAppended(t, j, "game")
			}
			if n := noticed.Load(); n > 0 {
				t.Fatalf("%d rollbacks were noticed before there was one", n)
			}
			rollBack()
			for deadline := time.Now().Add(20 * time.Second); noticed.Load() == 0; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("nothing was noticed within 20 s")
				}
				if writes {
					soonAppended(t, j, "other")
				}
			}
			r, err := j.Load(t.Context(), "game")
			must(t, err)
			if len(r.Events) != 3 {
				t.Errorf("%d events are there, want 3", len(r.Events))
			}
			for range 3 {
				soonAppended(t, j, "game")
			}
			time.Sleep(2 * lookPause) // time to tell it once more
			if n, told := noticed.Load(), strings.Count(logged.String(), "level=ERROR"); n != 1 || told != 1 {
				t.Errorf("it was noticed %d times, and told %d times:\n%s", n, told, logged.String())
			}
			if !strings.Contains(logged.String(), "commits_lost=5") {
				t.Errorf("what was lost is not told:\n%s", logged.String())
			}
			select {
			case err := <-j.Failed():
				t.Errorf("the node can't go on: %v", err)
			default:
			}
		})
	}
}

// R4: so is a journal that went back to before the node's start, where another one seems to hold it. The node can't go on, and
// says why; one whose journal was really taken over speaks of no rollback.
func TestRealRollbackToBeforeTheStart(t *testing.T) {
	for _, rolledBack := range []bool{true, false} {
		t.Run(fmt.Sprintf("rolled back: %t", rolledBack), func(t *testing.T) {
			u, db := journaltest.NewSchema(t)
			var noticed atomic.Int64
			cfg := config(u)
			cfg.rolledBack = func() { noticed.Add(1) }
			j := start(t, cfg)
			must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
			tx, err := db.BeginTx(t.Context(), nil)
			must(t, err)
			defer func() { _ = tx.Rollback() }()
			if rolledBack {
				must(t, second(tx.ExecContext(t.Context(), `DELETE FROM journal_events`)))
				must(t, second(tx.ExecContext(t.Context(), `DELETE FROM journal_writers`)))
			}
			must(t, second(tx.ExecContext(t.Context(), `UPDATE journal_holder SET token = 'before', name = 'b'`)))
			must(t, tx.Commit())
			for range 2 {
				if err := j.Append(t.Context(), "game", 1, journaltest.Detection(1)); !errors.Is(err, sqljournal.ErrTakenOver) {
					t.Errorf("append: %v", err)
				}
			}
			if err := <-j.Failed(); !errors.Is(err, sqljournal.ErrTakenOver) {
				t.Errorf("the node failed with %v", err)
			}
			closeJournal(t, j)
			if n, want := noticed.Load(), map[bool]int64{true: 1}[rolledBack]; n != want {
				t.Errorf("%d rollbacks were noticed, want %d", n, want)
			}
		})
	}
}

// Processes that were killed long ago are forgotten, and none that writes or only runs.
func TestRealWritersAreForgotten(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	idle := start(t, member(u, "x"))
	j := start(t, member(u, "x"))
	const killed = 2*forgottenWriters + 1
	journaltest.Run(t, db, `INSERT INTO journal_writers SELECT gen_random_uuid()::text, 'b', 1, $1 FROM generate_series(1, $2)`, keptPasses, killed)
	must(t, idle.RemoveOld(t.Context()))
	for range 3 {
		must(t, j.RemoveOld(t.Context()))
	}
	writers, passes := remembered(t, db)
	if writers != 2 || passes != 3 {
		t.Errorf("%d processes are remembered, for %d passes", writers, passes)
	}
	journaltest.Run(t, db, `INSERT INTO journal_writers SELECT gen_random_uuid()::text, 'b', 1, 0 FROM generate_series(1, $1)`, killed)
	must(t, j.RemoveOld(t.Context()))
	journaltest.Run(t, db, `DELETE FROM journal_writers WHERE passes <> 1`)
	if writers, _ := remembered(t, db); writers != killed {
		t.Errorf("a pass counts for %d of %d processes", writers, killed)
	}
}

// remembered says of how many processes the journal knows, and for how many passes at most.
func remembered(t *testing.T, db *sql.DB) (writers, passes int) {
	t.Helper()
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*), coalesce(max(passes), 0) FROM journal_writers`).Scan(&writers, &passes))
	return writers, passes
}

// To forget them keeps nobody from writing for more than a step, however many there are.
func TestRealWritersAreForgottenBesideCommits(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	j, other := start(t, member(u, "x")), start(t, member(u, "x"))
	lease(t, other, "b", time.Hour)
	// They fill the first step.
	journaltest.Run(t, db, `INSERT INTO journal_writers SELECT ' ' || n, 'b', 1, 0 FROM generate_series(1, $1::int) AS n`, forgottenWriters)
	gate, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { _ = gate.Rollback() }()
	journaltest.Run(t, db, `CREATE TABLE gate ()`)
	journaltest.Run(t, db, `CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN LOCK TABLE gate; RETURN NEW; END $$`)
	journaltest.Run(t, db, `CREATE TRIGGER wait BEFORE UPDATE ON journal_writers FOR EACH ROW WHEN (NEW.node = 'b') EXECUTE FUNCTION wait()`)
	must(t, second(gate.ExecContext(t.Context(), `LOCK TABLE gate`)))
	removed := make(chan error, 1)
	go func() { removed <- j.RemoveOld(t.Context()) }()
	soon(t, "a pass is in the middle of it", func() (waits bool) {
		must(t, db.QueryRowContext(t.Context(), `
			SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'gate'::regclass AND NOT granted)`).Scan(&waits))
		return waits
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := other.Append(ctx, "game", 0, journaltest.ClaimOf("b")); err != nil {
		t.Errorf("another node's commit waits: %v", err)
	}
	must(t, gate.Rollback())
	must(t, <-removed)
}

// A process that ends in order is forgotten at once, and the end of one that doesn't reach the journal is not kept up.
func TestRealClosedWriterIsForgotten(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	var noticed atomic.Int64
	cfg := config(u)
	cfg.rolledBack = func() { noticed.Add(1) }
	for range 3 {
		j := start(t, cfg)
		must(t, second(j.Load(t.Context(), "game")))
		closeJournal(t, j)
	}
	if writers, _ := remembered(t, db); writers > 0 || noticed.Load() > 0 {
		t.Errorf("%d processes that have ended are remembered, %d rollbacks were noticed", writers, noticed.Load())
	}
	j := start(t, cfg)
	gate, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	defer func() { _ = gate.Rollback() }()
	must(t, second(gate.ExecContext(t.Context(), `LOCK TABLE journal_writers`)))
	began := time.Now()
	closeJournal(t, j)
	if took := time.Since(began); took > leaveTimeout+2*time.Second {
		t.Errorf("the end took %v", took)
	}
}

// R4: a rollback that stops a node before it writes or looks again is noticed at its end.
func TestRealRollbackIsNoticedAtTheEnd(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	var noticed atomic.Int64
	cfg := config(u)
	cfg.rolledBack = func() { noticed.Add(1) }
	j := start(t, cfg)
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	journaltest.Run(t, db, `DELETE FROM journal_writers`)
	closeJournal(t, j)
	if noticed.Load() != 1 {
		t.Errorf("%d rollbacks were noticed", noticed.Load())
	}
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
