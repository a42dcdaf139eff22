package actors

import (
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"galaxy/healthactors/actors/internal/rules"
)

// ticks keeps the beat.
type ticks struct {
	first  time.Time
	next   *time.Timer
	due    time.Time // when next is
	number uint64
}

// tick begins a pass: it has the running list read. A tick that falls due while the whole list is being read is skipped.
func (s *supervisor) tick(ctx actor.Context) {
	if s.drained != nil {
		return
	}
	s.scheduleTick(ctx)
	if s.lists.busy() || s.suspended() {
		return
	}
	s.adoptLate(ctx)
	s.beginPass(ctx)
}

// beginPass has each part of the running list read for a new pass, unless it is still being read.
func (s *supervisor) beginPass(ctx actor.Context) {
	s.takeUntaken(ctx)
	s.endPass()
	s.gameLog.tick()
	ctx.Send(s.process.publisher, tickStarted{})
	s.ticks.number++
	spanCtx, span := s.tracer.Start(s.process.ctx, "tick")
	s.pass = newPass(s.ticks.number, span)
	for _, f := range s.takeEarly() {
		s.pass.fail(f)
	}
	s.readParts(spanCtx, ctx)
}

// scheduleTick keeps to the grid of the first tick: a late tick does not delay those after it.
func (s *supervisor) scheduleTick(ctx actor.Context) {
	now := time.Now()
	if s.ticks.first.IsZero() {
		s.ticks.first = now
	}
	since := now.Sub(s.ticks.first)
	wait := s.Interval - since%s.Interval
	self := ctx.Self()
	s.ticks.due = now.Add(wait)
	s.ticks.next = s.process.after(wait, self, tick{})
}

// take acts on what the parts of the list say: drops first, then inspects (S2). The games of a part that this pass has not heard
// yet wait for it, and nothing happens to those of one that is not known (S1).
func (s *supervisor) take(ctx actor.Context) {
	began := time.Now()
	s.pass.listed = true
	found := s.sift()
	before := s.listedBefore()
	own := s.mine(ctx, found.Accepted)
	s.board.listed.Store(int64(len(own)))
	c := rules.Diff(s.onList(), own, found.Mentioned, s.lists.missing())
	s.warnSeveral(c.Inspect, found.Others)
	wait := s.lists.mayMove(s.pass.began)
	if wait <= 0 {
		for _, gameID := range c.Gone {
			s.drop(ctx, s.games[gameID])
		}
	}
	s.pass.outstanding++ // keeps the pass from ending while it is being filled
	for _, l := range c.Inspect {
		if s.lists.shows(l.Place.Engine, s.pass.number) && !s.called(l) {
			s.noteListed(l, before)
			s.inspect(ctx, l)
		}
	}
	s.pass.span.SetAttributes(attribute.Int("healthactors.games", len(c.Inspect)))
	s.pass.outstanding--
	s.lists.taken(time.Since(began))
	if len(c.Gone) > 0 && wait > 0 {
		s.takeIn(ctx, wait)
	}
	if s.lists.settled(s.pass.number) { // else other parts may have more that is alike (S9)
		s.gameLog.flush(s.Log)
	}
	s.forgetEngines()
	s.endPassWhenDone()
}

// listedBefore returns a look at what the list said when it was last acted on, of all nodes' games.
func (s *supervisor) listedBefore() func() map[string]rules.Place {
	told := s.share.told
	return sync.OnceValue(func() map[string]rules.Place {
		before := make(map[string]rules.Place, len(told))
		for _, l := range told {
			before[l.GameID] = l.Place
		}
		return before
	})
}

// noteListed tells of a game that came or got another container (S9). One that this node does not have, but that was on the
// list before, is one that another member had until now.
func (s *supervisor) noteListed(l rules.Listed, before func() map[string]rules.Place) {
	var was rules.Place
	g := s.games[l.GameID]
	switch {
	case g == nil || g.standing == elsewhere:
		was = before()[l.GameID]
	case g.standing != offList:
		was = g.place
	}
	switch {
	case was == rules.Place{} && (g == nil || g.standing == offList):
		s.gameLog.add(came, gameNews{game: l.GameID, place: l.Place})
	case was != rules.Place{} && was != l.Place:
		s.gameLog.add(replaced, gameNews{game: l.GameID, place: l.Place, was: nameBefore(was, l.Place)})
	case g == nil:
		s.adoption.found.add(l.GameID)
	}
}

