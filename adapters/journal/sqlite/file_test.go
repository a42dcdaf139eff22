package sqlite

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// A journal that can't be used is refused in one line, and nothing is overwritten.
func TestRefusedFiles(t *testing.T) {
	for _, c := range []struct {
		name   string
		make   func(t *testing.T, path string)
		want   string
		damage bool
	}{
		{"no database", text("game-7 is fine\n"), "not a SQLite database", true},
		{"shorter than a header", text("SQLite"), "not a SQLite database", true},
		{"a header and nothing else", text("SQLite format 3\x00"), "damaged", true},
		{"cut off", change(func(b []byte) []byte { return b[:len(b)/2] }), "the file was cut short", true},
		{"cut off within a page", change(func(b []byte) []byte { return b[:len(b)-1000] }), "restore it from a backup", true},
		{"cut off, too large for a full check", change(func(b []byte) []byte {
			b = append(b, make([]byte, quickCheckBelow)...)
			binary.BigEndian.PutUint32(b[28:], uint32(len(b)/4096)+1)
			return b
		}), "the file was cut short", true},
		{"garbage in the middle", change(func(b []byte) []byte {
			copy(b[len(b)/2:], bytes.Repeat([]byte{0xa5}, 8192))
			return b
		}), "damaged", true},
		{"garbage from the second page on", change(func(b []byte) []byte {
			copy(b[4096:], bytes.Repeat([]byte{0xa5}, len(b)))
			return b
		}), "damaged", true},
		{"another program's database", statements("CREATE TABLE cats (name text)"), "another program", false},
		{
			"written by a newer version", older("UPDATE journal_meta SET least_reader = 99"),
			fmt.Sprint("needs one that knows journal version 99, and this one knows ", sqljournal.SchemaVersion), false,
		},
		{"a directory", func(t *testing.T, path string) { must(t, os.Mkdir(path, 0o700)) }, "not a file", false},
		{"a link to nothing", func(t *testing.T, path string) { must(t, os.Symlink(path+".not", path)) }, "symbolic link", false},
		{
			"a log without its file", func(t *testing.T, path string) { must(t, os.WriteFile(path+"-wal", []byte("log"), 0o600)) },
			"the file is gone", true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "journal.db")
			c.make(t, path)
			before := contents(t, filepath.Dir(path))
			delete(before, "journal.db.lock")
			check := func(call string, err error) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), c.want) || strings.ContainsRune(err.Error(), '\n') {
					t.Errorf("%s: got %v, want one line with %q", call, err, c.want)
				}
				if errors.Is(err, actors.ErrDamaged) != c.damage {
					t.Errorf("%s: %v says that the journal is damaged: %v", call, err, !c.damage)
				}
				after := contents(t, filepath.Dir(path))
				delete(after, "journal.db.lock")
				if !maps.Equal(before, after) {
					t.Errorf("%s changed the files: %q before, %q after", call, slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
				}
			}
			check("check", checkOnly(t, path))
			_, err := Open(t.Context(), path, config())
			check("open", err)
		})
	}
}

func text(s string) func(*testing.T, string) {
	return func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte(s), 0o600)) }
}

func statements(queries ...string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		db, err := sql.Open("sqlite", path)
		must(t, err)
		for _, query := range queries {
			_, err := db.ExecContext(t.Context(), query)
			must(t, err)
		}
		must(t, db.Close())
	}
}

// older makes a journal and changes it.
func older(queries ...string) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		fill(t, path, 200)
		statements(queries...)(t, path)
	}
}

func change(f func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		fill(t, path, 400)
		b, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path, f(b), 0o600))
	}
}

// fill makes a journal of some games with one detection each.
func fill(t *testing.T, path string, games int) {
	t.Helper()
	j, err := Open(t.Context(), path, config())
	must(t, err)
	var wg sync.WaitGroup // together they share commits
	for i := range games {
		wg.Go(func() {
			if err := j.Append(t.Context(), fmt.Sprint("game-", i), 0, journaltest.Detection(int64(i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	closeJournal(t, j)
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		b, _ := os.ReadFile(filepath.Join(dir, e.Name())) // a directory and a dangling link have none
		files[e.Name()] = string(b)
	}
	return files
}

func TestMissingDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "not", "journal.db")
	for _, err := range []error{checkOnly(t, path), second(Open(t.Context(), path, config()))} {
		if err == nil || !strings.Contains(err.Error(), "not does not exist") {
			t.Errorf("got %v, want the missing directory", err)
		}
	}
}

// /proc takes no files, whoever asks.
func TestDirectoryThatTakesNoFiles(t *testing.T) {
	if err := second(Open(t.Context(), "/proc/journal.db", config())); err == nil || strings.ContainsRune(err.Error(), '\n') {
		t.Errorf("got %v, want an error of one line", err)
	}
}

func TestCheckChangesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	must(t, checkOnly(t, path))
	if files := contents(t, dir); len(files) > 0 {
		t.Errorf("checking a journal that is still to be made left %q", slices.Collect(maps.Keys(files)))
	}
	fill(t, path, 10)
	before := contents(t, dir)
	must(t, checkOnly(t, path))
	if after := contents(t, dir); !maps.Equal(before, after) {
		t.Errorf("checking a journal left %q", slices.Collect(maps.Keys(after)))
	}
	must(t, checkOnly(t, inMemory))
}

func TestHeldFileNamesItsHolder(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "journal.db"), filepath.Join(dir, "link.db")
	j := start(t, path)
	must(t, os.Symlink(path, link))
	for _, name := range []string{path, link} {
		for _, err := range []error{checkOnly(t, name), second(Open(t.Context(), name, config()))} {
			if want := fmt.Sprintf("held by node %q (process %d)", "a", os.Getpid()); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0))) // unharmed
	must(t, j.Close())
	closeJournal(t, start(t, link))
}

// C6: a later version whose schema this one can still use.
func TestLaterSchemaThatThisOneKnows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	older("ALTER TABLE journal_meta ADD COLUMN more TEXT", "INSERT INTO journal_versions (version_id, is_applied) VALUES (7, 1)")(t, path)
	j := start(t, path)
	must(t, j.Append(t.Context(), "game-3", 1, journaltest.Detection(1)))
}

// What a crash leaves behind: the file, and a log that ends anywhere.
func TestTornLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j := start(t, path)
	for i := range int64(50) {
		must(t, j.Append(t.Context(), "game", i, journaltest.Detection(i)))
	}
	crashed := t.TempDir()
	for name, content := range contents(t, filepath.Dir(path)) {
		if strings.HasSuffix(name, "-wal") {
			content += strings.Repeat("half a frame", 500)
		}
		if !strings.HasSuffix(name, "-shm") {
			must(t, os.WriteFile(filepath.Join(crashed, name), []byte(content), 0o600))
		}
	}
	r, err := start(t, filepath.Join(crashed, "journal.db")).Load(t.Context(), "game")
	must(t, err)
	if len(r.Events) != 50 {
		t.Errorf("%d events of 50 are there", len(r.Events))
	}
}

func TestANewFileIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(t.Context(), path, config())
	must(t, err)
	defer j.Close()
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		must(t, err)
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has the mode %o", name, mode)
		}
	}
}
