//go:build integration

package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

// server is a PostgreSQL of a test's own, which it may stop, start, promote and make read-only.
type server struct {
	t   *testing.T
	dir string
	url string
	db  *sql.DB // the test's own sessions, which write whatever the database's settings say
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, dir: serverDir(t)}
	s.start()
	return s
}

// serverDir is not t.TempDir(), since PostgreSQL's own user passes through.
func serverDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg-")
	must(t, err)
	must(t, os.Chmod(dir, 0o711))
	return dir
}

// lateStandby makes a hot standby of the server as it is now, which applies what is written from now on a day late.
func (s *server) lateStandby() *server { return s.standby("recovery_min_apply_delay=1d") }

// standby makes a hot standby of the server, with these settings.
func (s *server) standby(settings ...string) *server {
	s.t.Helper()
	b := &server{t: s.t, dir: serverDir(s.t)}
	b.opened(b.do("standby", append([]string{s.dir}, settings...)...))
	return b
}

func (s *server) start() { s.opened(s.do("start")) }
func (s *server) stop()  { s.do("stop") }

// opened takes the address that the component printed.
func (s *server) opened(address string) {
	s.t.Helper()
	if s.db != nil {
		return
	}
	s.url = address
	var err error
	s.db, err = sql.Open("pgx", address+"&application_name=test&default_transaction_read_only=off")
	must(s.t, err)
	s.t.Cleanup(func() {
		must(s.t, s.db.Close())
		s.do("remove")
	})
}

func (s *server) do(verb string, more ...string) string {
	s.t.Helper()
	component := exec.Command(os.Getenv("HEALTHACTORS_TEST_POSTGRESD"), append([]string{verb, s.dir}, more...)...)
	component.Stderr = os.Stderr
	output, err := component.Output()
	if err != nil {
		s.t.Fatalf("postgres %s %s: %v", verb, filepath.Base(s.dir), err)
	}
	return strings.TrimSpace(string(output))
}

// run runs a statement.
func (s *server) run(query string, args ...any) {
	s.t.Helper()
	journaltest.Run(s.t, s.db, query, args...)
}

// count is a query's only number.
func (s *server) count(query string) (n int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), 10*time.Second)
	defer cancel()
	must(s.t, s.db.QueryRowContext(ctx, query).Scan(&n))
	return n
}

// cut ends the sessions of all nodes.
func (s *server) cut() {
	s.t.Helper()
	s.run(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'healthactors'`)
}

// locks are those that nodes hold on journals.
func (s *server) locks() int {
	return s.count(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted`)
}

// sessions are those that nodes have.
func (s *server) sessions() int {
	return s.count(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'healthactors'`)
}

// readOnly has the database take no writes until it ends: for sessions that are opened from now on, or for those too that are
// there.
func (s *server) readOnly(live bool) (end func()) {
	s.t.Helper()
	if live {
		s.run(`ALTER SYSTEM SET default_transaction_read_only = on`)
		s.run(`SELECT pg_reload_conf()`)
		return func() {
			s.run(`ALTER SYSTEM RESET default_transaction_read_only`)
			s.run(`SELECT pg_reload_conf()`)
		}
	}
	s.run(`ALTER DATABASE postgres SET default_transaction_read_only = on`)
	return func() { s.run(`ALTER DATABASE postgres RESET default_transaction_read_only`) }
}

// hosts is the journal URL of several servers.
func hosts(servers ...*server) string {
	var all []string
	for _, s := range servers {
		u, err := url.Parse(s.url)
		must(s.t, err)
		all = append(all, u.Host)
	}
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", strings.Join(all, ","))
}

// soon waits for something that comes about by itself.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("within 20 s it has not come about that %s", what)
		}
	}
}
