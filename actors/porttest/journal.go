package porttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// Journal holds an implementation of actors.Journal to the port's promises. newStore makes an empty store, which lives until
// the end of the test that it is given. Each call of open returns a journal on that store: the first one opens it, and a
// later one ends what the one before returned and opens the store anew, as a restarted node does.
func Journal(t *testing.T, newStore func(t *testing.T) (open func() actors.Journal)) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *journalSuite)
	}{
		{"an unknown stream is empty", unknownStream},
		{"what was appended is loaded", appendedIsLoaded},
		{"only the next index is taken", onlyNextIndex},
		{"a refused append harms no neighbour", refusedNeighbours},
		{"streams don't wait for each other", concurrentStreams},
		{"any game id", anyGameID},
		{"a load starts at the snapshot", snapshots},
		{"detections are read back in pages", pendingPages},
		{"a stream is open from its beginning to its close", openStreams},
		{"all open streams are found", manyOpenStreams},
		{"an open stream is on the Engine of its last beginning", enginesOfOpenStreams},
		{"without a lease no claim is taken (C2)", claimWithoutLease},
		{"an acknowledged write survives a restart (P1, R1)", survivesRestart},
		{"indexes never restart", indexesGoOn},
		{"a context that has ended", endedContext},
		{"a context that ends meanwhile", endingContext},
	} {
		t.Run(c.name, func(t *testing.T) {
			open := newStore(t)
			c.test(t, &journalSuite{t: t, Journal: open(), reopen: open})
		})
	}
}

// journalSuite is one test's journal, with calls that must succeed.
type journalSuite struct {
	actors.Journal
	t      *testing.T
	reopen func() actors.Journal
}

func (s *journalSuite) load(game string) actors.Recovery {
	s.t.Helper()
	r, err := s.Load(s.t.Context(), game)
	if err != nil {
		s.t.Fatalf("load %q: %v", game, err)
	}
	return r
}

func (s *journalSuite) next(game string) int64 {
	s.t.Helper()
	r := s.load(game)
	return r.From + int64(len(r.Events))
}

// append adds events at the stream's next indexes, and returns the first one's index.
func (s *journalSuite) append(game string, events ...*v1.JournalEvent) int64 {
	s.t.Helper()
	first := s.next(game)
	for i, event := range events {
		if err := s.Append(s.t.Context(), game, first+int64(i), event); err != nil {
			s.t.Fatalf("append event %d of %q: %v", first+int64(i), game, err)
		}
	}
	return first
}

func (s *journalSuite) open() []string {
	s.t.Helper()
	var games []string
	for open, err := range s.OpenStreams(s.t.Context()) {
		if err != nil {
			s.t.Fatalf("open streams: %v", err)
		}
		games = append(games, open.GameID)
	}
	slices.Sort(games)
	return games
}

func (s *journalSuite) wantEvents(game string, from int64, want ...*v1.JournalEvent) {
	s.t.Helper()
	r := s.load(game)
	if r.From != from || !slices.EqualFunc(r.Events, want, equalEvents) {
		s.t.Fatalf("game %q holds %v from %d, want %v from %d", game, r.Events, r.From, want, from)
	}
}

func equalEvents(a, b *v1.JournalEvent) bool { return proto.Equal(a, b) }

// The events of the tests. n tells them apart.

func begins(n int64) *v1.JournalEvent {
	e := observes(n)
	e.GetObserved().BeginsLifecycle = true
	return e
}

func observes(n int64) *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: &v1.Observed{
		ContainerId: "c", Engine: "default", EngineContainerId: "c0ffee", RestartCount: n, State: "running",
		ObservedAt: timestamppb.New(time.Unix(1_700_000_000+n, 1)),
	}}}
}

func detects(n int64) *v1.JournalEvent {
	e := observes(n)
	e.GetObserved().Reasons = []v1.Reason{v1.Reason_REASON_RESTART_COUNT_INCREASED}
	e.GetObserved().Detection = &v1.Detection{
		EventId: fmt.Sprint("event-", n), EventType: "inspect_unhealthy", Source: "/healthactors", Value: []byte(`{"n":1}`),
	}
	return e
}

func ends() *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_LifecycleEnded{LifecycleEnded: &v1.LifecycleEnded{}}}
}

func marks(through int64) *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: &v1.DeliveryMarked{Through: through}}}
}

func closes() *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_StreamClosed{StreamClosed: &v1.StreamClosed{}}}
}

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
					err = s.SaveSnapshot(t.Context(), game, r.From+i+1, r.From, &v1.Snapshot{Observed: observes(i).GetObserved()})
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

func snapshots(t *testing.T, s *journalSuite) {
	save := func(index, keepFrom, n int64) {
		t.Helper()
		if err := s.SaveSnapshot(t.Context(), "game", index, keepFrom, snapshot(n)); err != nil {
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

func snapshot(n int64) *v1.Snapshot {
	return &v1.Snapshot{Observed: observes(n).GetObserved(), Delivery: &v1.DeliveryMarked{Through: -1, Pending: n}}
}

func (s *journalSuite) wantPending(game string, after int64, limit int, want ...int64) {
	s.t.Helper()
	pending, err := s.Pending(s.t.Context(), game, after, limit)
	if err != nil {
		s.t.Fatalf("pending: %v", err)
	}
	var got []int64
	for _, p := range pending {
		got = append(got, p.GetIndex())
		if p.GetObserved().GetDetection() == nil {
			s.t.Errorf("pending %d has no detection", p.GetIndex())
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
	if err != nil || len(pending) != 1 || !proto.Equal(pending[0].GetObserved(), detects(18).GetObserved()) {
		t.Errorf("the last detection is read back as %v, %v", pending, err)
	}
}

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

func survivesRestart(t *testing.T, s *journalSuite) {
	a := s.append("a", begins(0), detects(1), detects(2))
	b := s.append("b", begins(0), ends(), closes())
	if err := s.SaveSnapshot(t.Context(), "a", a+2, a+1, snapshot(7)); err != nil {
		t.Fatal(err)
	}

	s.Journal = s.reopen()
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
	s.Journal = s.reopen()
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
	check("save a snapshot", s.SaveSnapshot(ctx, "game", first+1, first, snapshot(1)))
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
