package porttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

func appendedIsLoaded(_ *testing.T, s *journalSuite) {
	mine := begins(0)
	from := s.append("game", mine, detects(1), marks(1), ends())
	mine.GetObserved().RestartCount = 99 // the caller's own again
	s.wantEvents("game", from, begins(0), detects(1), marks(1), ends())
	s.wantEvents("other", s.load("other").From)
}

func onlyNextIndex(t *testing.T, s *journalSuite) {
	first := s.load("game").From
	refuse := func(game string, index int64) {
		t.Helper()
		if err := s.Append(t.Context(), game, index, observes(9)); !errors.Is(err, actors.ErrConflict) {
			t.Fatalf("append event %d of %q: got %v, want ErrConflict", index, game, err)
		}
	}
	refuse("game", first+1)
	refuse("game", first-1)
	s.append("game", begins(0), observes(1))
	for _, index := range []int64{first - 1, first, first + 1, first + 3, first + 1000} {
		refuse("game", index)
	}
	s.wantEvents("game", first, begins(0), observes(1))
	s.append("game", observes(2))
	s.wantEvents("game", first, begins(0), observes(1), observes(2))
}

func refusedNeighbours(t *testing.T, s *journalSuite) {
	const games = 64
	var wg sync.WaitGroup
	errs := make([]error, games)
	for i := range games {
		game := fmt.Sprint("game-", i)
		index := s.load(game).From + int64(i%2) // every other one leaves a gap
		wg.Go(func() { errs[i] = s.Append(t.Context(), game, index, begins(int64(i))) })
	}
	wg.Wait()
	var stored []string
	for i, err := range errs {
		if i%2 == 0 {
			stored = append(stored, fmt.Sprint("game-", i))
			if err != nil {
				t.Errorf("game-%d: %v", i, err)
			}
		} else if !errors.Is(err, actors.ErrConflict) {
			t.Errorf("game-%d: got %v, want ErrConflict", i, err)
		}
	}
	slices.Sort(stored)
	if games := s.open(); !slices.Equal(games, stored) {
		t.Errorf("open streams are %q, want %q", games, stored)
	}
}

func concurrentStreams(t *testing.T, s *journalSuite) {
	const games, events = 16, 12
	var wg sync.WaitGroup
	for g := range games {
		wg.Go(func() {
			game := fmt.Sprint("game-", g)
			r, err := s.Load(t.Context(), game)
			for i := int64(0); err == nil && i < events; i++ {
				if err = s.Append(t.Context(), game, r.From+i, detects(i)); err == nil && i%4 == 3 {
					err = s.SaveSnapshot(t.Context(), game, r.From+i+1, r.From, &v1.Snapshot{Observed: observes(i).GetObserved()}, gained(i))
				}
				if err == nil {
					_, err = s.Pending(t.Context(), game, -1, 3)
				}
			}
			if err != nil {
				t.Errorf("%s: %v", game, err)
			}
		})
	}
	wg.Wait()
	for g := range games {
		pending, err := s.Pending(t.Context(), fmt.Sprint("game-", g), -1, 2*events)
		if err != nil || len(pending) != events {
			t.Errorf("game-%d has %d pending detections, %v", g, len(pending), err)
		}
	}
}

func anyGameID(t *testing.T, s *journalSuite) {
	ids := []string{"a", "A", "a/b", "ä", "日本", "it's", `"`, `\`, "%s$1?", "-", strings.Repeat("x", 255)}
	for i, id := range ids {
		s.append(id, begins(int64(i)), detects(int64(i)))
	}
	for i, id := range ids {
		s.wantEvents(id, s.load(id).From, begins(int64(i)), detects(int64(i)))
	}
	slices.Sort(ids)
	if games := s.open(); !slices.Equal(games, ids) {
		t.Errorf("open streams are %q, want %q", games, ids)
	}
}

func endedContext(t *testing.T, s *journalSuite) {
	first := s.append("game", begins(0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	check := func(call string, err error) {
		t.Helper()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want context.Canceled", call, err)
		}
	}
	check("append", s.Append(ctx, "game", first+1, observes(1)))
	check("save a snapshot", s.SaveSnapshot(ctx, "game", first+1, first, snapshot(1), gained(1)))
	_, err := s.Load(ctx, "game")
	check("load", err)
	_, err = s.Pending(ctx, "game", -1, 1)
	check("pending", err)
	calls := 0
	for _, err = range s.OpenStreams(ctx) {
		calls++
	}
	check("open streams", err)
	if calls != 1 {
		t.Errorf("open streams went on after an error: %d calls", calls)
	}
	s.append("game", observes(2)) // whatever became of the first one
}

func endingContext(t *testing.T, s *journalSuite) {
	const games = 100
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := s.load("game-0").From
	var wg sync.WaitGroup
	errs := make([]error, games)
	for i := range games {
		wg.Go(func() { errs[i] = s.Append(ctx, fmt.Sprint("game-", i), first, begins(0)) })
		if i == games/2 {
			cancel()
		}
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("game-%d: %v", i, err)
		}
		// An error tells nothing of the write: the stream goes on at whatever is next. A success does.
		game := fmt.Sprint("game-", i)
		if err == nil && len(s.load(game).Events) != 1 {
			t.Errorf("%s was acknowledged and is not there", game)
		}
		s.append(game, observes(1))
	}
}
