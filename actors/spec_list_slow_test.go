package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// A list in parts of which one is slow, or hangs.

// lastMoment is when a tick has inspected all that it inspects, whatever the lists do.
const lastMoment = 9500 * time.Millisecond

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