// called says whether this pass has called for an inspect of the game in its present container.
func (s *supervisor) called(l rules.Listed) bool {
	g := s.games[l.GameID]
	return g != nil && g.standing == onList && g.place == l.Place && g.called == s.pass.number
}

// sift warns of the malformed entries that are new (S6). Those of a part that is not known have not left.
func (s *supervisor) sift() rules.Sifted {
	present := func(gameID string) (rules.Place, bool) {
		g := s.games[gameID]
		if g == nil || !g.standing.mayBeListed() || g.place == (rules.Place{}) {
			return rules.Place{}, false
		}
		return g.place, true
	}
	serves := func(engine string) bool {
		_, serves := s.Engines[engine]
		return serves || s.inCluster() // another member may
	}
	found := rules.Sift(s.lists.known(), serves, present)
	known, missing := s.refused, s.lists.missing()
	s.refused = make(map[rules.Refusal]int64, len(found.Refused))
	for r, alike := range known {
		if missing[r.Engine] {
			s.refused[r] = alike
		}
	}
	for _, r := range found.Refused {
		if known[r]+s.refused[r] == 0 {
			s.Log.Warn("malformed entry in the running list", "game", r.GameID, "container", r.ContainerID,
				"engine", r.Engine, "error", r.Why)
		}
		s.refused[r]++
	}
	return found
}

// onList returns the games that were on the list until now. Open streams of an earlier life count too (R2).
func (s *supervisor) onList() map[string]rules.Place {
	games := make(map[string]rules.Place, len(s.games))
	for id, g := range s.games {
		if g.standing.mayBeListed() {
			games[id] = g.place
		}
	}
	return games
}

// drop tells the inspector of a game that left; its inspect under way is cut off.
func (s *supervisor) drop(ctx actor.Context, g *game) {
	s.gameLog.add(left, gameNews{game: g.id, place: g.place})
	g.standing, g.left = offList, true
	g.due, g.inPass, g.lastError = nil, 0, ""
	s.advance(ctx, g)
}

// inspect calls for a game's inspect. A game whose inspect is under way is left to it (S4), unless its container changed.
func (s *supervisor) inspect(ctx actor.Context, l rules.Listed) {
	g := s.games[l.GameID]
	if g == nil {
		g = &game{id: l.GameID}
		s.games[l.GameID] = g
	}
	g.called = s.pass.number
	if g.standing == onList && g.place == l.Place && (g.request != 0 || g.due != nil) && !g.pauseMayEnd() {
		s.metrics.skipped(l.Place.Engine)
		return
	}
	if g.standing != onList || g.place != l.Place {
		g.since = time.Now()
	}
	g.standing, g.place, g.engine = onList, l.Place, l.Place.Engine
	g.due, g.inPass = s.pass, s.pass.number
	s.pass.outstanding++
	if _, fenced := s.share.fenced[g]; !fenced && (g.phase == absent || g.pauseMayEnd()) {
		s.spawnLater(ctx, g)
		return
	}
	s.advance(ctx, g)
}

// endInPass takes an inspect that has ended out of the pass that called for it.
func (s *supervisor) endInPass(g *game) {
	if g.inPass == s.pass.number {
		s.pass.outstanding--
		s.endPassWhenDone()
	}
	g.inPass = 0
}

func (s *supervisor) endPassWhenDone() {
	if s.pass.outstanding == 0 && s.lists.settled(s.pass.number) && !s.pass.ended {
		s.endPass()
	}
}

// endPass logs what failed in the pass, also what ended late from passes before it (H10). It can be called again for
// failures that come after its end.
func (s *supervisor) endPass() {
	if s.pass == nil {
		return
	}
	s.warn(s.pass)
	s.gameLog.flush(s.Log)
	if s.pass.ended {
		return
	}
	s.pass.ended = true
	defer s.pass.span.End()
	switch {
	case s.pass.listed:
	case s.pass.unread != nil: // S1
		s.metrics.ticked(tickListFailed)
		s.pass.span.SetStatus(codes.Error, s.pass.unread.Error())
		return
	default: // nothing was read: the lease was lost meanwhile, or all lists hang
		return
	}
	s.metrics.ticked(tickOK)
	s.metrics.passed(time.Since(s.pass.began), s.Clock())
	s.board.ticked.Store(true)
}
