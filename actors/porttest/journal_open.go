package porttest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
)

func openStreams(t *testing.T, s *journalSuite) {
	want := func(games ...string) {
		t.Helper()
		if got := s.open(); !slices.Equal(got, games) {
			t.Fatalf("open streams are %q, want %q", got, games)
		}
	}
	s.append("a", begins(0), observes(1))
	s.append("b", begins(0))
	want("a", "b")
	s.append("a", ends())
	want("a", "b") // its detections may still be undelivered
	s.append("a", begins(1))
	want("a", "b")
	s.append("a", ends(), closes())
	want("b")
	s.append("a", begins(2))
	want("a", "b")
	s.append("a", ends(), closes())
	s.append("b", ends(), closes())
	want()
}

func manyOpenStreams(t *testing.T, s *journalSuite) {
	const games = 2100
	first := s.load("game-0").From
	var wg sync.WaitGroup
	var want []string
	for i := range games {
		game := fmt.Sprint("game-", i)
		want = append(want, game)
		wg.Go(func() {
			if err := s.Append(t.Context(), game, first, begins(0)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(want)
	if got := s.open(); !slices.Equal(got, want) {
		t.Errorf("%d streams are open, want %d", len(got), len(want))
	}
	seen := 0
	for range s.OpenStreams(t.Context()) {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("the caller stopped at the third stream, and got %d", seen)
	}
}
