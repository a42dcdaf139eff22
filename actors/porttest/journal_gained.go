package porttest

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

func gainedStays(t *testing.T, s *journalSuite) {
	first := s.append("game", begins(0), observes(1), observes(2), observes(3))
	s.wantNoGained("game")
	save := func(index, n int64) {
		t.Helper()
		if err := s.SaveSnapshot(t.Context(), "game", index, index, snapshot(n), gained(n)); err != nil {
			t.Fatal(err)
		}
	}
	save(first+1, 1)
	s.wantGained("game", 1, first+1)
	s.wantEvents("game", first+1, observes(1), observes(2), observes(3))

	older := func(index, n int64, since ...*v1.JournalEvent) {
		t.Helper()
		s.OlderSnapshot(t, "game", index, snapshot(n))
		s.wantGained("game", 1, first+1, since...)
		if got := s.load("game").Snapshot; !proto.Equal(got, snapshot(n)) {
			t.Fatalf("the snapshot is %v, want %v", got, snapshot(n))
		}
	}
	older(first+3, 2, observes(1), observes(2))
	s.wantEvents("game", first+3, observes(3))
	s.append("game", detects(4))
	s.wantGained("game", 1, first+1, observes(1), observes(2))
	older(first+5, 3, observes(1), observes(2), observes(3), detects(4))
	s.wantEvents("game", first+5)
	s.Journal = s.Open()
	s.wantGained("game", 1, first+1, observes(1), observes(2), observes(3), detects(4))

	save(first+5, 4)
	s.wantGained("game", 4, first+5)
	other := s.append("other", begins(0), observes(1))
	s.OlderSnapshot(t, "other", other+1, snapshot(5))
	s.wantNoGained("other")
	s.wantEvents("other", other+1, observes(1))
}

func (s *journalSuite) wantGained(game string, n, from int64, since ...*v1.JournalEvent) {
	s.t.Helper()
	g := s.load(game).Gained
	if g == nil || !proto.Equal(g.State, gained(n)) || g.From != from || !slices.EqualFunc(g.Since, since, equalEvents) {
		s.t.Fatalf("game %q has gained %+v, want %v before %d, and then %v", game, g, gained(n), from, since)
	}
}

func (s *journalSuite) wantNoGained(game string) {
	s.t.Helper()
	if g := s.load(game).Gained; g != nil {
		s.t.Fatalf("game %q has gained %+v", game, g)
	}
}
