package modeltest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// settled is how long after the end of all harm every game has its node, and every inspector its journal, for certain.
const settled = 2*interval + settling

// clusterShare is the part of the game-hours that the clusters get: their leases make them slow to simulate.
const clusterShare = 0.02

// TestClusterModel does the same as TestModel with the nodes of a cluster. What a node does while others die, stop, join, or
// lose the journal may or may not count; no event may be lost or invented all the same, and once all is well, everything is
// certain again. It holds C1–C5 and R3 beside the rules of TestModel.
func TestClusterModel(t *testing.T) {
	simulate(t, *hours*clusterShare, clusterStories(), runCluster)
}

func runCluster(t *testing.T, s clusterStory) (lived time.Duration, timeline string, err error) {
	watchdog := time.AfterFunc(patience, func() { panic(fmt.Sprintf("no end of this story:\n%#v", s)) })
	defer watchdog.Stop()
	actorstest.Spec(t, func(w *actorstest.World) {
		c := newCluster(w, s)
		c.live(s)
		if err = c.judge(); err != nil {
			timeline = w.Timeline()
		}
		lived = time.Duration(s.Games) * c.now()
	})
	return lived, timeline, err
}

// cluster lives through a story with the nodes of a cluster.
type cluster struct {
	*driver
	nodes []*actorstest.Process
	// moves are, by game, the times at which it left the list, came back to it, or got another container.
	moves map[string][]time.Duration
	// gone are the times at which a game had been off the list for so long, in calm, that it is forgotten.
	gone map[string][]time.Duration
	// peace are the times in which everything is certain. It begins some time after all was mended.
	peace []span
}

// span is a time; it has no end yet if to is never.
type span struct{ from, to time.Duration }

func newCluster(w *actorstest.World, s clusterStory) *cluster {
	w.Lease = 3 * time.Second
	c := &cluster{
		driver: newDriver(w, story{Games: s.Games, OnChange: s.OnChange, Concurrency: 16, Timeout: 5 * time.Second}),
		nodes:  []*actorstest.Process{w.Process},
		moves:  map[string][]time.Duration{},
		gone:   map[string][]time.Duration{},
	}
	c.onChange = s.OnChange
	for n := 1; n < s.Nodes; n++ {
		node := w.NodeNamed(nodeName(n))
		node.Serves = s.Serves[n-1]
		c.nodes = append(c.nodes, node)
	}
	c.calm()
	return c
}

func (c *cluster) node(d clusterDeed) *actorstest.Process { return c.nodes[d.Node%len(c.nodes)] }

func (c *cluster) live(s clusterStory) {
	for _, deed := range s.Deeds {
		if deed.What.harm {
			c.disturb()
		}
		deed.What.do(c, c.games[deed.Game%s.Games], deed)
		c.pass(deed.Then)
	}
	c.calm()
	c.pass(settled + 3*interval)
}

// pass lets time pass, and notes which games are forgotten by now.
func (c *cluster) pass(d time.Duration) {
	c.world.Pass(d)
	for _, g := range c.games {
		if g.left && c.certain(g.id, c.now(), c.now()) {
			c.gone[g.id] = append(c.gone[g.id], c.now())
		}
	}
}

// moved: from some tick on the game is another node's, or in another place.
func (c *cluster) moved(g *game) { c.moves[g.id] = append(c.moves[g.id], c.now()) }

// disturb ends the peace.
func (c *cluster) disturb() {
	if last := len(c.peace) - 1; c.peace[last].to == never {
		c.peace[last].to = c.now()
	}
}

// calm ends all faults that may keep a node from taking in what it sees, and starts the nodes that do not run.
func (c *cluster) calm() {
	for _, g := range c.games {
		g.mendIt()
	}
	c.relist()
	c.mendEngines()
	c.mendList()
	c.mendBroker()
	c.mendJournal()
	c.world.Journal.ClockOff(0)
	for _, n := range c.nodes {
		n.CutOff(false)
		n.SlowLeases(0)
		if !n.Running() {
			n.Start()
		}
	}
	if len(c.peace) == 0 || c.peace[len(c.peace)-1].to != never {
		c.peace = append(c.peace, span{c.now() + settled, never})
	}
}

// certain says whether nothing kept the node of a game from taking in what it saw between two times.
func (c *cluster) certain(gameID string, from, to time.Duration) bool {
	for _, moved := range c.moves[gameID] {
		if moved <= to && moved+settled > from {
			return false
		}
	}
	return slices.ContainsFunc(c.peace, func(s span) bool { return s.from <= from && to < s.to })
}
