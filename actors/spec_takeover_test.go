package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// A member dies, and the others take its games over.

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
		w.Pass(5 * time.Second) // and the next tick is more than five seconds away
		w.Expect(game.Unhealthy(restarted).Count(1), gone.Unhealthy(restarted).Count(1))
		w.Pass(time.Minute)
		gone.ExpectForgotten()
		w.ExpectNothing()
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

// While its lease is lost a node does not read the running list, and what it knew of it may long be wrong.
func TestS2C3ANodeWhoseLeaseHoldsAgainInspectsNoGameThatLeftMeanwhile(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		nodes[2].CutOff(true)
		w.Pass(lease)
		for _, g := range fleet {
			g.Leave()
		}
		w.Ticks(2)
		if open := w.Journal.OpenStreams(); len(open) > 0 {
			t.Fatalf("open streams: %v, expected those who left to be closed by the other nodes", open)
		}
		for _, g := range fleet {
			g.State("exited")
		}
		nodes[0].Crash()
		nodes[1].Crash()
		w.Pass(lease)
		w.List.Slow(time.Second) // or the new list would correct at once what a remembered one began
		nodes[2].CutOff(false)
		w.Ticks(2)
		w.ExpectNothing()
		if open := w.Journal.OpenStreams(); len(open) > 0 {
			t.Fatalf("open streams: %v, expected none to be opened again", open)
		}
	})
}

func TestC1ANodeWhoseLeaseHoldsAgainReadsTheListAtOnce(t *testing.T) {
	inCluster(t, 3, func(w *actorstest.World, nodes []*actorstest.Process, _ []*actorstest.Game) {
		nodes[2].CutOff(true)
		w.Pass(12 * time.Second)
		nodes[0].Crash()
		nodes[1].Crash()
		late := w.Game("late")
		late.State("exited")
		w.Pass(4 * time.Second)
		nodes[2].CutOff(false)
		w.Pass(time.Second) // and the next tick is three seconds away
		w.Expect(late.Unhealthy(notRunning))
	})
}

// A node that does not know of a new member yet opens the streams of games that left the list before that one read it, and
// after that one has looked for open streams.
func TestC1WhatAnOwnerOfBeforeOpensLateIsFound(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		fleet := w.Fleet(8)
		for _, g := range fleet {
			g.Delay(3200 * time.Millisecond)
		}
		w.Start()
		w.Pass(time.Second)
		for _, g := range fleet {
			g.Leave()
		}
		w.Pass(2100 * time.Millisecond)
		w.NodeNamed("b").Start() // the first node reads the members each half second
		w.Pass(time.Second)
		if open := w.Journal.OpenStreams(); len(open) != len(fleet) {
			t.Fatalf("open streams: %v, want those of all games", open)
		}
		w.Ticks(3)
		for _, g := range fleet {
			g.ExpectForgotten()
		}
		w.ExpectNothing()
	})
}
