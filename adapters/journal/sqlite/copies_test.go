package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

// R5: a copy or a backup of a running node's file says what that one says of itself, and is another file all the same: the log
// that is left beside the recorded name is none of its.
func TestBackupsOfAFileThatWasNotClosed(t *testing.T) {
	for _, c := range []struct {
		name string
		// harm comes upon the file and its log after the crash.
		harm func(t *testing.T, path string)
		// warned is in the log when the backup is opened; empty where there is nothing to say.
		warned string
		// refused is what is said first, and mend what helps then.
		refused []string
		mend    func(t *testing.T, path string)
	}{
		{name: "which is still there", harm: func(*testing.T, string) {}, warned: "journal.db-wal"},
		{
			name: "which was deleted", harm: func(t *testing.T, path string) { must(t, os.Remove(path)) },
			refused: []string{"if this file was moved, move its log", "if it is a copy or a backup, move the log away"},
			mend:    func(t *testing.T, path string) { must(t, os.Rename(path+"-wal", path+"-wal.old")) },
		},
		{
			name: "which was deleted with its log", harm: func(t *testing.T, path string) {
				must(t, os.Remove(path))
				must(t, os.Remove(path+"-wal"))
			},
		},
		{name: "which nobody can look at", harm: hide, warned: "journal.db"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, backup := filepath.Join(t.TempDir(), "of", "journal.db"), filepath.Join(t.TempDir(), "backup.db")
			must(t, os.Mkdir(filepath.Dir(path), 0o700))
			writtenUntil(t, path, func() {
				statements(fmt.Sprintf("VACUUM INTO '%s'", backup))(t, path)
			})
			c.harm(t, path)
			if c.refused != nil {
				fileRefused(t, backup, append(c.refused, path+"-wal")...)
				c.mend(t, path)
			}
			must(t, checkOnly(t, backup))
			var log bytes.Buffer
			cfg := config()
			cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
			j, err := Open(t.Context(), backup, cfg)
			must(t, err)
			must(t, j.Append(t.Context(), "another game", 0, journaltest.Detection(0)))
			closeJournal(t, j)
			if warned := strings.Contains(log.String(), c.warned) && log.Len() > 0; warned != (c.warned != "") {
				t.Errorf("the log says %q, want a warning with %q", log.String(), c.warned)
			}
			holds(t, backup, 1) // and it is sound
		})
	}
}

// hide makes the directory of a file one that can't be looked at, whoever asks; another user's fails with EACCES.
func hide(t *testing.T, path string) {
	t.Helper()
	dir := filepath.Dir(path)
	must(t, os.Rename(dir, dir+".old"))
	must(t, os.Symlink(filepath.Base(dir), dir)) // a loop
}

// R5: a file keeps its identity when it is moved, whatever lies at its former name by then.
func TestFileThatWasMovedWithoutItsLog(t *testing.T) {
	for _, c := range []struct {
		name string
		move func(t *testing.T, path, other string)
		want string
		// log is where its log is then.
		log func(path string) string
	}{
		{
			name: "to another file system", want: "if this file was moved",
			move: func(t *testing.T, path, other string) {
				copyFile(t, path, other)
				must(t, os.Remove(path))
			},
			log: func(path string) string { return path + "-wal" },
		},
		{
			name: "and another file took its place", want: "it was moved",
			move: func(t *testing.T, path, other string) {
				must(t, os.Rename(path, other))
				copyFile(t, other, path)
			},
			log: func(path string) string { return path + "-wal" },
		},
		{
			name: "from where nobody can look", want: "can't be looked at",
			move: func(t *testing.T, path, other string) {
				must(t, os.Rename(path, other))
				hide(t, path)
			},
			log: func(path string) string { return filepath.Join(filepath.Dir(path)+".old", filepath.Base(path)+"-wal") },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, other := filepath.Join(t.TempDir(), "of", "journal.db"), filepath.Join(t.TempDir(), "other.db")
			must(t, os.Mkdir(filepath.Dir(path), 0o700))
			acknowledged := writtenAndKilled(t, path)
			c.move(t, path, other)
			fileRefused(t, other, c.want, path+"-wal")
			must(t, os.Rename(c.log(path), other+"-wal"))
			holds(t, other, acknowledged)
		})
	}
}

// R5: a directory that is mounted in two places is one, and so are the file and the log in it.
func TestFileByAnotherWayToItsDirectory(t *testing.T) {
	path, way := filepath.Join(t.TempDir(), "journal.db"), filepath.Join(t.TempDir(), "way")
	must(t, os.Symlink(filepath.Dir(path), way)) // that the name recorded has, as little as a mount's, no other name
	writtenAndKilled(t, path)
	f, err := resolveFile(path)
	must(t, err)
	h, err := f.acquire(t.Context(), false)
	must(t, err)
	defer func() { must(t, h.release()) }()
	if warning, err := f.checkLog(origin{name: filepath.Join(way, "journal.db"), id: h.id()}, h); warning != "" || err != nil {
		t.Errorf("got %q, %v", warning, err)
	}
}

// R5: a backup's read transaction keeps the log from being written back, and neither a start nor a stop waits for it. What the
// file has to say of itself gets into it as soon as it can.
func TestReaderBesideAFile(t *testing.T) {
	const soon = 2 * time.Second
	path := filepath.Join(t.TempDir(), "journal.db")
	fill(t, path, 10)
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	tx := reading(t, db)
	began := time.Now()
	j, err := Open(t.Context(), path, config())
	must(t, err)
	if d := time.Since(began); d > soon {
		t.Errorf("the start took %s", d)
	}
	must(t, tx.Rollback())
	f, err := resolveFile(path)
	must(t, err)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		name := nameInFile(t, f)
		if name == f.path {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the file itself says that it is open as %q", name)
		}
	}
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	tx = reading(t, db)
	must(t, j.Append(t.Context(), "game", 1, journaltest.Detection(1)))
	began = time.Now()
	closeJournal(t, j)
	if d := time.Since(began); d > soon {
		t.Errorf("the stop took %s", d)
	}
	must(t, tx.Rollback())
	holds(t, path, 2+1)
}

func reading(t *testing.T, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	var n int
	must(t, tx.QueryRowContext(t.Context(), "SELECT count(*) FROM journal_events").Scan(&n))
	return tx
}

// nameInFile is the name that the file says without its log.
func nameInFile(t *testing.T, f journalFile) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "alone.db")
	copyFile(t, f.path, copied)
	db, err := sql.Open("sqlite", copied)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	from, err := recordedOrigin(context.Background(), db)
	must(t, err)
	return from.name
}
