package actors_test

import (
	"errors"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// The running list in parts, one for each Engine, as "docker:" has it. None waits for another.

// inParts is a world of three Engines, with a game on each: the one on "slow" is the first.
func inParts(t *testing.T, story func(w *actorstest.World, slow, other, third *actorstest.Game)) {
	t.Helper()
	actorstest.Spec(t, func(w *actorstest.World) {
		w.List.ByEngine = true
		story(w, w.GameOn("slow", "game-7"), w.Game("game-8"), w.GameOn("east", "game-9"))
	})
}

func TestS1OneEnginesPartOfTheListIsMissing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.List.ByEngine = true
		here, there := w.Game("here"), w.GameOn("east", "there")
		w.Start()
		w.List.FailEngine("east", errors.New("connection refused"))
		here.Restart(1)
		there.Restart(1)
		w.Tick()
		w.Expect(here.Unhealthy(restarted))
		w.ExpectWarnings(actorstest.Line{"engine": "east", "error": "connection refused"})
		w.List.FailEngine("east", nil)
		w.Tick()
		w.Expect(there.Unhealthy(restarted)) // its baseline was kept
	})
}

func TestS1NoEngineWaitsForAnothersList(t *testing.T) {
	inParts(t, func(w *actorstest.World, slow, other, third *actorstest.Game) {
		w.List.SlowEngine("slow", 9*time.Second)
		w.Start()
		w.Pass(50 * time.Millisecond)
		other.ExpectInspects(1)
		third.ExpectInspects(1)
		slow.ExpectInspects(0)
		w.Pass(9 * time.Second)
		slow.ExpectInspects(1)
	})
}

func TestS1ANodeIsNotReadyBeforeItHasReadAPart(t *testing.T) {
	inParts(t, func(w *actorstest.World, _, _, _ *actorstest.Game) {
		metrics := w.Metrics()
		for _, engine := range []string{actors.DefaultEngine, "east"} {
			w.List.FailEngine(engine, errors.New("connection refused"))
		}
		w.List.SlowEngine("slow", 25*time.Second)
		w.List.FailEngine("slow", errors.New("connection refused"))
		w.Start()
		w.Ticks(3)
		if w.Node().Ready() {
			t.Error("ready without a list")
		}
		if ticks := metrics.Sum("healthactors_ticks"); ticks != 3 {
			t.Errorf("ticks: %d, want three that failed", ticks)
		}
		w.List.FailEngine("east", nil)
		w.Ticks(2)
		if !w.Node().Ready() {
			t.Error("not ready with a part of the list")
		}
	})
}

// While nothing is known of any game, a tick that falls due is skipped, as with one list.
func TestS1TicksWithoutAnyListAreSkipped(t *testing.T) {
	inParts(t, func(w *actorstest.World, game, _, _ *actorstest.Game) {
		metrics := w.Metrics()
		w.List.Slow(25 * time.Second)
		w.Start()
		w.Pass(29 * time.Second)
		game.ExpectInspects(1)
		if ticks := metrics.Sum("healthactors_ticks"); ticks != 1 || !w.Node().Ready() {
			t.Errorf("ticks: %d, want the one that read the lists for 25 s", ticks)
		}
	})
}

