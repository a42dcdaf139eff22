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

// lastMoment is when a tick has inspected all that it inspects, whatever the lists do.
const lastMoment = 9500 * time.Millisecond

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

func TestS1TheGamesOfASlowListAreInspectedAtEveryTick(t *testing.T) {
	for name, takes := range map[string]time.Duration{
		"300 ms": 300 * time.Millisecond, "0.9 intervals": 9 * time.Second, "just under one": 9900 * time.Millisecond,
		"one": 10 * time.Second, "1.5 intervals": 15 * time.Second, "2.7 intervals": 27 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			inParts(t, func(w *actorstest.World, slow, other, third *actorstest.Game) {
				metrics := w.Metrics()
				w.Start()
				w.List.SlowEngine("slow", takes)
				w.Pass(lastMoment)
				for n := range 20 {
					w.Tick()
					for _, g := range []*actorstest.Game{slow, other, third} {
						g.ExpectInspects(n + 2)
					}
				}
				w.ExpectWarnings()
				if skipped := metrics.Sum("healthactors_inspections_skipped"); skipped != 0 {
					t.Errorf("skipped: %d, want none", skipped)
				}
			})
		})
	}
}

// A list that is slow but once costs no inspect either, in whatever order short and long readings come.
func TestS1AListThatIsSlowNowAndThenCostsNoInspect(t *testing.T) {
	inParts(t, func(w *actorstest.World, slow, _, _ *actorstest.Game) {
		w.Start()
		w.Pass(lastMoment)
		for n, takes := range []float64{0, 1.1, 0.9, 1.1, 0, 2.5, 0.1, 0.9, 1.1, 1.1, 0} {
			w.List.SlowEngine("slow", time.Duration(takes*float64(w.Config.Interval)))
			w.Tick()
			slow.ExpectInspects(n + 2)
		}
	})
}

func TestS1ALateListsGamesAreInspectedWhenTheTickBegins(t *testing.T) {
	inParts(t, func(w *actorstest.World, late, _, _ *actorstest.Game) {
		asked, most := 0, 0
		w.List.Watch = func(engine string) func([]actors.Entry, error) {
			if engine != "slow" {
				return func([]actors.Entry, error) {}
			}
			asked++
			most = max(most, asked)
			return func([]actors.Entry, error) { asked-- }
		}
		w.Start()
		w.List.SlowEngine("slow", 15*time.Second)
		w.Ticks(2)
		for n := range 10 {
			w.Pass(time.Second)
			late.ExpectInspects(n + 3)
			w.Pass(w.Config.Interval - time.Second)
		}
		if most != 1 {
			t.Errorf("the part was read %d times at once", most)
		}
		w.List.SlowEngine("slow", 0) // from now on its games are inspected when it is heard
		w.Ticks(3)
		before := w.Engine("slow").Inspects(late.Container())
		late.Leave()
		w.Tick()
		w.Pass(time.Second)
		late.ExpectInspects(before)
	})
}

// A pass that is missed is missed once, whatever lists come in it and when.
func TestS4AGameIsCalledForOnceInAPass(t *testing.T) {
	inParts(t, func(w *actorstest.World, late, _, _ *actorstest.Game) {
		w.Config.InspectTimeout = time.Hour
		metrics := w.Metrics()
		w.Start()
		w.List.SlowEngine("slow", 15*time.Second)
		late.Hang(true)
		w.Tick()
		w.Pass(lastMoment) // asked once, and never again
		w.Ticks(10)
		late.ExpectInspects(2)
		if skipped := metrics.Sum("healthactors_inspections_skipped"); skipped != 10 {
			t.Errorf("skipped: %d, want one a tick", skipped)
		}
	})
}

func TestS1WhenAllListsAreSlowEachTickInspectsAllTheSame(t *testing.T) {
	inParts(t, func(w *actorstest.World, slow, other, third *actorstest.Game) {
		w.Start()
		w.List.Slow(15 * time.Second)
		w.Pass(lastMoment)
		for n := range 10 {
			w.Tick()
			for _, g := range []*actorstest.Game{slow, other, third} {
				g.ExpectInspects(n + 2)
			}
		}
	})
}

// A list that comes before the next tick is waited for: a game that left it before the tick is not inspected any more.
func TestS1S2AGameThatLeftASlowListIsNotInspected(t *testing.T) {
	inParts(t, func(w *actorstest.World, game, _, _ *actorstest.Game) {
		w.Start()
		w.List.SlowEngine("slow", 9*time.Second)
		game.Leave()
		w.Ticks(2)
		game.ExpectInspects(1)
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

func TestS2WhatASlowListSaysIsActedOnWhenItComes(t *testing.T) {
	inParts(t, func(w *actorstest.World, stays, other, _ *actorstest.Game) {
		leaves, changes := w.GameOn("slow", "leaves"), w.GameOn("slow", "changes")
		w.Start()
		w.List.SlowEngine("slow", 15*time.Second)
		w.Pass(9 * time.Second) // the reading of the next tick is the first to see what changes now
		leaves.Leave()
		changes.Replace("second")
		comes := w.GameOn("slow", "comes")
		comes.State("exited")
		w.Pass(time.Second + 14*time.Second)
		leaves.ExpectInspects(3) // as it last said, at both ticks that have been
		w.Pass(time.Second)
		if known := gamesOf(w); known["leaves"] || !known["comes"] {
			t.Errorf("known: %v, want what the list said", known)
		}
		w.Expect(comes.Unhealthy(notRunning))
		changes.ExpectInspects(1)
		stays.ExpectInspects(3) // at each tick, and not once more when its list came
		w.Pass(6 * time.Second)
		leaves.ExpectInspects(3)
		other.ExpectInspects(4)
	})
}

// Until its reading has failed, a list may still come; from then on nothing is known of its games (S1).
func TestS1AListThatHangsIsWarnedOfWhenItTimesOut(t *testing.T) {
	inParts(t, func(w *actorstest.World, hung, other, _ *actorstest.Game) {
		w.Config.ListTimeout = 25 * time.Second
		w.Start()
		w.List.HangEngine("slow", true)
		w.Ticks(3)
		w.Pass(4 * time.Second)
		w.ExpectWarnings()
		hung.ExpectInspects(4)
		w.Pass(2 * time.Second)
		w.ExpectWarnings(actorstest.Line{"engine": "slow", "error": "no answer within 25s"})
		w.Ticks(2)
		hung.ExpectInspects(4)
		other.ExpectInspects(6)
		hung.Restart(1)
		w.List.HangEngine("slow", false)
		w.Pass(time.Second)
		w.Expect(hung.Unhealthy(restarted)) // with its baseline: nothing was forgotten
	})
}

func TestS3AListThatHangsKeepsNoNodeFromBeingReady(t *testing.T) {
	inParts(t, func(w *actorstest.World, _, other, third *actorstest.Game) {
		w.List.HangEngine("slow", true)
		w.Start()
		w.Pass(9 * time.Second)
		if w.Node().Ready() {
			t.Error("ready before its first tick is complete")
		}
		w.Pass(time.Second)
		if !w.Node().Ready() {
			t.Error("not ready when the second tick begins")
		}
		w.Pass(time.Second)
		other.ExpectInspects(2)
		third.ExpectInspects(2)
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
