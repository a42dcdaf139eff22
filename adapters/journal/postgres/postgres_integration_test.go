//go:build integration

package postgres

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

func TestRealPostgresKeepsThePort(t *testing.T) {
	porttest.Journal(t, func(t *testing.T) porttest.JournalFixture {
		u, db := journaltest.NewSchema(t)
		var last *Journal
		return porttest.JournalFixture{
			Open: func() actors.Journal {
				if last != nil {
					closeJournal(t, last)
				}
				last = start(t, config(u))
				return last
			},
			OlderSnapshot: func(t *testing.T, game string, index int64, snapshot *v1.Snapshot) {
				journaltest.OlderSnapshot(t, db, game, index, snapshot)
			},
		}
	})
}

// P1, R1: as with SQLite, beside the child, after kill -9.
func TestRealPostgresKilledWriter(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	journaltest.KilledWriter(t, u, openAs)
}

// P1 holds on a server, or with a URL, that would acknowledge a commit before it is durable.
func TestRealPostgresCommitsAreDurable(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	var setting string
	must(t, start(t, config(u+"&synchronous_commit=off")).db.write.
		QueryRowContext(t.Context(), "SHOW synchronous_commit").Scan(&setting))
	if setting != "on" {
		t.Errorf("synchronous_commit is %s", setting)
	}
}

func TestRealPostgresMeasuresItself(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	n, err := start(t, config(u)).Bytes(t.Context())
	if err != nil || n <= 0 {
		t.Errorf("the journal takes %d bytes, %v", n, err)
	}
}

// lockSession finds the session that holds the lock.
const lockSession = `pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)`

// cut ends the journal's own sessions that a condition finds, as a broken network or an administrator does.
func cut(t *testing.T, db *sql.DB, which string) {
	t.Helper()
	journaltest.Run(t, db, fmt.Sprintf(`
		SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE application_name = (SELECT current_schema()) AND pid <> pg_backend_pid() AND (%s)`, which))
}

// named gives the journal's sessions their schema as a name, by which cut finds them.
func named(t *testing.T) (journalURL string, db *sql.DB) {
	journalURL, db = journaltest.NewSchema(t)
	var schema string
	must(t, db.QueryRowContext(t.Context(), "SELECT current_schema()").Scan(&schema))
	return journalURL + "&application_name=" + schema, db
}

// An append that loses its connection fails, and the next one has a new connection.
func TestRealPostgresConnectionsAreCut(t *testing.T) {
	u, db := named(t)
	j := start(t, config(u))
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	cut(t, db, "true")
	err := j.Append(t.Context(), "game", 1, journaltest.Detection(1))
	if err != nil {
		t.Logf("the first append afterwards: %v", err)
		r, err := j.Load(t.Context(), "game")
		for try := 0; err != nil && try < 1+readers; try++ { // each reader may have to learn it for itself
			r, err = j.Load(t.Context(), "game")
		}
		must(t, err)
		if len(r.Events) == 1 {
			must(t, j.Append(t.Context(), "game", 1, journaltest.Detection(1)))
		}
	}
	must(t, j.Append(t.Context(), "game", 2, journaltest.Detection(2)))
	select {
	case err := <-j.Failed():
		t.Errorf("a lost connection alone stopped the node: %v", err)
	default:
	}
}

// A lost lock that nobody else took comes back.
func TestRealPostgresLockComesBack(t *testing.T) {
	u, db := named(t)
	j := start(t, config(u))
	before := lockHolder(t, db)
	cut(t, db, lockSession)
	for deadline := time.Now().Add(20 * time.Second); ; {
		if after := lockHolder(t, db); after != 0 && after != before {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the lock did not come back")
		}
		time.Sleep(20 * time.Millisecond)
	}
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
}

// lockHolder is the process that holds the journal's lock, 0 when nobody does.
func lockHolder(t *testing.T, db *sql.DB) (pid int) {
	t.Helper()
	must(t, db.QueryRowContext(t.Context(), `
		SELECT coalesce(max(pid), 0) FROM pg_locks
		WHERE locktype = 'advisory' AND granted
			AND objid = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())`).Scan(&pid))
	return pid
}