func TestS1NoPartCanBeReadAndNothingIsForgotten(t *testing.T) {
	inParts(t, func(w *actorstest.World, game, _, _ *actorstest.Game) {
		w.Start()
		w.List.Fail(errors.New("connection refused"))
		game.Restart(1)
		w.Ticks(2)
		w.ExpectNothing()
		game.ExpectInspects(1)
		var lines []actorstest.Line
		for range 2 {
			for _, engine := range []string{actors.DefaultEngine, "east", "slow"} {
				lines = append(lines, actorstest.Line{"engine": engine, "error": "connection refused"})
			}
		}
		w.ExpectWarnings(lines...)
		w.List.Fail(nil)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

// A container that is gone from one Engine's list and comes onto another's, which takes a moment longer, is the game's new
// container, and not the end of its time on the list.
func TestH8AGameThatMovesToAnEngineWhoseListTakesAMomentLongerDoesNotLeave(t *testing.T) {
	inParts(t, func(w *actorstest.World, _, game, _ *actorstest.Game) {
		w.Start()
		w.List.SlowEngine("slow", 200*time.Millisecond)
		game.Move("slow")
		w.Tick()
		w.Pass(100 * time.Millisecond)
		if !gamesOf(w)[game.ID] {
			t.Error("the game has left the list")
		}
		w.Pass(100 * time.Millisecond)
		if got := game.Watchers(); len(got) != 1 {
			t.Errorf("watched by %v", got)
		}
	})
}

func TestS2AGameThatLeavesWaitsForNoOtherEnginesListForLong(t *testing.T) {
	inParts(t, func(w *actorstest.World, _, game, _ *actorstest.Game) {
		w.Start()
		w.List.SlowEngine("slow", 9*time.Second)
		game.Leave()
		w.Tick()
		w.Pass(300 * time.Millisecond)
		if gamesOf(w)[game.ID] {
			t.Error("a game that left waits for the list of another engine")
		}
	})
}

// A game that has containers on two Engines stays in the one that it was in until that one's list says that it is gone.
func TestS6AGameOfTwoEnginesStaysWhileItsListIsBeingRead(t *testing.T) {
	inParts(t, func(w *actorstest.World, game, _, _ *actorstest.Game) {
		w.Engine("east").Put("newer", actors.Observation{ID: "newer", State: "exited"})
		w.List.Set(
			actors.Entry{GameID: game.ID, ContainerID: game.Container(), Engine: "slow", Created: time.Unix(1, 0)},
			actors.Entry{GameID: game.ID, ContainerID: "newer", Engine: "east", Created: time.Unix(2, 0)},
		)
		w.List.FailEngine("east", errors.New("connection refused"))
		w.Start()
		w.List.FailEngine("east", nil)
		w.List.SlowEngine("slow", 15*time.Second)
		w.Tick()
		w.Pass(lastMoment)
		game.ExpectInspects(2)
		w.List.Set(actors.Entry{GameID: game.ID, ContainerID: "newer", Engine: "east", Created: time.Unix(2, 0)})
		w.Pass(20 * time.Second)
		w.ExpectNothing() // the reading under way began before it was gone
		w.Pass(8 * time.Second)
		w.Expect(game.Unhealthy(notRunning).In("newer").While("exited"))
	})
}

// What was refused is refused once; a part that can't be read is no reason to say it again (S6).
func TestS6AnEntryOfAPartThatIsMissingHasNotLeft(t *testing.T) {
	inParts(t, func(w *actorstest.World, _, _, _ *actorstest.Game) {
		w.List.Add(actors.Entry{GameID: "bad", ContainerID: "../x", Engine: "slow"})
		w.Start()
		w.ExpectWarnings(actorstest.Line{"game": "bad", "engine": "slow"})
		actorstest.For(w, 15*time.Second, func(err error) { w.List.FailEngine("slow", err) }, errors.New("connection refused"))
		w.Ticks(3)
		w.ExpectWarnings(actorstest.Line{"engine": "slow", "error": "connection refused"})
	})
}

// While a game that left one Engine's list may still come onto another's, what is read meanwhile does not wait with it.
func TestS1WhatIsReadWhileAGameMayMoveIsActedOnAtOnce(t *testing.T) {
	inParts(t, func(w *actorstest.World, _, leaves, third *actorstest.Game) {
		w.Start()
		w.List.SlowEngine("slow", 9*time.Second)
		w.List.SlowEngine("east", 100*time.Millisecond)
		leaves.Leave()
		w.Tick()
		w.Pass(130 * time.Millisecond)
		third.ExpectInspects(2)
	})
}

// A node whose lease holds again inspects no game by what a list said before it was lost, however slow the list is.
func TestS2C3ASlowListIsForgottenWithTheLease(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		w.List.ByEngine = true
		game := w.GameOn("slow", "game-7")
		w.Game("game-8")
		w.Start()
		w.List.SlowEngine("slow", 15*time.Second)
		w.Ticks(2)
		w.CutOff(true)
		w.Pass(2 * lease)
		before := w.Engine("slow").Inspects(game.Container())
		game.Leave()
		w.List.SlowEngine("slow", 5*time.Second)
		w.CutOff(false)
		w.Pass(20 * time.Second)
		game.ExpectInspects(before)
	})
}

func gamesOf(w *actorstest.World) map[string]bool {
	known := map[string]bool{}
	for _, g := range w.Games() {
		known[g.GameID] = true
	}
	return known
}
