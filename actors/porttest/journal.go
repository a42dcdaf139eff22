package porttest

import (
	"slices"
	"testing"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// JournalFixture is an empty store, which lives until the end of the test that it was made for.
type JournalFixture struct {
	// Open returns a journal on the store: the first call opens it, and a later one ends what the one before returned and opens
	// the store anew, as a restarted node does.
	Open func() actors.Journal
	// OlderSnapshot saves a snapshot as the release does that doesn't know what is gained beside it (C6). Nothing is removed.
	OlderSnapshot func(t *testing.T, game string, index int64, snapshot *v1.Snapshot)
}

// Journal holds an implementation of actors.Journal to the port's promises. newStore makes an empty store.
func Journal(t *testing.T, newStore func(t *testing.T) JournalFixture) {
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
		{"what is gained stays when an older release saves a snapshot (C6)", gainedStays},
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
			store := newStore(t)
			c.test(t, &journalSuite{t: t, Journal: store.Open(), JournalFixture: store})
		})
	}
}

// journalSuite is one test's journal, with calls that must succeed.
type journalSuite struct {
	actors.Journal
	JournalFixture
	t *testing.T
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