// A node that lost its lock to another one can't write any more, and says who has it.
func TestRealPostgresTakeover(t *testing.T) {
	u, db := named(t)
	old := start(t, config(u))
	must(t, old.Append(t.Context(), "game", 0, journaltest.Detection(0)))

	cfg := config(u)
	cfg.holder = "b"
	opened := make(chan error, 1)
	var next *Journal
	go func() {
		var err error
		next, err = cfg.open(t.Context())
		opened <- err
	}()
	// b waits for the lock, and so gets it before the old one can have it back.
	deadline := time.Now().Add(10 * time.Second)
	for waiting := false; !waiting; {
		if time.Now().After(deadline) {
			t.Fatal("the second node does not wait for the lock")
		}
		must(t, db.QueryRowContext(t.Context(), `
			SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND objid = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()))`).Scan(&waiting))
	}
	cut(t, db, lockSession)
	must(t, <-opened)
	defer closeJournal(t, next)

	err := old.Append(t.Context(), "game", 1, journaltest.Detection(1))
	if want := `taken over by node "b"`; !errors.Is(err, sqljournal.ErrTakenOver) || !strings.Contains(err.Error(), want) {
		t.Errorf("the old holder's append: got %v, want %q", err, want)
	}
	if err := <-old.Failed(); !strings.Contains(err.Error(), `node "b"`) {
		t.Errorf("the old holder failed with %v", err)
	}
	if err := old.RemoveOld(t.Context()); !errors.Is(err, sqljournal.ErrTakenOver) {
		t.Errorf("the old holder's retention: %v", err)
	}
	r, err := next.Load(t.Context(), "game")
	must(t, err)
	if len(r.Events) != 1 {
		t.Errorf("%d events are there, want 1", len(r.Events))
	}
	must(t, next.Append(t.Context(), "game", 1, journaltest.Detection(1)))
}

// An old holder that writes nothing learns it all the same.
func TestRealPostgresTakeoverOfAnIdleNode(t *testing.T) {
	u, db := named(t)
	old := start(t, config(u))
	journaltest.Run(t, db, `UPDATE journal_holder SET token = 'other', name = 'b'`)
	cut(t, db, lockSession)
	if err := <-old.Failed(); !errors.Is(err, sqljournal.ErrTakenOver) || !strings.Contains(err.Error(), `node "b"`) {
		t.Errorf("the old holder failed with %v", err)
	}
}

func TestRealPostgresRefusals(t *testing.T) {
	check := func(t *testing.T, url, want string) {
		t.Helper()
		for _, err := range []error{checkOnly(t, url, ""), second(config(url).open(t.Context()))} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsRune(err.Error(), '\n') ||
				strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want one line with %q", err, want)
			}
		}
	}
	t.Run("held", func(t *testing.T) {
		u, _ := journaltest.NewSchema(t)
		start(t, config(u))
		check(t, u, fmt.Sprintf("held by node %q (process %d)", "a", os.Getpid()))
	})
	t.Run("newer", func(t *testing.T) {
		u, db := journaltest.NewSchema(t)
		closeJournal(t, start(t, config(u)))
		journaltest.Run(t, db, `UPDATE journal_meta SET least_reader = 99`)
		check(t, u, fmt.Sprint("journal version 99, and this one knows ", sqljournal.SchemaVersion))
	})
	t.Run("later, but known", func(t *testing.T) {
		u, db := journaltest.NewSchema(t)
		closeJournal(t, start(t, config(u)))
		journaltest.Run(t, db, `INSERT INTO journal_versions (version_id, is_applied) VALUES (7, true)`)
		must(t, checkOnly(t, u, ""))
		must(t, start(t, config(u)).Append(t.Context(), "game", 0, journaltest.Detection(0)))
	})
	t.Run("read-only", func(t *testing.T) {
		u, _ := journaltest.NewSchema(t)
		check(t, u+"&default_transaction_read_only=on", "read-only")
	})
	t.Run("no schema", func(t *testing.T) {
		u, _ := journaltest.NewSchema(t)
		check(t, strings.Replace(u, "journal_", "no_", 1), "schema")
	})
	t.Run("nobody there", func(t *testing.T) {
		check(t, "postgres://node:secret@127.0.0.1:1/health", "can't be reached")
	})
	t.Run("check leaves nothing", func(t *testing.T) {
		u, db := journaltest.NewSchema(t)
		must(t, checkOnly(t, u, ""))
		var tables int
		must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()`).Scan(&tables))
		if tables > 0 || lockHolder(t, db) != 0 {
			t.Errorf("a check left %d tables, or the lock", tables)
		}
	})
}

func TestRealPostgresDamagedRow(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	j := start(t, config(u))
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	journaltest.Run(t, db, `UPDATE journal_events SET payload = '\x0801'`)
	_, err := j.Load(t.Context(), "game")
	journaltest.WantDamage(t, err, `event 0 of game "game"`)
}
