package actors_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// Several containers of one game, as a list of labelled containers has them (S6).

// contained is a container of a game as such a list finds it.
func contained(gameID, containerID string, created int64, runs bool) actors.Entry {
	return actors.Entry{GameID: gameID, ContainerID: containerID, Created: time.Unix(created, 0), Runs: runs}
}

// severalOf is the warning that a game has several containers.
func severalOf(gameID, watched, others string) actorstest.Line {
	return actorstest.Line{"game": gameID, "container": watched, "others": others}
}

func TestS6OfSeveralContainersThatRunThePresentOneCounts(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.List.Set(contained("game-7", "newer", 2, true), contained("game-7", game.Container(), 1, true))
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).In(game.Container()))
		w.ExpectWarnings(severalOf("game-7", game.Container(), "[newer]"))
	})
}

func TestS6AStoppedPredecessorDoesNotHideItsSuccessor(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Engine(actors.DefaultEngine).Put("successor", actors.Observation{ID: "successor", State: "running"})
		game := w.Game("game-7")
		game.State("exited")
		w.List.Set(contained("game-7", "successor", 1, true), contained("game-7", game.Container(), 2, false))
		w.Start()
		w.Ticks(2)
		w.ExpectNothing()
		w.ExpectWarnings(severalOf("game-7", "successor", "["+game.Container()+"]"))
	})
}

// What was watched stopped and its successor runs: that is another container (H8), which is inspected in the same tick.
func TestS6H8TheWatchGoesToTheSuccessorThatRunsInTheSameTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		engine := w.Engine(actors.DefaultEngine)
		engine.Put("successor", actors.Observation{ID: "successor", State: "created", RestartCount: 5})
		w.List.Set(contained("game-7", game.Container(), 1, true), contained("game-7", "successor", 2, false))
		w.Start()
		w.ExpectWarnings(severalOf("game-7", game.Container(), "[successor]"))

		game.State("exited")
		engine.Put("successor", actors.Observation{ID: "successor", State: "running", RestartCount: 5})
		w.List.Set(contained("game-7", game.Container(), 1, false), contained("game-7", "successor", 2, true))
		w.Tick()
		w.ExpectNothing() // H1: its count is no restart, and the predecessor's end nobody's
		game.ExpectInspects(1)
		if inspects := engine.Inspects("successor"); inspects != 1 {
			t.Errorf("inspects of the successor: %d, want the first in the tick that found it", inspects)
		}
		w.ExpectWarnings(severalOf("game-7", "successor", "["+game.Container()+"]"))

		engine.Put("successor", actors.Observation{ID: "successor", State: "running", RestartCount: 6})
		w.Tick()
		w.Expect(game.Unhealthy(restarted).In("successor").Count(6))
	})
}

func TestS6ThatAGameHasSeveralContainersIsOneWarningUntilItChanges(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		older, newer := contained("game-7", game.Container(), 1, true), contained("game-7", "newer", 2, true)
		w.Engine(actors.DefaultEngine).Put("newer", actors.Observation{ID: "newer", State: "running"})
		w.List.Set(older, newer)
		w.Start()
		w.ExpectWarnings(severalOf("game-7", "newer", "["+game.Container()+"]"))
		w.List.Set(newer, older)
		w.Ticks(2)
		w.List.Set(newer, older, contained("game-7", "oldest", 0, false))
		w.Tick()
		w.ExpectWarnings() // the same one is watched

		newer.Runs = false
		w.List.Set(newer, older)
		w.Tick()
		w.ExpectWarnings(severalOf("game-7", game.Container(), "[newer]"))

		w.List.Set(older)
		w.Tick()
		w.ExpectWarnings()
		w.List.Set(newer, older)
		w.Ticks(2)
		w.ExpectWarnings(severalOf("game-7", game.Container(), "[newer]"))

		w.List.Set()
		w.Tick()
		w.ExpectWarnings()
		w.List.Set(newer, older)
		w.Tick()
		w.ExpectWarnings(severalOf("game-7", game.Container(), "[newer]"))
		w.ExpectNothing()
	})
}

func TestS6TheWarningNamesTenOfManyContainers(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		entries := []actors.Entry{contained("game-7", game.Container(), 1, true)}
		for n := range 12 {
			entries = append(entries, contained("game-7", fmt.Sprintf("stopped-%02d", 11-n), 2, false))
		}
		w.List.Set(entries...)
		w.Start()
		w.ExpectWarnings(actorstest.Line{
			"game": "game-7", "container": game.Container(), "engine": "default", "count": "13",
			"others": "[stopped-00 stopped-01 stopped-02 stopped-03 stopped-04 stopped-05 stopped-06 stopped-07 stopped-08 stopped-09]",
		})
	})
}

// A part of the list that is missing says nothing about the containers that it has: it is no reason to warn again, nor to watch
// another one.
func TestS6ContainersOfAPartThatIsMissingHaveNotGone(t *testing.T) {
	for _, missing := range []string{"slow", "east"} {
		inParts(t, func(w *actorstest.World, game, _, _ *actorstest.Game) {
			watched := contained(game.ID, game.Container(), 1, true)
			watched.Engine = "slow"
			other := contained(game.ID, "other", 2, false)
			other.Engine = "east"
			w.List.Set(watched, other)
			w.Start()
			w.ExpectWarnings(severalOf(game.ID, game.Container(), "[other on east]"))
			actorstest.For(w, 15*time.Second, func(err error) { w.List.FailEngine(missing, err) }, errors.New("connection refused"))
			w.Ticks(3)
			w.ExpectWarnings(actorstest.Line{"engine": missing, "error": "connection refused"})
			if inspects := w.Engine("east").Inspects("other"); inspects != 0 {
				t.Errorf("%s is missing: the other container was inspected %d times", missing, inspects)
			}
		})
	}
}
