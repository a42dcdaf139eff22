package sqljournal_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// What a game's state has gained, and is stored beside its snapshots.

var gained = &v1.GainedState{LifecycleEnded: &v1.LifecycleEnded{At: &timestamppb.Timestamp{Seconds: 5}}}

// gainedAtTwo is a journal in memory of a game with so many events, whose gained state is of the moment before event 2.
func gainedAtTwo(t *testing.T, events int64) *journal.Journal {
	t.Helper()
	j := open(t, config("memory:"))
	for i := range events {
		must(t, j.Append(t.Context(), "game", i, journaltest.Detection(i)))
	}
	must(t, j.SaveSnapshot(t.Context(), "game", 2, 0, &v1.Snapshot{}, gained))
	return j
}

func wantGained(t *testing.T, j *journal.Journal, from int64, since int) {
	t.Helper()
	r, err := j.Load(t.Context(), "game")
	must(t, err)
	if r.From != from || r.Gained == nil || r.Gained.From != 2 || !proto.Equal(r.Gained.State, gained) || len(r.Gained.Since) != since {
		t.Fatalf("loaded from %d, gained %+v; want from %d, and %d events since 2", r.From, r.Gained, from, since)
	}
	for i, event := range r.Gained.Since {
		if want := journaltest.Detection(2 + int64(i)); !proto.Equal(event, want) {
			t.Errorf("event %d is %v", 2+i, event)
		}
	}
}

func TestC6WhatIsGainedIsStoredBesideTheSnapshot(t *testing.T) {
	j := gainedAtTwo(t, 9)
	wantGained(t, j, 2, 0)
	journaltest.OlderSnapshot(t, j.DB().Writer(), "game", 7, &v1.Snapshot{})
	wantGained(t, j, 7, 5)
}

// Retention may take an event between, the first ones or any other where the clock was set back.
func TestC6WhatIsNoLongerThereBreaksOff(t *testing.T) {
	for _, c := range []struct {
		removed string
		since   int
	}{{"idx < 4", 0}, {"idx = 2", 0}, {"idx = 4", 2}, {"idx < 7", 0}} {
		t.Run(c.removed, func(t *testing.T) {
			j := gainedAtTwo(t, 9)
			journaltest.OlderSnapshot(t, j.DB().Writer(), "game", 7, &v1.Snapshot{})
			journaltest.Run(t, j.DB().Writer(), "DELETE FROM journal_events WHERE "+c.removed)
			wantGained(t, j, 7, c.since)
		})
	}
}

// A node that dies leaves many games: what is read of each is bounded.
func TestC6ManyEventsOfAnOlderReleaseAreNotRead(t *testing.T) {
	const most = sqljournal.MostSince
	j := gainedAtTwo(t, most+4)
	journaltest.OlderSnapshot(t, j.DB().Writer(), "game", most+2, &v1.Snapshot{})
	wantGained(t, j, most+2, most)
	journaltest.OlderSnapshot(t, j.DB().Writer(), "game", most+3, &v1.Snapshot{})
	wantGained(t, j, most+3, 0)
}

func TestC6DamageOfWhatIsGained(t *testing.T) {
	for _, c := range []struct{ name, query, where string }{
		{"its payload", `UPDATE journal_snapshots SET gained = x''`, `gained state 2 of game "game": its checksum is wrong`},
		{"its checksum", `UPDATE journal_snapshots SET gained_crc = 1`, `gained state 2 of game "game": its checksum is wrong`},
		{"its index", `UPDATE journal_snapshots SET gained_idx = 3`, `gained state 3 of game "game": its checksum is wrong`},
		{"a later index", `UPDATE journal_snapshots SET gained_idx = 8`, `gained state 8 of game "game": its snapshot is older`},
		{"an event since", `UPDATE journal_events SET payload = x'0801' WHERE idx = 3`, `event 3 of game "game"`},
		{"an event before", `UPDATE journal_events SET payload = x'0801' WHERE idx = 1`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := gainedAtTwo(t, 9)
			journaltest.OlderSnapshot(t, j.DB().Writer(), "game", 7, &v1.Snapshot{})
			journaltest.Run(t, j.DB().Writer(), c.query)
			_, err := j.Load(t.Context(), "game")
			journaltest.WantDamage(t, err, c.where)
		})
	}
}

// A closed stream that was removed leaves nothing to one that begins anew.
func TestC6WhatWasGainedGoesWithItsStream(t *testing.T) {
	h := newHistory(t, "memory:")
	h.append("game", 0, 2)
	must(t, h.SaveSnapshot(t.Context(), "game", 2, 2, &v1.Snapshot{}, gained))
	must(t, h.Append(t.Context(), "game", 2, journaltest.Closed()))
	h.later(2 * time.Hour)
	h.retain()
	r, err := h.Load(t.Context(), "game")
	if err != nil || r.Gained != nil || r.Snapshot != nil {
		t.Errorf("loaded as %+v, %v", r, err)
	}
}
