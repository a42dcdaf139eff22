package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	driver "modernc.org/sqlite"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

// A page that goes bad under a running node is an error of the games in it, and no panic.
func TestPageDamagedLater(t *testing.T) {
	const games = 600
	path := filepath.Join(t.TempDir(), "journal.db")
	fill(t, path, games)
	j := start(t, path)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	info, err := file.Stat()
	must(t, err)
	_, err = file.WriteAt([]byte(strings.Repeat("\xa5", 16*4096)), info.Size()/4096/2*4096)
	must(t, err)
	must(t, file.Close())

	bad := 0
	for i := range games {
		if _, err := j.Load(t.Context(), fmt.Sprint("game-", i)); errors.Is(err, actors.ErrDamaged) {
			bad++
		} else if err != nil {
			t.Fatalf("got %v, want ErrDamaged", err)
		}
	}
	if bad == 0 || bad == games {
		t.Errorf("%d of %d games are damaged", bad, games)
	}
}

// A full disk fails what is being written, as a whole; with space again the journal goes on.
func TestFullDisk(t *testing.T) {
	j := start(t, newPath(t))
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	limit(t, j, 1) // SQLite makes it the present size
	next := int64(1)
	var err error
	for err == nil && next < 1000 {
		if err = j.Append(t.Context(), "game", next, journaltest.Detection(next)); err == nil {
			next++
		}
	}
	if err == nil || !strings.Contains(err.Error(), "no space is left") || errors.Is(err, actors.ErrDamaged) {
		t.Fatalf("got %v, want that no space is left", err)
	}
	limit(t, j, 1<<30)
	must(t, j.Append(t.Context(), "game", next, journaltest.Detection(next)))
	r, err := j.Load(t.Context(), "game")
	must(t, err)
	if int64(len(r.Events)) != next+1 {
		t.Errorf("%d events are there, want %d", len(r.Events), next+1)
	}
}

func limit(t *testing.T, j *opened, pages int) {
	t.Helper()
	_, err := j.db.write.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	must(t, err)
}

func TestErrorsSayWhatTheyMean(t *testing.T) {
	j := start(t, inMemory)
	_, err := j.db.write.ExecContext(context.Background(), "SELECT * FROM nothing")
	var e *driver.Error
	if !errors.As(err, &e) || explain(err) == nil || !errors.Is(explain(err), err) {
		t.Errorf("%v lost its cause", err)
	}
	if explain(nil) != nil {
		t.Error("no error became one")
	}
}
