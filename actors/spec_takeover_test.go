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
		w.Pass(15 * time.Second)
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
