package sqljournal_test

import (
	"errors"
	"strings"
	"testing"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
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
				must(t, j.Append(t.Context(), "game", i, journaltest.Detection(i)))
				must(t, j.Append(t.Context(), "other", i, journaltest.Detection(i)))
			}
			must(t, j.Append(t.Context(), "other", 5, journaltest.Detection(5)))
			must(t, j.SaveSnapshot(t.Context(), "game", 2, 0, &v1.Snapshot{Observed: journaltest.Detection(1).GetObserved()}, &v1.GainedState{}))
			query := c.query
			if strings.Contains(query, "'other'") {
				query += " AND idx = 5"
			}
			if _, err := j.DB().Writer().ExecContext(t.Context(), strings.Replace(query, "WHERE idx", "WHERE stream = 'game' AND idx", 1)); err != nil {
				t.Fatal(err)
			}
			_, err := j.Load(t.Context(), "game")
			journaltest.WantDamage(t, err, c.load)
			_, err = j.Pending(t.Context(), "game", -1, 10)
			journaltest.WantDamage(t, err, c.pending)
		})
	}
}

func TestUnwantedGames(t *testing.T) {
	j := open(t, config("memory:"))
	for _, game := range []string{"\xff", "a\x00b"} {
		if err := j.Append(t.Context(), game, 0, journaltest.Detection(0)); err == nil {
			t.Errorf("game %q was taken", game)
		}
		if err := j.SaveSnapshot(t.Context(), game, 0, 0, &v1.Snapshot{}, &v1.GainedState{}); err == nil {
			t.Errorf("a snapshot of game %q was taken", game)
		}
	}
}

// A snapshot that is not of this stream's past, or that is older than the stored one, comes from somebody else.
func TestSnapshotsThatAreRefused(t *testing.T) {
	j := open(t, config("memory:"))
	save := func(index int64) error {
		return j.SaveSnapshot(t.Context(), "game", index, 0, &v1.Snapshot{Observed: journaltest.Detection(index).GetObserved()}, &v1.GainedState{})
	}
	if err := save(0); !errors.Is(err, actors.ErrConflict) {
		t.Errorf("a snapshot of nothing: %v", err)
	}
	for i := range int64(4) {
		must(t, j.Append(t.Context(), "game", i, journaltest.Detection(i)))
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
