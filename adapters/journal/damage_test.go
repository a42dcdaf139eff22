package journal

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
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// What was changed behind the journal's back is an error that names game and index.
func TestDamagedRows(t *testing.T) {
	for _, c := range []struct{ name, query, load, pending string }{
		{"an event's payload", `UPDATE journal_events SET payload = x'0801' WHERE idx = 3`, `event 3 of game "game"`, `event 3 of game "game"`},
		{"an event's index", `UPDATE journal_events SET idx = 9 WHERE idx = 4`, `event 4 of game "game"`, `event 9 of game "game"`},
		{"an event is gone", `DELETE FROM journal_events WHERE idx = 3`, `event 3 of game "game": it is missing`, ""},
		{"another game's event", `UPDATE journal_events SET stream = 'game' WHERE stream = 'other'`, `event 5 of game "game"`, `event 5 of game "game"`},
		{"the snapshot", `UPDATE journal_snapshots SET payload = x''`, `snapshot 2 of game "game"`, ""},
		{"the meta row", `DELETE FROM journal_meta`, "meta row", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := open(t, config("memory:"))
			for i := range int64(5) {
				must(t, j.Append(t.Context(), "game", i, detection(i)))
				must(t, j.Append(t.Context(), "other", i, detection(i)))
			}
			must(t, j.Append(t.Context(), "other", 5, detection(5)))
			must(t, j.SaveSnapshot(t.Context(), "game", 2, 0, &v1.Snapshot{Observed: detection(1).GetObserved()}))
			query := c.query
			if strings.Contains(query, "'other'") {
				query += " AND idx = 5"
			}
			if _, err := j.db.writer().ExecContext(t.Context(), strings.Replace(query, "WHERE idx", "WHERE stream = 'game' AND idx", 1)); err != nil {
				t.Fatal(err)
			}
			_, err := j.Load(t.Context(), "game")
			wantDamage(t, err, c.load)
			_, err = j.Pending(t.Context(), "game", -1, 10)
			wantDamage(t, err, c.pending)
		})
	}
}

func wantDamage(t *testing.T, err error, where string) {
	t.Helper()
	if where == "" {
		must(t, err)
	} else if !errors.Is(err, actors.ErrDamaged) || !strings.Contains(err.Error(), where) {
		t.Errorf("got %v, want damage at %s", err, where)
	}
}

// A page that goes bad under a running node is an error of the games in it, and no panic.
func TestPageDamagedLater(t *testing.T) {
	const games = 600
	path := filepath.Join(t.TempDir(), "journal.db")
	fill(t, path, games)
	j := open(t, config("sqlite:"+path))
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
	j := open(t, config(fileURL(t)))
	must(t, j.Append(t.Context(), "game", 0, detection(0)))
	limit(t, j, 1) // SQLite makes it the present size
	next := int64(1)
	var err error
	for err == nil && next < 1000 {
		if err = j.Append(t.Context(), "game", next, detection(next)); err == nil {
			next++
		}
	}
	if err == nil || !strings.Contains(err.Error(), "no space is left") || errors.Is(err, actors.ErrDamaged) {
		t.Fatalf("got %v, want that no space is left", err)
	}
	limit(t, j, 1<<30)
	must(t, j.Append(t.Context(), "game", next, detection(next)))
	r, err := j.Load(t.Context(), "game")
	must(t, err)
	if int64(len(r.Events)) != next+1 {
		t.Errorf("%d events are there, want %d", len(r.Events), next+1)
	}
}

func limit(t *testing.T, j *Journal, pages int) {
	t.Helper()
	_, err := j.db.writer().ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	must(t, err)
}

func TestUnwantedGames(t *testing.T) {
	j := open(t, config("memory:"))
	for _, game := range []string{"\xff", "a\x00b"} {
		if err := j.Append(t.Context(), game, 0, detection(0)); err == nil {
			t.Errorf("game %q was taken", game)
		}
		if err := j.SaveSnapshot(t.Context(), game, 0, 0, &v1.Snapshot{}); err == nil {
			t.Errorf("a snapshot of game %q was taken", game)
		}
	}
}

// A snapshot that is not of this stream's past, or that is older than the stored one, comes from somebody else.
func TestSnapshotsThatAreRefused(t *testing.T) {
	j := open(t, config("memory:"))
	save := func(index int64) error {
		return j.SaveSnapshot(t.Context(), "game", index, 0, &v1.Snapshot{Observed: detection(index).GetObserved()})
	}
	if err := save(0); !errors.Is(err, actors.ErrConflict) {
		t.Errorf("a snapshot of nothing: %v", err)
	}
	for i := range int64(4) {
		must(t, j.Append(t.Context(), "game", i, detection(i)))
	}
	must(t, save(3))
	must(t, save(3))
	for _, index := range []int64{2, 5} {
		if err := save(index); !errors.Is(err, actors.ErrConflict) {
			t.Errorf("snapshot %d: got %v, want ErrConflict", index, err)
		}
	}
	must(t, save(4))
}

func TestErrorsSayWhatTheyMean(t *testing.T) {
	j := open(t, config("memory:"))
	_, err := j.db.writer().ExecContext(context.Background(), "SELECT * FROM nothing")
	var e *driver.Error
	if !errors.As(err, &e) || sqliteError(err) == nil || !errors.Is(sqliteError(err), err) {
		t.Errorf("%v lost its cause", err)
	}
	if sqliteError(nil) != nil {
		t.Error("no error became one")
	}
}
