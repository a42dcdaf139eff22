package actors_test

import (
	"errors"
	"testing"

	"galaxy/healthactors/actors/actorstest"
)

// What the API shows of a game says why it is old (S9).

// What is shown of a game is old, and why, also when nobody asks its Engine any more (S9).
func TestS9TheAPISaysWhyWhatItShowsIsOld(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.List.ByEngine = true
		w.Game("game-7")
		w.GameOn("east", "game-8")
		w.Start()
		w.List.FailEngine("east", errors.New("connection refused"))
		w.Ticks(2)
		for _, s := range w.Games() {
			if want := s.Engine == "east"; (s.LastError == "the running list can't be read: connection refused") != want {
				t.Errorf("%s on %s: last_error %q", s.GameID, s.Engine, s.LastError)
			}
		}
		w.List.FailEngine("east", nil)
		w.Tick()
		for _, s := range w.Games() {
			if s.LastError != "" {
				t.Errorf("%s on %s: last_error %q", s.GameID, s.Engine, s.LastError)
			}
		}
	})
}

func TestS9TheAPISaysThatTheListCantBeRead(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Game("game-7")
		w.Start()
		w.List.Fail(errors.New("no such file"))
		w.Tick()
		if got := w.Games()[0].LastError; got != "the running list can't be read: no such file" {
			t.Errorf("last_error %q", got)
		}
	})
}
