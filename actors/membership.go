package actors

import (
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"galaxy/healthactors/actors/internal/rules"
)

// share is what the supervisor of a node of a cluster knows of its part in it. A node alone has none, and owns all games.
type share struct {
	// view is the newest reading of the membership; without members the node owns nothing (C3).
	view view
	// known are the members of the last reading that had any, and told is what the list said when it was last acted on, for the
	// log.
	known []Member
	told  []rules.Listed
	// begun: the node was a member once, and has adopted its share of the open streams.
	begun bool
	// list is what the last reading of the running list said, of all nodes' games, so that those of a member that dies are
	// inspected at once and not at the next tick (C1). It is forgotten with the lease, without which the list is not read.
	list []rules.Listed
	// changed is when this node last saw other members than before, until it has looked for what was opened late.
	changed time.Time
	// fenced are the games whose inspectors were refused by the journal. Each waits for a membership that was read after
	// its refusal (C2).
	fenced map[*game]time.Time
}

// viewed shares the games out anew when the members have changed.
func (s *supervisor) viewed(ctx actor.Context, v view) {
	before := s.share.view.members
	s.share.view = v
	if len(v.members) > 0 && !sameMembers(before, v.members) {
		s.share.changed = time.Now()
	}
	if len(v.members) > 0 {
		s.tellMembers(s.share.known, v.members)
		s.share.known = v.members
	}
	switch {
	case s.drained != nil:
	case len(v.members) == 0 && len(before) > 0:
		s.suspend(ctx)
	case len(v.members) == 0:
	case !s.share.begun:
		s.share.begun = true
		s.adopt(ctx)
	case len(before) == 0 || !since(before, s.Node).Equal(since(v.members, s.Node)):
		s.Log.Info("this node's lease holds again")
		s.recoverAll(ctx)
		s.reshare(ctx)
		s.readListAnew(ctx)
	case !sameMembers(before, v.members):
		s.reshare(ctx)
	}
	s.endFences(ctx)
}

// tellMembers tells who went and who came (S9), in this order of one that came back.
func (s *supervisor) tellMembers(before, now []Member) {
	if len(before) == 0 {
		s.Log.Info("joined the cluster", "members", nodesOf(now))
		return
	}
	s.tellEach(s.missingFrom(now, before), "a member is gone from the cluster", "members are gone from the cluster")
	s.tellEach(s.missingFrom(before, now), "a member joined the cluster", "members joined the cluster")
}

func (s *supervisor) tellEach(members []Member, one, many string) {
	if len(members) > fewPerTick {
		s.Log.Info(many, "count", len(members), "members", nodesOf(members)[:fewPerTick])
		return
	}
	for _, m := range members {
		s.Log.Info(one, "member", m.Node, "address", m.Address, "engines", m.Engines)
	}
}

// missingFrom returns those beside this node that others lack, or know as another member of that name.
func (s *supervisor) missingFrom(others, members []Member) []Member {
	return slices.DeleteFunc(slices.Clone(members), func(m Member) bool {
		return m.Node == s.Node || since(others, m.Node).Equal(m.Since)
	})
}

func nodesOf(members []Member) []string {
	nodes := make([]string, 0, len(members))
	for _, m := range members {
		nodes = append(nodes, m.Node)
	}
	return nodes
}

// since is when a node became a member.
func since(members []Member, node string) time.Time {
	for _, m := range members {
		if m.Node == node {
			return m.Since
		}
	}
	return time.Time{}
}

// inCluster says whether this is a node of a cluster.
func (s *shared) inCluster() bool { return s.Leases != nil }

// owns says whether a game on an Engine is this node's.
func (s *supervisor) owns(gameID, engine string) bool {
	return !s.inCluster() || owner(gameID, engine, s.share.view.members) == s.Node
}

// keeps says whether a game that this node has is its own.
func (s *supervisor) keeps(g *game) bool {
	if g.standing == unserved {
		return s.delivers(g.id, g.engine)
	}
	return s.owns(g.id, g.engine)
}

// delivers says whether this node delivers what was detected on an Engine that no member serves.
func (s *supervisor) delivers(gameID, engine string) bool {
	return s.inCluster() && !s.share.view.serves(engine) && s.owns(gameID, "")
}

// suspended says whether this node is one of a cluster and can't know that its games are its own (C3).
func (s *supervisor) suspended() bool { return s.inCluster() && len(s.share.view.members) == 0 }

// serves says whether any member serves the Engine.
func (v view) serves(engine string) bool {
	return slices.ContainsFunc(v.members, func(m Member) bool { return slices.Contains(m.Engines, engine) })
}

// suspend stops inspecting, since this node can't know any more that its games are its own (C3). The inspectors live on, and
// the journal refuses what they write when somebody else has claimed their streams.
func (s *supervisor) suspend(ctx actor.Context) {
	s.Log.Warn("this node inspects nothing until its lease holds again", "lease", "lost")
	s.share.list = nil
	s.lists.forget()
	for _, g := range s.games {
		g.due = nil
		if g.request != 0 && g.phase == ready {
			ctx.Send(g.pid, withdraw{})
		} else {
			s.endInspect(g)
		}
	}
}

