package actors_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

const lease = 3 * time.Second

// inCluster plays a story over nodes a, b and c of one cluster that all serve the default Engine, when they have shared the
// games out.
func inCluster(t *testing.T, games int, story func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game)) {
	t.Helper()
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		fleet := w.Fleet(games)
		nodes := []*actorstest.Process{w.Process, w.NodeNamed("b"), w.NodeNamed("c")}
		for _, n := range nodes {
			n.Start()
		}
		w.Tick()
		story(w, nodes, fleet)
	})
}

// watchedBy are the games that this node watches.
func watchedBy(n *actorstest.Process, fleet []*actorstest.Game) []*actorstest.Game {
	var games []*actorstest.Game
	for _, g := range fleet {
		if names := g.Watchers(); len(names) == 1 && names[0] == n.Config.Node {
			games = append(games, g)
		}
	}
	return games
}

func TestC1EveryGameBelongsToExactlyOneMember(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		for _, n := range nodes {
			if games := len(watchedBy(n, fleet)); games < 4 || games > 16 {
				t.Errorf("node %s watches %d of 30 games", n.Config.Node, games)
			}
		}
		before := w.Engine("default").Inspects(fleet[0].Container())
		w.Tick()
		for _, g := range fleet {
			if len(g.Watchers()) != 1 {
				t.Errorf("%s is watched by %q", g.ID, g.Watchers())
			}
		}
		fleet[0].ExpectInspects(before + 1)
		w.ExpectNothing()
	})
}

func TestC1R3ADeadMembersGamesAreWatchedAgainWithinFiveSeconds(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		orphans := watchedBy(nodes[1], fleet)
		nodes[1].Crash()
		var expected []actorstest.Event
		for _, g := range orphans {
			g.Restart(2)
			expected = append(expected, g.Unhealthy(restarted).Count(2))
		}
		w.Pass(5 * time.Second) // and the next tick is more than five seconds away
		w.Expect(expected...)
		for _, g := range orphans {
			if names := g.Watchers(); len(names) != 1 || names[0] == "b" {
				t.Errorf("%s is watched by %q", g.ID, names)
			}
			g.ExpectBaseline(2)
		}
	})
}

func TestC1R3ADeadMembersUndeliveredEventsArrive(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		game, gone := watchedBy(nodes[1], fleet)[0], watchedBy(nodes[1], fleet)[1]
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		gone.Restart(1)
		w.Tick()
		gone.Leave()
		w.Tick()
		nodes[1].Crash()
		w.Broker.Down(nil)
		w.Pass(15 * time.Second)
		w.Expect(game.Unhealthy(restarted).Count(1), gone.Unhealthy(restarted).Count(1))
		w.Pass(time.Minute)
		gone.ExpectForgotten()
		w.ExpectNothing()
	})
}

func TestC2AClaimFencesTheOwnerBefore(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		metrics := w.Metrics()
		fleet := w.Fleet(12)
		w.Start()
		w.NodeNamed("b").Start()
		w.Tick()
		game := watchedBy(w.Process, fleet)[0]
		claims := w.Journal.Claims()
		game.Delay(700 * time.Millisecond)
		game.Restart(1)
		w.Tick() // its inspect is under way, and the lease runs out without a word
		w.SlowLeases(time.Second)
		w.Journal.ExpireLease("a")
		w.Pass(3 * time.Second)
		w.SlowLeases(0)
		if now := w.Journal.Claims(); now == claims {
			t.Error("nobody claimed the games of the node whose lease ran out")
		}
		w.Ticks(2)
		if metrics.Sum("healthactors_fenced_writes") == 0 {
			t.Error("no write of the owner before was refused")
		}
		w.Expect(game.Unhealthy(restarted).Count(1))
		if names := game.Watchers(); len(names) != 1 {
			t.Errorf("%s is watched by %q", game.ID, names)
		}
	})
}

func TestC2ANodeThatWasSilentReadsWhatOthersWrote(t *testing.T) {
	inCluster(t, 12, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		game := watchedBy(nodes[1], fleet)[0]
		game.Restart(1)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted).Count(1))
		nodes[1].CutOff(true)
		w.Ticks(2)
		game.StartByHand()
		w.Tick()
		nodes[1].CutOff(false)
		game.Restart(1) // the count is what it was when b saw it last
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted).Count(1))
		game.ExpectWatchedBy(nodes[1])
	})
}

func TestC2AnInspectorThatIsReleasedWhileItRecoversClaimsNothing(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		metrics := w.Metrics()
		games := watchedBy(nodes[2], fleet)
		nodes[2].Crash()
		for _, g := range games {
			g.Stream().Slow(2 * time.Second)
		}
		w.Pass(3500 * time.Millisecond) // the others read the journal
		for _, g := range games {
			g.Stream().Slow(0)
		}
		nodes[2].Start()
		w.Ticks(2)
		for _, g := range games {
			g.ExpectWatchedBy(nodes[2])
			g.Restart(1)
		}
		w.Ticks(1)
		if refused := metrics.Sum("healthactors_fenced_writes"); refused > 0 {
			t.Errorf("%v writes of the owner were refused, since others claimed its streams after it", refused)
		}
		var expected []actorstest.Event
		for _, g := range games {
			expected = append(expected, g.Unhealthy(restarted).Count(1))
		}
		w.Expect(expected...)
	})
}

func TestC3ANodeWithoutALeaseInspectsNothing(t *testing.T) {
	inCluster(t, 12, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		nodes[0].Crash()
		nodes[2].Crash()
		w.Ticks(2)
		nodes[1].CutOff(true)
		w.Pass(lease)
		w.ExpectWarnings(actorstest.Line{"error": "the journal's connection is cut"}, actorstest.Line{"lease": "lost"})
		before := w.Engine("default").Inspects(fleet[0].Container())
		fleet[0].Restart(1)
		w.Ticks(3)
		fleet[0].ExpectInspects(before)
		nodes[1].CutOff(false)
		w.Tick()
		w.Expect(fleet[0].Unhealthy(restarted).Count(1))
		w.Ticks(2)
		w.ExpectNothing()
	})
}

