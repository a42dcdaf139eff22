package actors

import (
	"maps"
	"slices"
	"time"
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
	// untaken: something was read that has not been acted on. soon ends its wait for what is still being read, at soonAt.
	untaken bool
	soon    *time.Timer
	soonAt  time.Time
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
	// err is why the last reading failed, nil if it did not.
	err error

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

// unread is why it is not known what the list says of the games on an Engine, nil where it is.
func (l *lists) unread(engine string) error {
	p := l.byEngine[engine]
	if p == nil {
		p = l.byEngine[""]
	}
	if p == nil {
		return nil
	}
	return p.err
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
