package actors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// readParts begins to read each part that is not being read, for a new pass, and shows those that are late.
func (s *supervisor) readParts(spanCtx context.Context, ctx actor.Context) {
	self := ctx.Self()
	for _, p := range s.lists.parts {
		if p.reading {
			p.late = true
			continue
		}
		p.reading, p.asked = true, s.pass.number
		s.process.work.Go(func() {
			entries, err := s.readList(spanCtx, p.list)
			s.process.send(self, partRead{p, entries, err})
		})
	}
	if !s.lists.several() {
		return
	}
	if s.lists.show(s.pass.number, func(p *part) bool { return p.late }) {
		s.take(ctx)
	}
	if s.lists.latest != nil {
		s.lists.latest.Stop()
	}
	number := s.pass.number
	s.lists.latest = s.process.after(time.Until(s.ticks.due)-s.Interval/lastMomentShare, self, lastMoment{number})
}

// readList reads a part of the running list within --list-timeout (S1).
func (s *shared) readList(ctx context.Context, list RunningList) (entries []Entry, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.ListTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading the running list panicked: %v", p)
		}
	}()
	entries, err = list.Read(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		err = fmt.Errorf("no answer within %s", s.ListTimeout)
	}
	return entries, err
}

// partRead goes on with the pass: what was read is acted on, together with what comes shortly after it.
func (s *supervisor) partRead(ctx actor.Context, read partRead) {
	p := read.part
	p.reading = false
	if s.drained != nil {
		return
	}
	p.heard, p.shown = s.pass.number, s.pass.number
	if s.suspended() {
		s.endPassWhenDone()
		return
	}
	p.late = p.asked != s.pass.number
	p.known, p.entries, p.err = read.err == nil, read.entries, read.err
	if p.known {
		s.lists.untaken = true
		s.outages.end(s.Log, outage{listOutage, p.engine})
	} else {
		s.warnUnread(p, read.err)
	}
	switch still := slices.ContainsFunc(s.lists.parts, func(p *part) bool { return p.reading }); {
	case s.lists.untaken && !still:
		s.take(ctx)
	case p.known:
		s.takeIn(ctx, max(together, (takeShare-1)*s.lists.took))
	default:
		s.endPassWhenDone()
	}
}

// takeIn lets what was read wait for what is still being read, at most that long.
func (s *supervisor) takeIn(ctx actor.Context, wait time.Duration) {
	at := time.Now().Add(wait)
	if s.lists.soon != nil && s.lists.soonAt.Before(at) {
		return
	}
	s.lists.stopWaiting()
	self := ctx.Self()
	s.lists.untaken, s.lists.soonAt = true, at
	s.lists.soon = s.process.after(wait, self, takeDue{})
}

// takeUntaken acts on what was read and nobody has acted on yet.
func (s *supervisor) takeUntaken(ctx actor.Context) {
	if s.lists.untaken && s.drained == nil {
		s.take(ctx)
	}
}

// warnUnread warns of a part that could not be read (S1).
func (s *supervisor) warnUnread(p *part, err error) {
	s.pass.unread = err
	s.outages.begin(outage{listOutage, p.engine}, s.pass.began)
	if s.lists.several() {
		s.Log.Warn("the engine's part of the running list can't be read", "engine", p.engine, "error", err)
		return
	}
	s.Log.Warn("the running list can't be read", "error", err)
}

// inspectUnheard no longer waits for lists: the pass's last moment has come, and it inspects the games of the parts that are
// still being read as they last said (S1).
func (s *supervisor) inspectUnheard(ctx actor.Context, pass uint64) {
	if pass != s.pass.number || s.drained != nil || s.suspended() {
		return
	}
	if s.lists.show(pass, func(p *part) bool { return p.heard != pass }) || s.lists.untaken {
		s.take(ctx)
	}
}
