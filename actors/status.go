package actors

import (
	"cmp"
	"slices"
	"time"

	"galaxy/healthactors/actors/internal/rules"
)

// staleAfter is the number of intervals without an observation after which a game counts as stale.
const staleAfter = 3

// counts is what the gauges show.
type counts struct {
	// at is when they were counted, and took how long that was.
	at   time.Time
	took time.Duration

	games int64
	stale map[string]int64 // by Engine
	// unhealthy counts the games whose last observation has a reason, by reason, and refused the entries that are malformed (S6).
	unhealthy map[rules.Reasons]int64
	refused   int64
	pending   int64
	parked    int64
	// members of the cluster that hold a lease, as this node last knew.
	members int64
	// oldestPending is the time of the oldest undelivered observation, zero when all are delivered.
	oldestPending time.Time
}

// count sums up the games. A dropped game counts with its undelivered events only.
func (s *supervisor) count() counts {
	c := counts{at: time.Now(), stale: make(map[string]int64, len(s.Engines)), unhealthy: map[rules.Reasons]int64{}}
	staleBefore := c.at.Add(-staleAfter * s.Interval)
	c.members = int64(len(s.share.view.members))
	for _, alike := range s.refused {
		c.refused += alike
	}
	for engine := range s.Engines {
		c.stale[engine] = 0
	}
	for _, g := range s.games {
		c.pending += g.pending
		c.parked += g.parked
		if at := g.oldestPending; !at.IsZero() && (c.oldestPending.IsZero() || at.Before(c.oldestPending)) {
			c.oldestPending = at
		}
		if g.standing != onList {
			continue
		}
		c.games++
		if g.since.Before(staleBefore) {
			c.stale[g.place.Engine]++
		}
		if g.unhealthy {
			if o := g.seen(); o != nil {
				for reason := range o.Reasons.Each() {
					c.unhealthy[reason]++
				}
			}
		}
	}
	return c
}

// describe returns the games on the running list, sorted by game id.
func (s *supervisor) describe() []GameStatus {
	all := make([]GameStatus, 0, len(s.games))
	for _, g := range s.games {
		if g.standing == onList {
			status := g.status(s.Node)
			status.LastError = cmp.Or(status.LastError, s.whyOld(g))
			all = append(all, status)
		}
	}
	slices.SortFunc(all, func(a, b GameStatus) int { return cmp.Compare(a.GameID, b.GameID) })
	return all
}

// whyOld says why nobody looks at a game whose last inspect did not fail; empty where somebody does.
func (s *supervisor) whyOld(g *game) string {
	if s.suspended() {
		return "this node inspects nothing until its lease holds again"
	}
	if err := s.lists.unread(g.place.Engine); err != nil {
		return "the running list can't be read: " + err.Error()
	}
	return ""
}

// shareOf returns what the running list says of a member's games.
func (s *supervisor) shareOf(node string) []GameStatus {
	var all []GameStatus
	for _, l := range s.share.list {
		if owner(l.GameID, l.Place.Engine, s.share.view.members) == node {
			g := game{id: l.GameID, place: l.Place}
			all = append(all, g.status(node))
		}
	}
	slices.SortFunc(all, func(a, b GameStatus) int { return cmp.Compare(a.GameID, b.GameID) })
	return all
}

// status is the game as the API shows it.
func (g *game) status(node string) GameStatus {
	status := GameStatus{
		GameID:        g.id,
		ContainerID:   g.place.Container,
		Engine:        g.place.Engine,
		Node:          node,
		Reasons:       []string{},
		LastError:     g.lastError,
		EventsPending: g.pending,
	}
	if o := g.seen(); o != nil {
		baseline, at := o.RestartCount, o.At
		status.Baseline, status.ObservedAt = &baseline, &at
		status.State, status.Health = o.State, o.Health
		status.Reasons = wordsOf(o.Reasons)
	}
	return status
}
