package porttest

import (
	"errors"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"galaxy/healthactors/actors"
)

func unknownStream(t *testing.T, s *journalSuite) {
	first := s.load("nobody")
	if first.Snapshot != nil || len(first.Events) > 0 || first.From < 0 {
		t.Errorf("an unknown stream loads as %+v", first)
	}
	if again := s.load("nobody"); again.From != first.From {
		t.Errorf("its next index was %d, and now is %d", first.From, again.From)
	}
	if games := s.open(); len(games) > 0 {
		t.Errorf("open streams are %q", games)
	}
	if pending, err := s.Pending(t.Context(), "nobody", -1, 10); err != nil || len(pending) > 0 {
		t.Errorf("pending is %v, %v", pending, err)
	}
}

func snapshots(t *testing.T, s *journalSuite) {
	save := func(index, keepFrom, n int64) {
		t.Helper()
		if err := s.SaveSnapshot(t.Context(), "game", index, keepFrom, snapshot(n), gained(n)); err != nil {
			t.Fatalf("save snapshot %d: %v", index, err)
		}
	}
	want := func(n int64) {
		t.Helper()
		if got := s.load("game").Snapshot; !proto.Equal(got, snapshot(n)) {
			t.Fatalf("the snapshot is %v, want %v", got, snapshot(n))
		}
	}
	first := s.append("game", begins(0), detects(1), detects(2))
	save(first+2, first+1, 1)
	want(1)
	s.wantEvents("game", first+2, detects(2))

	save(first+3, first+1, 2)
	want(2)
	s.wantEvents("game", first+3)

	s.append("game", detects(3))
	want(2)
	s.wantEvents("game", first+3, detects(3))
	s.wantPending("game", first, 10, first+1, first+2, first+3)
}

func (s *journalSuite) wantPending(game string, after int64, limit int, want ...int64) {
	s.t.Helper()
	pending, err := s.Pending(s.t.Context(), game, after, limit)
	if err != nil {
		s.t.Fatalf("pending: %v", err)
	}
	var got []int64
	for _, p := range pending {
		got = append(got, p.Index)
		if p.Observed.GetDetection() == nil {
			s.t.Errorf("pending %d has no detection", p.Index)
		}
	}
	if !slices.Equal(got, want) {
		s.t.Fatalf("pending after %d are %d, want %d", after, got, want)
	}
}

func pendingPages(t *testing.T, s *journalSuite) {
	s.append("another", begins(0), detects(1))
	var first int64
	var all []int64
	for i := range int64(10) {
		first = s.append("game", detects(2*i), marks(i)) - 2*i
		all = append(all, first+2*i)
	}
	s.wantPending("game", first-1, 100, all...)
	s.wantPending("game", first-1, 4, all[:4]...)
	s.wantPending("game", all[3], 4, all[4:8]...)
	s.wantPending("game", all[7]+1, 4, all[8:]...)
	s.wantPending("game", all[9], 4)

	pending, err := s.Pending(t.Context(), "game", all[8], 4)
	if err != nil || len(pending) != 1 || !proto.Equal(pending[0].Observed, detects(18).GetObserved()) {
		t.Errorf("the last detection is read back as %v, %v", pending, err)
	}
}

func survivesRestart(t *testing.T, s *journalSuite) {
	a := s.append("a", begins(0), detects(1), detects(2))
	b := s.append("b", begins(0), ends(), closes())
	if err := s.SaveSnapshot(t.Context(), "a", a+2, a+1, snapshot(7), gained(7)); err != nil {
		t.Fatal(err)
	}

	s.Journal = s.Open()
	s.wantEvents("a", a+2, detects(2))
	if got := s.load("a").Snapshot; !proto.Equal(got, snapshot(7)) {
		t.Errorf("the snapshot is %v", got)
	}
	s.wantEvents("b", b, begins(0), ends(), closes())
	s.wantPending("a", a, 10, a+1, a+2)
	if games := s.open(); !slices.Equal(games, []string{"a"}) {
		t.Errorf("open streams are %q", games)
	}
	s.append("a", detects(3))
	s.wantEvents("a", a+2, detects(2), detects(3))
}

func indexesGoOn(t *testing.T, s *journalSuite) {
	first := s.append("game", begins(0), ends(), closes())
	s.Journal = s.Open()
	if next := s.next("game"); next < first+3 {
		t.Fatalf("the next index is %d after %d", next, first+2)
	}
	if err := s.Append(t.Context(), "game", first, begins(1)); !errors.Is(err, actors.ErrConflict) {
		t.Errorf("an old index: got %v, want ErrConflict", err)
	}
	if second := s.append("game", begins(1)); second < first+3 {
		t.Errorf("the next lifecycle began at %d after %d", second, first+2)
	}
}
