//go:build integration

package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
)

// newSchema makes a schema of the test's own in the Postgres of HEALTHACTORS_TEST_POSTGRES. It returns a journal URL for it,
// and the test's own sessions in it.
func newSchema(t testing.TB) (journalURL string, db *sql.DB) {
	t.Helper()
	u, err := url.Parse(os.Getenv("HEALTHACTORS_TEST_POSTGRES"))
	if err != nil || u.Host == "" {
		t.Fatal("HEALTHACTORS_TEST_POSTGRES is not the URL of a Postgres")
	}
	schema := "journal_" + uuid.NewString()
	query := u.Query()
	query.Set("search_path", `"`+schema+`"`)
	u.RawQuery = query.Encode()
	if db, err = sql.Open("pgx", u.String()); err != nil {
		t.Fatal(err)
	}
	run(t, db, fmt.Sprintf(`CREATE SCHEMA "%s"`, schema))
	t.Cleanup(func() {
		run(t, db, fmt.Sprintf(`DROP SCHEMA "%s" CASCADE`, schema))
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return u.String(), db
}

func TestRealPostgresKeepsThePort(t *testing.T) {
	porttest.Journal(t, func(t *testing.T) func() actors.Journal {
		u, _ := newSchema(t)
		return reopening(t, u)
	})
}

func TestRealPostgresRetention(t *testing.T) {
	t.Run("events", func(t *testing.T) {
		u, _ := newSchema(t)
		retentionOfEvents(t, u)
	})
	t.Run("streams", func(t *testing.T) {
		u, _ := newSchema(t)
		retentionOfStreams(t, u)
	})
}

// P1, R1: as with SQLite, beside the child, after kill -9.
func TestRealPostgresKilledWriter(t *testing.T) {
	u, _ := newSchema(t)
	killedWriter(t, u)
}

// P1 holds on a server, or with a URL, that would acknowledge a commit before it is durable.
func TestRealPostgresCommitsAreDurable(t *testing.T) {
	u, _ := newSchema(t)
	var setting string
	must(t, open(t, config(u+"&synchronous_commit=off")).db.writer().
		QueryRowContext(t.Context(), "SHOW synchronous_commit").Scan(&setting))
	if setting != "on" {
		t.Errorf("synchronous_commit is %s", setting)
	}
}

func TestRealPostgresMeasuresItself(t *testing.T) {
	u, _ := newSchema(t)
	n, err := open(t, config(u)).Bytes(t.Context())
	if err != nil || n <= 0 {
		t.Errorf("the journal takes %d bytes, %v", n, err)
	}
}

// lockSession finds the session that holds the lock.
const lockSession = `pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)`

// cut ends the journal's own sessions that a condition finds, as a broken network or an administrator does.
func cut(t *testing.T, db *sql.DB, which string) {
	t.Helper()
	run(t, db, fmt.Sprintf(`
		SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE application_name = (SELECT current_schema()) AND pid <> pg_backend_pid() AND (%s)`, which))
}

// named gives the journal's sessions their schema as a name, by which cut finds them.
func named(t *testing.T) (journalURL string, db *sql.DB) {
	journalURL, db = newSchema(t)
	var schema string
	must(t, db.QueryRowContext(t.Context(), "SELECT current_schema()").Scan(&schema))
	return journalURL + "&application_name=" + schema, db
}

// An append that loses its connection fails, and the next one has a new connection.
func TestRealPostgresConnectionsAreCut(t *testing.T) {
	u, db := named(t)
	j := open(t, config(u))
	must(t, j.Append(t.Context(), "game", 0, detection(0)))
	cut(t, db, "true")
	err := j.Append(t.Context(), "game", 1, detection(1))
	if err != nil {
		t.Logf("the first append afterwards: %v", err)
		r, err := j.Load(t.Context(), "game")
		for try := 0; err != nil && try < 1+postgresReaders; try++ { // each reader may have to learn it for itself
			r, err = j.Load(t.Context(), "game")
		}
		must(t, err)
		if len(r.Events) == 1 {
			must(t, j.Append(t.Context(), "game", 1, detection(1)))
		}
	}
	must(t, j.Append(t.Context(), "game", 2, detection(2)))
	select {
	case err := <-j.Failed():
		t.Errorf("a lost connection alone stopped the node: %v", err)
	default:
	}
}

// A lost lock that nobody else took comes back.
func TestRealPostgresLockComesBack(t *testing.T) {
	u, db := named(t)
	j := open(t, config(u))
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
	must(t, j.Append(t.Context(), "game", 0, detection(0)))
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
	old := open(t, config(u))
	must(t, old.Append(t.Context(), "game", 0, detection(0)))

	cfg := config(u)
	cfg.Holder = "b"
	opened := make(chan error, 1)
	var next *Journal
	go func() {
		var err error
		next, err = Open(t.Context(), cfg)
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

	err := old.Append(t.Context(), "game", 1, detection(1))
	if want := `taken over by node "b"`; !errors.Is(err, errTakenOver) || !strings.Contains(err.Error(), want) {
		t.Errorf("the old holder's append: got %v, want %q", err, want)
	}
	if err := <-old.Failed(); !strings.Contains(err.Error(), `node "b"`) {
		t.Errorf("the old holder failed with %v", err)
	}
	if err := old.removeOld(t.Context()); !errors.Is(err, errTakenOver) {
		t.Errorf("the old holder's retention: %v", err)
	}
	r, err := next.Load(t.Context(), "game")
	must(t, err)
	if len(r.Events) != 1 {
		t.Errorf("%d events are there, want 1", len(r.Events))
	}
	must(t, next.Append(t.Context(), "game", 1, detection(1)))
}

// An old holder that writes nothing learns it all the same.
func TestRealPostgresTakeoverOfAnIdleNode(t *testing.T) {
	u, db := named(t)
	old := open(t, config(u))
	run(t, db, `UPDATE journal_holder SET token = 'other', name = 'b'`)
	cut(t, db, lockSession)
	if err := <-old.Failed(); !errors.Is(err, errTakenOver) || !strings.Contains(err.Error(), `node "b"`) {
		t.Errorf("the old holder failed with %v", err)
	}
}

func TestRealPostgresRefusals(t *testing.T) {
	check := func(t *testing.T, url, want string) {
		t.Helper()
		for _, err := range []error{checkOnly(t, url, ""), second(Open(t.Context(), config(url)))} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsRune(err.Error(), '\n') ||
				strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want one line with %q", err, want)
			}
		}
	}
	t.Run("held", func(t *testing.T) {
		u, _ := newSchema(t)
		open(t, config(u))
		check(t, u, fmt.Sprintf("held by node %q (process %d)", "a", os.Getpid()))
	})
	t.Run("newer", func(t *testing.T) {
		u, db := newSchema(t)
		closeJournal(t, open(t, config(u)))
		run(t, db, `UPDATE journal_meta SET least_reader = 99`)
		check(t, u, fmt.Sprint("journal version 99, and this one knows ", schemaVersion))
	})
	t.Run("later, but known", func(t *testing.T) {
		u, db := newSchema(t)
		closeJournal(t, open(t, config(u)))
		run(t, db, `INSERT INTO journal_versions (version_id, is_applied) VALUES (7, true)`)
		must(t, checkOnly(t, u, ""))
		must(t, open(t, config(u)).Append(t.Context(), "game", 0, detection(0)))
	})
	t.Run("read-only", func(t *testing.T) {
		u, _ := newSchema(t)
		check(t, u+"&default_transaction_read_only=on", "read-only")
	})
	t.Run("no schema", func(t *testing.T) {
		u, _ := newSchema(t)
		check(t, strings.Replace(u, "journal_", "no_", 1), "schema")
	})
	t.Run("nobody there", func(t *testing.T) {
		check(t, "postgres://node:secret@127.0.0.1:1/health", "can't be reached")
	})
	t.Run("check leaves nothing", func(t *testing.T) {
		u, db := newSchema(t)
		must(t, checkOnly(t, u, ""))
		var tables int
		must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()`).Scan(&tables))
		if tables > 0 || lockHolder(t, db) != 0 {
			t.Errorf("a check left %d tables, or the lock", tables)
		}
	})
}

// A give-up and a second try of one stream can wait together: each has its own result.
func TestRealPostgresOneStreamTwice(t *testing.T) {
	u, _ := newSchema(t)
	oneStreamTwice(t, open(t, config(u)))
}

func TestRealPostgresDamagedRow(t *testing.T) {
	u, db := newSchema(t)
	j := open(t, config(u))
	must(t, j.Append(t.Context(), "game", 0, detection(0)))
	run(t, db, `UPDATE journal_events SET payload = '\x0801'`)
	_, err := j.Load(t.Context(), "game")
	wantDamage(t, err, `event 0 of game "game"`)
}

// BenchmarkRealPostgresAppend is BenchmarkAppend with Postgres; there, the bare group commit is one INSERT of its own a batch.
func BenchmarkRealPostgresAppend(b *testing.B) {
	for _, callers := range []int{1, 16, 256, 1000} {
		b.Run(fmt.Sprintf("journal/callers=%d", callers), func(b *testing.B) {
			u, _ := newSchema(b)
			appendTogether(b, u, callers)
		})
		b.Run(fmt.Sprintf("bare/callers=%d", callers), func(b *testing.B) {
			_, db := newSchema(b)
			run(b, db, `CREATE TABLE bare (stream text, idx bigint, payload bytea, PRIMARY KEY (stream, idx))`)
			bareTogether(b, callers, func(batch []*write) error {
				_, err := db.ExecContext(b.Context(), `INSERT INTO bare SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])`,
					column(batch, func(w *write) string { return w.stream }),
					column(batch, func(w *write) int64 { return w.index }),
					column(batch, func(w *write) []byte { return w.payload }))
				return err
			})
		})
	}
}

func BenchmarkRealPostgresLoad(b *testing.B) {
	u, _ := newSchema(b)
	loadTogether(b, u)
}
