package actors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

const (
	// together is how long what was read of one Engine waits for the others, and takeShare bounds the part of its time that the
	// supervisor spends on comparing the list with the games: one in so many. A list of 100,000 games takes 0.1 s.
	together  = 20 * time.Millisecond
	takeShare = 5
	// moving is how long after a tick a game that left one Engine's list may still come onto another's, and not have left (H8).
	moving = 250 * time.Millisecond
	// lastMomentShare is the part of the interval that is left when a pass no longer waits for lists: one in so many.
	lastMomentShare = 16
)

// lists are the parts of the running list, each read by itself, so that none waits for another (S1), and what they said last.
//
// The games of a part are called for when it was read. One that takes longer than until the next tick is late: its games are
// called for at each tick at once, as it last said, and before the first such tick is over at the last moment.
type lists struct {
	parts    []*part
	byEngine map[string]*part
	// untaken: something was read that has not been acted on. soon ends its wait for what is still being read.
	untaken bool
	soon    *time.Timer
	// took is how long it took to act on the list the last time.
	took time.Duration
	// latest is when the pass stops waiting for lists.
	latest *time.Timer
}

// part is the running list, or one Engine's part of it.
type part struct {
	// engine is whose games it has; empty where it has all.
	engine string
	list   RunningList

	// known: the last reading that ended was no failure; entries are what it said. The only part's are not kept.
	known   bool
	entries []Entry

	// reading is under way, and asked is the pass that began it.
	reading bool
	asked   uint64
	// heard is the pass in which a reading ended last, and shown the last one that may call for the games.
	heard, shown uint64
	// late: the last reading took longer than until the next tick.
	late bool
}

func newLists(all map[string]RunningList) lists {
	l := lists{byEngine: make(map[string]*part, len(all))}
	for _, engine := range slices.Sorted(maps.Keys(all)) {
		p := &part{engine: engine, list: all[engine]}
		l.parts, l.byEngine[engine] = append(l.parts, p), p
	}
	return l
}

// several says whether the list has parts.
func (l *lists) several() bool { return len(l.parts) > 1 }

// busy says whether a pass could do nothing, since all is still being read, and nothing known that could stand in.
func (l *lists) busy() bool {
	return !slices.ContainsFunc(l.parts, func(p *part) bool { return !p.reading || p.known && l.several() })
}

// settled says whether a pass has nothing more to expect of the list.
func (l *lists) settled(pass uint64) bool {
	return !l.untaken && !slices.ContainsFunc(l.parts, func(p *part) bool { return p.heard != pass })
}

// known is what the parts said last.
func (l *lists) known() (all [][]Entry) {
	for _, p := range l.parts {
		if p.known {
			all = append(all, p.entries)
		}
	}
	return all
}

// missing are the Engines whose parts are not known.
func (l *lists) missing() map[string]bool {
	var missing map[string]bool
	for _, p := range l.parts {
		if !p.known {
			if missing == nil {
				missing = map[string]bool{}
			}
			missing[p.engine] = true
		}
	}
	return missing
}

// shows says whether a pass may call for the games on an Engine.
func (l *lists) shows(engine string, pass uint64) bool {
	p := l.byEngine[engine]
	return p == nil || p.shown == pass
}

// show has a pass call for the games of those parts, as they last said, and says whether there are any.
func (l *lists) show(pass uint64, which func(*part) bool) (any bool) {
	for _, p := range l.parts {
		if p.known && l.several() && p.shown != pass && which(p) {
			p.shown, any = pass, true
		}
	}
	return any
}

// mayMove is how long a game that has left one part may still come onto another, which is being read.
func (l *lists) mayMove(tick time.Time) time.Duration {
	if slices.ContainsFunc(l.parts, func(p *part) bool { return p.reading && !p.late }) {
		return moving - time.Since(tick)
	}
	return 0
}

// taken: all that was read has been acted on. The only part is never shown as it last said, so that its entries can go.
func (l *lists) taken(took time.Duration) {
	l.took = took
	l.stopWaiting()
	if !l.several() {
		l.parts[0].entries = nil
	}
}

func (l *lists) stopWaiting() {
	l.untaken = false
	if l.soon != nil {
		l.soon.Stop()
		l.soon = nil
	}
}

// forget forgets what the parts said.
func (l *lists) forget() {
	l.stopWaiting()
	for _, p := range l.parts {
		p.known, p.entries = false, nil
	}
}

// readParts begins to read each part that is not being read, for a new pass, and shows those that are late.
func (s *supervisor) readParts(ctx actor.Context, spanCtx context.Context) {
	self := ctx.Self()
	for _, p := range s.lists.parts {
		if p.reading {
			p.late = true
			continue
		}
		p.reading, p.asked = true, s.pass.number
		s.work.Add(1)
		go func() {
			defer s.work.Done()
			entries, err := s.readList(spanCtx, p.list)
			s.system.Root.Send(self, partRead{p, entries, err})
		}()
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
	s.lists.latest = time.AfterFunc(time.Until(s.ticks.due)-s.Interval/lastMomentShare, func() {
		s.system.Root.Send(self, lastMoment{number})
	})
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
	p.known, p.entries = read.err == nil, read.entries
	if p.known {
		s.lists.untaken = true
	} else {
		s.warnUnread(p, read.err)
	}
	switch still := slices.ContainsFunc(s.lists.parts, func(p *part) bool { return p.reading }); {
	case s.lists.untaken && !still:
		s.take(ctx)
	case s.lists.untaken && s.lists.soon == nil:
		s.takeIn(ctx, max(together, (takeShare-1)*s.lists.took))
	default:
		s.endPassWhenDone()
	}
}

// takeIn lets what was read wait for what is still being read.
func (s *supervisor) takeIn(ctx actor.Context, wait time.Duration) {
	self := ctx.Self()
	s.lists.untaken = true
	s.lists.soon = time.AfterFunc(wait, func() { s.system.Root.Send(self, takeDue{}) })
}

// warnUnread warns of a part that could not be read (S1).
func (s *supervisor) warnUnread(p *part, err error) {
	s.pass.unread = err
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