// recoverAll has every inspector read its journal anew: others may have written to it while this node's lease did not hold.
func (s *supervisor) recoverAll(ctx actor.Context) {
	for _, g := range s.games {
		switch g.phase {
		case ready:
			if g.request != 0 { // what it sees may be its own all the same, and else the journal refuses it
				g.recoverAgain = true
			} else {
				s.spawnLater(ctx, g)
			}
		case recovering:
			g.recoverAgain = true
		}
	}
}

// reshare releases the games that are another member's now, and takes over those that are this node's now: those on the list
// are inspected at once (C1), and the rest is found among the open streams.
func (s *supervisor) reshare(ctx actor.Context) {
	for _, g := range s.games {
		if !s.keeps(g) {
			s.release(ctx, g)
		}
	}
	if s.pass != nil {
		s.pass.outstanding++
		for _, l := range s.share.list {
			if g := s.games[l.GameID]; s.owns(l.GameID, l.Place.Engine) && (g == nil || g.standing != onList) {
				if g == nil || g.standing == elsewhere {
					s.adoption.found.add(l.GameID)
				}
				s.inspect(ctx, l)
			}
		}
		s.pass.outstanding--
		s.endPassWhenDone()
	}
	s.adopt(ctx)
}

// readListAnew reads the list between two ticks, since this node did not while its lease was lost: a game of a member that
// died meanwhile need not wait for the next tick (C1), and one that left meanwhile is not inspected (S2).
func (s *supervisor) readListAnew(ctx actor.Context) {
	if s.adoption.over && !s.lists.busy() {
		s.beginPass(ctx)
	}
}

// adoptLate looks for open streams once more when every member must have seen the last change: until then, an owner of
// before may have opened the stream of a game that nobody else knew of, which left the list at that very time.
func (s *supervisor) adoptLate(ctx actor.Context) {
	if changed := s.share.changed; !changed.IsZero() && time.Since(changed) >= s.Lease {
		s.share.changed = time.Time{}
		s.adopt(ctx)
	}
}

// mine returns the entries of this node's games. A game that moved to an Engine which makes it another's is released. Games
// whose Engine no member serves are warned of, once for each Engine and tick.
func (s *supervisor) mine(ctx actor.Context, accepted []rules.Listed) []rules.Listed {
	if !s.inCluster() {
		return accepted
	}
	s.share.list, s.share.told = accepted, accepted
	var own []rules.Listed
	unserved := map[string]int{}
	for _, l := range accepted {
		if s.owns(l.GameID, l.Place.Engine) {
			own = append(own, l)
			continue
		}
		if !s.share.view.serves(l.Place.Engine) {
			unserved[l.Place.Engine]++
		}
		if g := s.games[l.GameID]; g != nil {
			s.release(ctx, g)
		}
	}
	for engine, games := range unserved {
		s.Log.Warn("no member of the cluster serves the engine", "engine", engine, "count", games)
	}
	return own
}

// release stops a game's inspector without ending the lifecycle: the game is another member's, which recovers it.
func (s *supervisor) release(ctx actor.Context, g *game) {
	if g.standing == elsewhere {
		return
	}
	g.standing, g.due, g.dropRequest, g.lastError = elsewhere, nil, 0, ""
	delete(s.share.fenced, g)
	s.endInspect(g)
	if g.pause != nil {
		g.pause.Stop()
		g.pause = nil
	}
	switch {
	case g.pid == nil:
		delete(s.games, g.id)
		s.leaveRecovery(ctx, g, absent)
	case g.phase != stopping:
		s.board.released.Store(g.pid.GetId(), true) // BEFORE it is stopped, which it notices only when it has recovered
		s.leaveRecovery(ctx, g, stopping)
		ctx.Stop(g.pid)
	}
}

// endInspect takes a game out of its pass although its inspect has not ended.
func (s *supervisor) endInspect(g *game) {
	g.request = 0
	if s.pass != nil && g.inPass != 0 {
		s.endInPass(g)
	}
}

// stopFenced stops an inspector that the journal refused: another node has claimed its stream (C2).
func (s *supervisor) stopFenced(ctx actor.Context, g *game) {
	s.metrics.fenced()
	s.share.fenced[g] = time.Now()
	s.leaveRecovery(ctx, g, stopping)
	ctx.Stop(g.pid)
}

// endFences lets go of the refused games that a later membership gives to somebody else, and spawns the others again. They are
// inspected at once, since the journal refused what was seen.
func (s *supervisor) endFences(ctx actor.Context) {
	v := s.share.view
	for g, at := range s.share.fenced {
		if g.pid != nil || !v.readAt.After(at) || len(v.members) == 0 {
			continue
		}
		delete(s.share.fenced, g)
		switch {
		case !s.keeps(g):
			s.release(ctx, g)
		case g.standing == onList && g.due == nil:
			s.inspect(ctx, rules.Listed{GameID: g.id, Place: g.place})
		default:
			s.spawnLater(ctx, g)
		}
	}
}
