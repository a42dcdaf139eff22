package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// A member stops or joins, and games are handed over.

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
		var expected []actorstest.Event
		for _, g := range fleet {
			g.Restart(1)
			expected = append(expected, g.Unhealthy(restarted).Count(1))
		}
		w.NodeNamed("d").Start()
		w.Pass(time.Second) // the next tick is further away
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
		w.Tick()
		w.Expect(expected...)
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
