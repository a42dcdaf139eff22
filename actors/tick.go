package actors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// ticks keeps the beat.
type ticks struct {
	first   time.Time
	next    *time.Timer
	number  uint64
	reading bool
}

// tick begins a pass: it reads the running list. A tick that falls due while the list is being read is skipped.
func (s *supervisor) tick(ctx actor.Context) {
	if s.drained != nil {
		return
	}
	s.scheduleTick(ctx)
	if s.ticks.reading || s.suspended() {
		return
	}
	s.adoptLate(ctx)
	s.beginPass(ctx)
}

// beginPass reads the running list for a new pass.
func (s *supervisor) beginPass(ctx actor.Context) {
	s.ticks.reading = true
	s.endPass()
	ctx.Send(s.publisher, tickStarted{})
	s.ticks.number++
	spanCtx, span := s.tracer.Start(s.ctx, "tick")
	s.pass = newPass(s.ticks.number, span)
	for _, f := range s.takeEarly() {
		s.pass.fail(f)
	}
	s.work.Add(1)
	self := ctx.Self()
	go func() {
		defer s.work.Done()
		listing, err := s.readList(spanCtx)
		s.system.Root.Send(self, listRead{listing, err})
	}()
}

// scheduleTick keeps to the grid of the first tick: a late tick does not delay those after it.
func (s *supervisor) scheduleTick(ctx actor.Context) {
	now := time.Now()
	if s.ticks.first.IsZero() {
		s.ticks.first = now
	}
	since := now.Sub(s.ticks.first)
	self := ctx.Self()
	s.ticks.next = time.AfterFunc(s.Interval-since%s.Interval, func() { s.system.Root.Send(self, tick{}) })
}

// readList reads the running list within --list-timeout (S1).
func (s *shared) readList(ctx context.Context) (listing Listing, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.ListTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading the running list panicked: %v", p)
		}
	}()
	listing, err = s.RunningList.Read(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		err = fmt.Errorf("no answer within %s", s.ListTimeout)
	}
	return listing, err
}

// listRead goes on with the tick: drops first, then inspects (S2).
func (s *supervisor) listRead(ctx actor.Context, read listRead) {
	s.ticks.reading = false
	if s.drained != nil {
		return
	}
	if s.suspended() {
		s.endPassWhenDone()
		return
	}
	if read.err != nil {
		s.Log.Warn("the running list can't be read", "error", read.err)
		s.metrics.ticked(tickListFailed)
		s.pass.span.SetStatus(codes.Error, read.err.Error())
		s.pass.failedList = true
		return
	}
	accepted, mentioned := s.sift(read.listing)
	own := s.mine(ctx, accepted)
	s.onListCount.Store(int64(len(own)))
	c := diff(s.onList(), own, mentioned, read.listing.Failed)
	for _, gameID := range c.gone {
		s.drop(ctx, s.games[gameID])
	}
	s.pass.outstanding++ // keeps the pass from ending while it is being filled
	for _, l := range c.inspect {
		s.inspect(ctx, l)
	}
	s.pass.span.SetAttributes(attribute.Int("healthactors.games", len(c.inspect)))
	s.pass.outstanding--
	s.endPassWhenDone()
}

// sift warns of the malformed entries that are new (S6), and of the Engines whose part of the list is missing (S1).
func (s *supervisor) sift(l Listing) (accepted []listed, mentioned map[string]bool) {
	for engine, err := range l.Failed {
		if errors.Is(err, ErrStillReading) {
			s.Log.Debug("the engine's part of the running list is still being read", "engine", engine)
			continue
		}
		s.Log.Warn("the engine's part of the running list can't be read", "engine", engine, "error", err)
	}
	present := func(gameID string) (target, bool) {
		g := s.games[gameID]
		if g == nil || !g.place.mayBeListed() || g.at == (target{}) {
			return target{}, false
		}
		return g.at, true
	}
	engines := s.Engines
	if !s.alone() {
		engines = nil // other members may serve it
	}
	accepted, refused, mentioned := sift(l.Entries, engines, present)
	known := s.refused
	s.refused = make(map[refusal]bool, len(refused))
	for _, r := range refused {
		if !known[r] && !s.refused[r] {
			s.Log.Warn("malformed entry in the running list", "game", r.gameID, "container", r.containerID,
				"engine", r.engine, "error", r.why)
		}
		s.refused[r] = true
	}
	return accepted, mentioned
}

// onList returns the games that were on the list until now. Open streams of an earlier life count too (R2).
func (s *supervisor) onList() map[string]target {
	games := make(map[string]target, len(s.games))
	for id, g := range s.games {
		if g.place.mayBeListed() {
			games[id] = g.at
		}
	}
	return games
}

// drop tells the inspector of a game that left; its inspect under way is cut off.
func (s *supervisor) drop(ctx actor.Context, g *game) {
	g.place = offList
	g.due, g.inPass, g.lastError = false, 0, ""
	s.advance(ctx, g)
}

// inspect calls for a game's inspect. A game whose inspect is under way is left to it (S4), unless its container changed.
func (s *supervisor) inspect(ctx actor.Context, l listed) {
	g := s.games[l.gameID]
	if g == nil {
		g = &game{id: l.gameID}
		s.games[l.gameID] = g
	}
	if g.place == onList && g.at == l.at && (g.request != 0 || g.due) && !g.pauseMayEnd() {
		s.metrics.skipped()
		return
	}
	if g.place != onList || g.at != l.at {
		g.since = time.Now()
	}
	g.place, g.at, g.engine = onList, l.at, l.at.engine
	g.due, g.inPass = true, s.pass.number
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
	if s.pass.outstanding == 0 && !s.ticks.reading && !s.pass.ended && !s.pass.failedList {
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
	if s.pass.ended {
		return
	}
	s.pass.ended = true
	s.pass.span.End()
	if !s.pass.failedList {
		s.metrics.ticked(tickOK)
		s.metrics.passed(time.Since(s.pass.began))
		s.ready.Store(true)
	}
}
