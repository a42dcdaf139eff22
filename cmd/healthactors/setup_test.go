package main

import (
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/adapters/journal"
)

// A set-up is one that run and check have to agree on.
type setUp struct {
	name string
	// prepare may change the world, and returns further arguments.
	prepare func(t *testing.T, w *world) []string
	// code is what run exits with; 0: it goes on.
	code int
	// warned is in the log of a run that goes on with a warning.
	warned string
	// says is in what check says.
	says string
	// state is what else check must not change; nil for nothing.
	state func(t *testing.T) string
}

// agree holds run and check against each other: what run refuses, check refuses with the same code; what run warns of and goes
// on, check names and exits with 1. And check changes nothing.
func (s setUp) agree(t *testing.T) {
	t.Helper()
	w := newWorld(t)
	w.container("a", 0, "exited", "")
	w.list("a")
	more := s.prepare(t, w)
	before, state := contents(t, w.dir), ""
	if s.state != nil {
		state = s.state(t)
	}
	code, stdout, stderr := output(t, w.dir, nil, checking(w.args(more...))...)
	if diff := cmp.Diff(before, contents(t, w.dir)); diff != "" {
		t.Errorf("check has changed files (-before +after):\n%s", diff)
	}
	if s.state != nil {
		if diff := cmp.Diff(state, s.state(t)); diff != "" {
			t.Errorf("check has changed something (-before +after):\n%s", diff)
		}
	}
	want := s.code
	if s.warned != "" {
		want = 1
	}
	if code != want || !strings.Contains(stdout+stderr, s.says) {
		t.Errorf("check: exit code %d, want %d and %q; stderr %q, stdout\n%s", code, want, s.says, stderr, stdout)
	}
	if strings.Contains("\n"+stdout, "\nfailed ") != (s.code != 0 && stdout != "") {
		t.Errorf("check: run exits with %d; stdout\n%s", s.code, stdout)
	}
	if lines := strings.Count(stderr, "\n"); lines > 1 || (lines == 1) != (want != 0) {
		t.Errorf("check: stderr %q", stderr)
	}

	if s.code != 0 {
		code, stdout, stderr := output(t, w.dir, nil, w.args(more...)...)
		if code != s.code || stdout != "" {
			t.Errorf("run: exit code %d, want %d; stderr %q, stdout %q", code, s.code, stderr, stdout)
		}
		return
	}
	p := start(t, w.dir, w.args(more...)...)
	p.logs("msg=started")
	if s.warned == "" {
		p.logs(`msg="event published"`)
	} else {
		p.logs(s.warned)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		t.Errorf("run: exit code %d", code)
	}
	if warned := strings.Contains(p.err.String(), "level=WARN") || strings.Contains(p.err.String(), "level=ERROR"); warned != (s.warned != "") {
		t.Errorf("run warned: %t; its log:\n%s", warned, p.err)
	}
}

// contents are the files in a folder, but SQLite's shared memory, which is no part of a journal: who reads a log that was left
// makes its index there anew.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && !strings.HasSuffix(path, "-shm") {
			var text []byte
			text, err = os.ReadFile(path)
			files[path] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func openJournal(t *testing.T, path string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Config{
		URL: "sqlite:" + path, Retention: time.Hour, Holder: "other", Log: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// journalAfter makes a journal and changes it.
func journalAfter(statements ...string) func(*testing.T, *world) []string {
	return func(t *testing.T, w *world) []string {
		t.Helper()
		path := filepath.Join(w.dir, "healthactors.db")
		if err := openJournal(t, path).Close(); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, statement := range statements {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		return nil
	}
}
