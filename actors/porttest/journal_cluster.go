package porttest

import (
	"errors"
	"maps"
	"testing"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// What a cluster asks of a journal beside the rest.

func beginsOn(engine string) *v1.JournalEvent {
	e := begins(0)
	e.GetObserved().Engine = engine
	return e
}

func enginesOfOpenStreams(t *testing.T, s *journalSuite) {
	want := func(engines map[string]string) {
		t.Helper()
		got := make(map[string]string)
		for open, err := range s.OpenStreams(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got[open.GameID] = open.Engine
		}
		if !maps.Equal(got, engines) {
			t.Errorf("the Engines of the open streams are %v, want %v", got, engines)
		}
	}
	s.append("a", beginsOn("east"), observes(1))
	s.append("b", beginsOn("west"), ends())
	want(map[string]string{"a": "east", "b": "west"})
	s.append("a", ends(), beginsOn("west"))
	s.append("b", closes())
	want(map[string]string{"a": "west"})
	s.append("b", beginsOn("east"))
	want(map[string]string{"a": "west", "b": "east"})
}

func claimWithoutLease(t *testing.T, s *journalSuite) {
	first := s.append("game", begins(0))
	claim := &v1.JournalEvent{Kind: &v1.JournalEvent_Claimed{Claimed: &v1.Claimed{Node: "a", Claimant: "life"}}}
	if err := s.Append(t.Context(), "game", first+1, claim); !errors.Is(err, actors.ErrNotMember) {
		t.Errorf("a claim without a lease: got %v, want ErrNotMember", err)
	}
	s.append("game", observes(1))
	s.wantEvents("game", first, begins(0), observes(1))
}
