package modeltest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"galaxy/healthactors/actors"
)

// clusterStory is a random life of a small fleet and the nodes of a cluster.
type clusterStory struct {
	Games, Nodes int
	OnChange     bool
	// Serves says which Engines the nodes but the first serve.
	Serves [][]string
	Deeds  []clusterDeed
}

// clusterDeed is one thing that is done to the world, and how long nothing else is done after it.
type clusterDeed struct {
	What          clusterWhat
	Game, Node, N int
	Then          time.Duration
}

type clusterWhat struct {
	name string
	// harm: what follows is certain again only some time after everything was mended.
	harm bool
	do   func(c *cluster, g *game, deed clusterDeed)
}

// GoString is how rapid shows a story.
func (s clusterStory) GoString() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d games, %d nodes that serve %v, on-change: %t\n", s.Games, s.Nodes, s.Serves, s.OnChange)
	for _, d := range s.Deeds {
		fmt.Fprintf(&b, "  %s (game-%d, node %s, %d), then %s\n", d.What.name, d.Game%s.Games, nodeName(d.Node%s.Nodes), d.N, d.Then)
	}
	return b.String()
}

func nodeName(n int) string { return string(rune('a' + n)) }

// plain is a deed that the model of one node has too.
func plain(w what) clusterWhat {
	return clusterWhat{w.name, false, func(c *cluster, g *game, deed clusterDeed) { w.do(c.driver, g, deed.N) }}
}

func harmful(w what) clusterWhat {
	harm := plain(w)
	harm.harm = true
	return harm
}

// unsettling is a deed after which a game's node or container is another one from some tick on.
func unsettling(w what) clusterWhat {
	return clusterWhat{w.name, false, func(c *cluster, g *game, deed clusterDeed) {
		w.do(c.driver, g, deed.N)
		c.moved(g)
	}}
}

var (
	calm = clusterWhat{"calm", false, func(c *cluster, _ *game, _ clusterDeed) {
		c.calm()
		c.pass(settled + interval)
	}}
	clusterEveryday = []clusterWhat{calm, plain(restart), plain(restart), plain(state), plain(health)}
	clusterOthers   = []clusterWhat{
		plain(startByHand), unsettling(replace), unsettling(recreate), unsettling(backToTheFirst), unsettling(hop), unsettling(hop),
		plain(removeOrPutBack), unsettling(leaveOrReturn), unsettling(leaveOrReturn),
		plain(hang), plain(fail), plain(delay), plain(engineDown), harmful(listFails),
		plain(brokerDown), plain(brokerSlow), plain(loseAcks), plain(refuse), mendOutside, mendJournal,
		harmful(journalFails), harmful(gamesJournalFails), harmful(journalFailsAfter), harmful(journalLate), harmful(journalSlow), plain(journalLags),
		nodeCrash, nodeCrash, nodeStop, nodeStart, nodeStart, cutOff, cutOff, reconnect, expire, slowLeases, clockJumps,
	}

	mendOutside = clusterWhat{"mend Engines and broker", false, func(c *cluster, _ *game, _ clusterDeed) {
		c.mendEngines()
		c.mendBroker()
	}}
	mendJournal = clusterWhat{"mend the journal", true, func(c *cluster, _ *game, _ clusterDeed) { c.mendJournal() }}

	nodeCrash = clusterWhat{"crash", true, func(c *cluster, _ *game, d clusterDeed) {
		if n := c.node(d); n.Running() {
			n.Crash()
		}
	}}
	nodeStop = clusterWhat{"stop", true, func(c *cluster, _ *game, d clusterDeed) {
		if n := c.node(d); n.Running() {
			n.Stop(delays[d.N])
		}
	}}
	nodeStart = clusterWhat{"start", true, func(c *cluster, _ *game, d clusterDeed) {
		if n := c.node(d); !n.Running() {
			n.Start()
		}
	}}
	cutOff     = clusterWhat{"cut off from the journal", true, func(c *cluster, _ *game, d clusterDeed) { c.node(d).CutOff(true) }}
	reconnect  = clusterWhat{"reach the journal again", true, func(c *cluster, _ *game, d clusterDeed) { c.node(d).CutOff(false) }}
	expire     = clusterWhat{"lease runs out", true, func(c *cluster, _ *game, d clusterDeed) { c.world.Journal.ExpireLease(c.node(d).Config.Node) }}
	clockJumps = clusterWhat{"the database's clock jumps", true, func(c *cluster, _ *game, d clusterDeed) {
		c.world.Journal.ClockOff([]time.Duration{time.Minute, -time.Minute, time.Second, -time.Second, time.Hour, 0}[d.N])
	}}
	slowLeases = clusterWhat{"slow leases", true, func(c *cluster, _ *game, d clusterDeed) {
		c.node(d).SlowLeases(time.Duration(d.N) * 400 * time.Millisecond)
	}}
)

func clusterStories() *rapid.Generator[clusterStory] {
	pauses := rapid.SampledFrom([]time.Duration{
		0, 0, 0, 100 * time.Millisecond, time.Second, 2 * time.Second, 2900 * time.Millisecond, 4 * time.Second, 10 * time.Second, 30 * time.Second,
		time.Minute, time.Minute, 2 * time.Minute,
	})
	return rapid.Custom(func(t *rapid.T) clusterStory {
		kinds := slices.Concat(clusterEveryday, rapid.SliceOfN(rapid.SampledFrom(clusterOthers), 2, 10).Draw(t, "kinds"))
		one := rapid.Custom(func(t *rapid.T) clusterDeed {
			return clusterDeed{
				What: rapid.SampledFrom(kinds).Draw(t, "what"),
				Game: rapid.IntRange(0, 7).Draw(t, "game"),
				Node: rapid.IntRange(0, 5).Draw(t, "node"),
				N:    rapid.IntRange(0, 5).Draw(t, "n"),
				Then: pauses.Draw(t, "then"),
			}
		})
		all := []string{actors.DefaultEngine, "east"}
		serves := rapid.SampledFrom([][]string{all, all, {actors.DefaultEngine}, {"east"}})
		return clusterStory{
			Games:    rapid.SampledFrom([]int{2, 4, 8}).Draw(t, "games"),
			Nodes:    rapid.SampledFrom([]int{2, 3}).Draw(t, "nodes"),
			OnChange: rapid.Bool().Draw(t, "on-change"),
			Serves:   rapid.SliceOfN(serves, 2, 2).Draw(t, "serves"),
			Deeds:    rapid.SliceOfN(one, 1, 60).Draw(t, "deeds"),
		}
	})
}
