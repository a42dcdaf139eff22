package actors_test

import (
	"fmt"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// Who watches a game: the shares, and the Engines that members serve.

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

func TestC1AnEngineBelongsToThoseThatServeIt(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		b := w.NodeNamed("b")
		var east, west []*actorstest.Game
		for n := range 5 {
			east = append(east, w.GameOn("east", fmt.Sprint("east-", n)))
			west = append(west, w.GameOn("west", fmt.Sprint("west-", n)))
		}
		w.Serves, b.Serves = []string{"east"}, []string{"west"}
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