func TestC3AShortOutageOfTheJournalMovesNothing(t *testing.T) {
	inCluster(t, 12, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		claims := w.Journal.Claims()
		actorstest.For(w, 2*time.Second, w.Journal.All().Fail, errors.New("connection refused"))
		w.Ticks(2)
		if now := w.Journal.Claims(); now != claims {
			t.Errorf("%d streams were claimed", now-claims)
		}
		for _, g := range fleet {
			if len(g.Watchers()) != 1 {
				t.Errorf("%s is watched by %q", g.ID, g.Watchers())
			}
		}
	})
}

func TestC4AStaleOwnerOnlyRepeatsDeliveries(t *testing.T) {
	inCluster(t, 12, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		game := watchedBy(nodes[1], fleet)[0]
		actorstest.For(w, 20*time.Second, func(d time.Duration) { w.Broker.SlowFor(game.ID, d) }, 15*time.Second)
		game.Restart(1)
		w.Tick() // b publishes, and waits for the acknowledgement
		nodes[1].CutOff(true)
		w.Pass(time.Minute)
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

func TestC5AStopHandsOver(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		moved := watchedBy(nodes[1], fleet)
		nodes[1].Stop(10 * time.Second)
		moved[0].Restart(1)
		w.Pass(time.Second)
		w.Expect(moved[0].Unhealthy(restarted).Count(1))
		for _, g := range moved {
			if names := g.Watchers(); len(names) != 1 {
				t.Errorf("%s is watched by %q", g.ID, names)
			}
		}
	})
}

func TestC5AStopLeavesTheBacklogToTheOthers(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		game := watchedBy(nodes[1], fleet)[0]
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		if took := nodes[1].Stop(time.Minute); took > time.Second {
			t.Errorf("the stop took %s", took)
		}
		w.Broker.Down(nil)
		w.Pass(15 * time.Second)
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

func TestC5AJoinMovesOnlyTheNewMembersGames(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		before := map[string]string{}
		for _, g := range fleet {
			before[g.ID] = g.Watchers()[0]
		}
		d := w.NodeNamed("d")
		d.Start()
		w.Tick()
		moved := 0
		for _, g := range fleet {
			switch now := g.Watchers(); {
			case len(now) != 1:
				t.Errorf("%s is watched by %q", g.ID, now)
			case now[0] == "d":
				moved++
			case now[0] != before[g.ID]:
				t.Errorf("%s moved from %s to %s", g.ID, before[g.ID], now[0])
			}
		}
		if moved == 0 {
			t.Error("the new member got no games")
		}
		w.ExpectNothing()
	})
}

func TestC5ARollingRestartReportsEachRestartOnce(t *testing.T) {
	inCluster(t, 20, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		count := map[string]int64{}
		for round := range 6 {
			n := nodes[round%len(nodes)]
			n.Stop(10 * time.Second)
			w.Pass(3 * time.Second)
			var expected []actorstest.Event
			for _, g := range fleet[:10] {
				g.Restart(1)
				count[g.ID]++
				expected = append(expected, g.Unhealthy(restarted).Count(count[g.ID]))
			}
			w.Ticks(2)
			w.Expect(expected...)
			n.Start()
		}
	})
}

func TestC1AnEngineBelongsToThoseThatServeIt(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		b := w.NodeNamed("b")
		var east, west []*actorstest.Game
		for n := range 5 {
			east = append(east, w.GameOn("east", fmt.Sprint("east-", n)))
			west = append(west, w.GameOn("west", fmt.Sprint("west-", n)))
		}
		w.Process.Serves, b.Serves = []string{"east"}, []string{"west"}
		w.Start()
		b.Start()
		w.Tick()
		for n := range east {
			east[n].ExpectWatchedBy(w.Process)
			west[n].ExpectWatchedBy(b)
		}
		b.Crash()
		w.ExpectWarnings(actorstest.Line{"engine": "west", "count": "5"}) // before b came
		w.Ticks(2)
		for _, g := range west {
			if names := g.Watchers(); len(names) != 0 {
				t.Errorf("%s is watched by %q, which can't reach its Engine", g.ID, names)
			}
		}
		w.ExpectWarnings(actorstest.Line{"engine": "west", "count": "5"}, actorstest.Line{"engine": "west", "count": "5"})
		west[0].Restart(1)
		b.Start()
		w.Tick()
		w.Expect(west[0].Unhealthy(restarted).Count(1))
	})
}

func TestR1AWholeClusterThatDiesForgetsNothing(t *testing.T) {
	inCluster(t, 20, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		for _, n := range nodes {
			n.Crash()
		}
		var expected []actorstest.Event
		for _, g := range fleet {
			g.Restart(3)
			expected = append(expected, g.Unhealthy(restarted).Count(3))
		}
		w.Pass(time.Minute)
		for _, n := range nodes {
			n.Start()
		}
		w.Ticks(2)
		w.Expect(expected...)
	})
}

func TestC2WhatAnotherOwnerDeliveredIsSettled(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		game.ExpectPending(1)
		w.Journal.Of("game-7").Delivered(true)
		w.Broker.Down(nil)
		w.Pass(15 * time.Second)
		game.ExpectPending(0)
		w.Journal.Of("game-7").Delivered(false)
		game.Restart(1)
		w.Tick()
		game.ExpectPending(0)
		game.Leave()
		w.Tick()
		game.ExpectForgotten()
	})
}
