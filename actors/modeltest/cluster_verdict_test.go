package modeltest

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// judge compares what was to be seen with the model, at the end, when all is well.
func (c *cluster) judge() error {
	histories, err := c.histories()
	if err != nil {
		return err
	}
	arrived := map[string][]string{}
	seen := map[string]bool{}
	for _, a := range c.world.Broker.Arrived() {
		if id := a.Event.EventID; !seen[id] {
			seen[id] = true
			arrived[a.Event.GameID] = append(arrived[a.Event.GameID], id)
		}
	}
	var open []string
	for n, g := range c.games {
		if detected := c.world.Journal.Detected(g.id); !slices.Equal(detected, arrived[g.id]) {
			return fmt.Errorf("P3, R3: %s: the journal has the events\n  %v, and these arrived first in this order:\n  %v", g.id, detected, arrived[g.id])
		}
		ends, err := Explain(c.tell(g), histories[n].events, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", g.id, err)
		}
		if err := c.judgeWatch(g, ends); err != nil {
			return fmt.Errorf("%s: %w", g.id, err)
		}
		if !g.left {
			open = append(open, g.id)
		}
	}
	if got := c.world.Journal.OpenStreams(); !slices.Equal(got, open) {
		return fmt.Errorf("open streams: %v, want those of the listed games %v", got, open)
	}
	return nil
}

// judgeWatch: exactly one node watches a game that is on the list, one that serves its Engine, and it remembers what the
// model remembers (C1).
func (c *cluster) judgeWatch(g *game, ends []Lifecycle) error {
	var watchers []*actorstest.Process
	status := map[string]actors.GameStatus{}
	for _, n := range c.nodes {
		for _, s := range n.Games() {
			if s.GameID == g.id {
				watchers = append(watchers, n)
				status[g.id] = s
			}
		}
	}
	switch {
	case g.left && len(watchers) == 0:
		return nil
	case g.left || len(watchers) != 1:
		return fmt.Errorf("C1: the game left the list: %t, and %d nodes watch it", g.left, len(watchers))
	case watchers[0].Serves != nil && !slices.Contains(watchers[0].Serves, g.place.Engine):
		return fmt.Errorf("C1: node %s watches a game on %s", watchers[0].Config.Node, g.place.Engine)
	case *status[g.id].Baseline != g.seen.Restarts:
		return fmt.Errorf("the baseline is %d, and the Engine says %d", *status[g.id].Baseline, g.seen.Restarts)
	}
	return g.judgeStatus(ends, status)
}

// tell turns what was to be seen into the steps of one game's model. Which node saw it is not known, so what a reading of the
// list says of the game may have been of interest or not, and only what happened in peace is certain.
func (c *cluster) tell(g *game) []Step {
	var steps []Step
	gone := c.gone[g.id]
	looks := c.looksAt(g)
	for n, h := range c.all {
		for len(gone) > 0 && gone[0] < h.at {
			steps = append(steps, Step{Kind: Left, Sure: true, Virtual: gone[0]})
			gone = gone[1:]
		}
		switch {
		case h.kind == read && h.reading.err == nil:
			steps = append(steps, c.mentioned(g, h))
		case h.kind == lookEnded && h.look.err == nil && g.is(h.look):
			l := h.look
			sure := c.certain(g.id, l.beganAt, h.at) && !lookedAgain(looks, n, h.at)
			steps = append(steps, Step{
				Kind: Observed, Sure: sure, Virtual: h.at, Place: l.place, At: l.wall, OnChange: l.onChange,
				Seen: Seen{ID: l.seen.ID, Restarts: l.seen.RestartCount, State: l.seen.State, Health: l.seen.Health},
			})
		}
	}
	return steps
}

// is says whether this is an inspect of the game.
func (g *game) is(l *look) bool { return strings.HasPrefix(l.place.Container, g.id+".") }

// looksAt are the inspects of a game, in the order of their begins.
func (c *cluster) looksAt(g *game) []*look {
	var looks []*look
	for _, h := range c.all {
		if h.kind == lookBegan && g.is(h.look) {
			looks = append(looks, h.look)
		}
	}
	return looks
}

// lookedAgain says whether the game was inspected again at once after happening n. What a node saw that had not noticed that
// others claimed the game and let go of it was refused then (C2).
func lookedAgain(looks []*look, n int, at time.Duration) bool {
	next := sort.Search(len(looks), func(k int) bool { return looks[k].began > n })
	return next < len(looks) && looks[next].beganAt <= at+time.Second
}

// mentioned is what a reading of the list may mean to a game.
func (c *cluster) mentioned(g *game, h happening) Step {
	for _, e := range h.reading.listing.Entries {
		if e.GameID == g.id {
			return Step{Kind: Listed, Virtual: h.at, Place: Place{e.ContainerID, e.Engine}}
		}
	}
	return Step{Kind: Left, Virtual: h.at}
}
