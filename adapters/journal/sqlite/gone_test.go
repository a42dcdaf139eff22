package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

// R5: a journal whose file is gone says so in time, and gives back what it holds, however many ask at once. What lies in its
// place by then is not asked.
func TestR5FileThatIsGone(t *testing.T) {
	const games = 3 // that have something in the file
	for _, c := range []struct {
		name  string
		harm  func(t *testing.T, path string)
		named string // what is gone
		// left says where all that was written is afterwards; empty for nowhere.
		left func(path string) string
	}{
		{
			name: "deleted", named: "journal.db ",
			harm: func(t *testing.T, path string) { must(t, os.Remove(path)) },
		},
		{
			name: "deleted with all that is beside it", named: "journal.db ",
			harm: func(t *testing.T, path string) { must(t, os.RemoveAll(filepath.Dir(path))) },
		},
		{
			name: "replaced", named: "journal.db ",
			harm: func(t *testing.T, path string) {
				other := filepath.Join(t.TempDir(), "other.db")
				fill(t, other, 100)
				must(t, os.Rename(other, path))
			},
		},
		{
			name: "moved away", named: "journal.db ",
			harm: func(t *testing.T, path string) { must(t, os.Rename(path, path+".old")) },
			left: func(path string) string { return path + ".old" },
		},
		{
			name: "its log deleted", named: "journal.db-wal ",
			harm: func(t *testing.T, path string) { must(t, os.Remove(path+"-wal")) },
			left: func(path string) string { return path },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "journal", "journal.db")
			must(t, os.Mkdir(filepath.Dir(path), 0o700))
			j, err := openBoth(t.Context(), path)
			must(t, err)
			defer j.Close()
			for i := range int64(games) {
				must(t, j.Append(t.Context(), "game", i, journaltest.Detection(i)))
			}
			c.harm(t, path)
			select {
			case err := <-j.Failed():
				if !errors.Is(err, ErrFileGone) || !strings.Contains(err.Error(), c.named) || !strings.Contains(err.Error(), filepath.Dir(path)) {
					t.Errorf("got %v, want %s named", err, c.named)
				}
			case <-time.After(10 * time.Second):
				t.Error("nothing is said within ten seconds")
			}
			pending, err := j.Pending(t.Context(), "game", -1, 100)
			if err != nil || len(pending) != games {
				t.Errorf("read back %d detections of %d: %v", len(pending), games, err)
			}
			readAtOnce(t, j, games)
			must(t, j.Append(t.Context(), "game", games, journaltest.Detection(games))) // as a delivery mark is
			err = j.Close()
			if wasLog := strings.Contains(c.named, "-wal"); errors.Is(err, ErrFileGone) == wasLog {
				t.Errorf("the end says %v", err)
			}
			if c.left != nil {
				holds(t, c.left(path), games+1)
			}
		})
	}
}

// readAtOnce wants all detections of the one game from each connection for reading, which are all in use at once.
func readAtOnce(t *testing.T, j *opened, want int) {
	t.Helper()
	for n := range readers {
		conn, err := j.db.read.Conn(t.Context())
		must(t, err)
		defer conn.Close()
		var count int
		err = conn.QueryRowContext(t.Context(), "SELECT count(*) FROM journal_events WHERE detection").Scan(&count)
		if err != nil || count != want {
			t.Errorf("connection %d finds %d detections of %d: %v", n, count, want, err)
		}
	}
}

// A file that is lost shortly before the end is told of at the end.
func TestR5FileThatIsGoneAtTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(t.Context(), path, config())
	must(t, err)
	must(t, os.Remove(path))
	if err := j.Close(); !errors.Is(err, ErrFileGone) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want the file named", err)
	}
}
