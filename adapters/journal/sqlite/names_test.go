package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

// R5: a hard link is the same file, with a log and a lock file of its own.
func TestR5SecondNameOfAHeldFile(t *testing.T) {
	path, link := filepath.Join(t.TempDir(), "journal.db"), filepath.Join(t.TempDir(), "link.db")
	j := start(t, path)
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	must(t, os.Link(path, link))
	fileRefused(t, link, fmt.Sprintf("held by node %q (process %d)", "a", os.Getpid()), "under the name "+path)
	must(t, j.Append(t.Context(), "game", 1, journaltest.Detection(1))) // unharmed
	closeJournal(t, j)

	// Closed in order, the file is whole under each of its names.
	for n, name := range []string{link, path} {
		j := start(t, name)
		must(t, j.Append(t.Context(), "game", int64(n+2), journaltest.Detection(2)))
		closeJournal(t, j)
	}
	holds(t, path, 4)
}

// R5: after kill -9 the log lies beside the name that the file had. Under another one what is only in the log is missing.
func TestR5SecondNameAfterACrash(t *testing.T) {
	for _, c := range []struct {
		name string
		// make gives the file its other name.
		make func(path, other string) error
		// want names the log, or is empty where all is there.
		want string
		// back is what makes the file whole again.
		back func(path, other string) (whole string, err error)
	}{
		{
			name: "hard link", make: os.Link, want: "open it as",
			back: func(path, _ string) (string, error) { return path, nil },
		},
		{
			name: "hard links of both", want: "open it as",
			make: func(path, other string) error {
				return errors.Join(os.Link(path, other), os.Link(path+"-wal", other+"-wal"))
			},
			back: func(path, _ string) (string, error) { return path, nil },
		},
		{
			name: "moved without its log", make: os.Rename, want: "move it to",
			back: func(path, other string) (string, error) { return other, os.Rename(path+"-wal", other+"-wal") },
		},
		{
			name: "moved with its log", make: func(path, other string) error {
				return errors.Join(os.Rename(path, other), os.Rename(path+"-wal", other+"-wal"))
			},
			back: func(_, other string) (string, error) { return other, nil },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, other := filepath.Join(t.TempDir(), "journal.db"), filepath.Join(t.TempDir(), "other.db")
			acknowledged := writtenAndKilled(t, path)
			must(t, c.make(path, other))
			if c.want != "" {
				fileRefused(t, other, c.want, path+"-wal")
			}
			whole, err := c.back(path, other)
			must(t, err)
			holds(t, whole, acknowledged)
		})
	}
}

// A crash while the log was being written back leaves a file that looks damaged without its log.
func TestR5SecondNameAfterACrashInACheckpoint(t *testing.T) {
	path, other := filepath.Join(t.TempDir(), "journal.db"), filepath.Join(t.TempDir(), "other.db")
	writtenAndKilled(t, path)
	b, err := os.ReadFile(path)
	must(t, err)
	copy(b[2*4096:], bytes.Repeat([]byte{0xa5}, 4096)) // the third page, that of another table
	must(t, os.WriteFile(path, b, 0o600))
	must(t, os.Link(path, other))
	fileRefused(t, other, "open it as", path+"-wal")
}

// A copy has nothing to do with the log of what it was copied from, and a backup may take the place of the file.
func TestCopiesAndBackups(t *testing.T) {
	dir, copies := t.TempDir(), t.TempDir()
	path, copied := filepath.Join(dir, "journal.db"), filepath.Join(copies, "copy.db")
	fill(t, path, 1)
	copyFile(t, path, copied)
	j := start(t, path) // it has a log now
	must(t, j.Append(t.Context(), "game-0", 1, journaltest.Detection(1)))
	must(t, checkOnly(t, copied))
	closeJournal(t, start(t, copied))
	closeJournal(t, j)
	copyFile(t, copied, path) // into the file that was there
	closeJournal(t, start(t, path))
	must(t, os.Rename(copied, path)) // in its place
	r, err := start(t, path).Load(t.Context(), "game-0")
	must(t, err)
	if len(r.Events) != 1 {
		t.Errorf("the backup holds %d events, want 1", len(r.Events))
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, b, 0o600))
}

// fileRefused wants a file to be refused with these words, by a check and by a start, and nothing to be changed.
func fileRefused(t *testing.T, path string, words ...string) {
	t.Helper()
	before := contents(t, filepath.Dir(path))
	for call, err := range map[string]error{
		"check": checkOnly(t, path),
		"open":  second(Open(t.Context(), path, config())),
	} {
		for _, word := range words {
			if err == nil || !strings.Contains(err.Error(), word) || strings.ContainsRune(err.Error(), '\n') {
				t.Errorf("%s: got %v, want one line with %q", call, err, word)
			}
		}
	}
	after := contents(t, filepath.Dir(path))
	delete(after, filepath.Base(path)+".lock")
	delete(after, filepath.Base(path)+"-shm") // SQLite's own, where it has a log to read
	if !maps.Equal(before, after) {
		t.Errorf("the files have changed: %q before, %q after", slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	}
}

// writtenAndKilled kills a process that writes to a journal, and returns how many events of "game-0" it had acknowledged.
func writtenAndKilled(t *testing.T, path string) (acknowledged int) {
	t.Helper()
	return writtenUntil(t, path, func() {})
}

// writtenUntil is the same, and does something beside the process before it kills it.
func writtenUntil(t *testing.T, path string, beside func()) (acknowledged int) {
	t.Helper()
	child, lines := journaltest.StartWriter(t, path)
	for n := 0; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "game-0 ") {
			acknowledged++
		}
		if n == 100 {
			beside()
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err == nil || acknowledged == 0 {
		t.Fatalf("the child ended with %v after %d acknowledgements", err, acknowledged)
	}
	return acknowledged
}

// holds wants a journal to have so many events of its one game at least.
func holds(t *testing.T, path string, events int) {
	t.Helper()
	j := start(t, path)
	defer closeJournal(t, j)
	total := 0
	for _, game := range []string{"game", "game-0"} {
		r, err := j.Load(t.Context(), game)
		must(t, err)
		total += len(r.Events)
	}
	if total < events {
		t.Errorf("%s holds %d events, and %d were acknowledged", path, total, events)
	}
}
