package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// adoption is the start of a node: before the first tick, the games whose streams are open get their inspectors, so that
// the first diff finds what the node left behind (R1, R2), and what was detected is delivered even if the list can't be
// read.
//
// A node of a cluster adopts its share of them, and again whenever its share grows.
type adoption struct {
	// failedTries in a row to read the open streams, and the timer that ends the pause after them.
	failedTries int
	again       *time.Timer
	// waiting are the adopted games that have not yet recovered, until over: the first tick began.
	waiting map[*game]bool
	over    bool
	// found are the games that were adopted, in a cluster also those that the list had, until the log has them.
	found names
}

// adoptAgain ends the pause after the journal failed to say which streams are open.
type adoptAgain struct{}

// openStreams is what the journal says of its open streams.
type openStreams struct {
	streams []OpenStream
	err     error
}

func (s *supervisor) adopt(ctx actor.Context) {
	s.process.work.Add(1)
	self := ctx.Self()
	go func() {
		defer s.process.work.Done()
		s.process.send(self, s.readOpenStreams())
	}()
}

func (s *shared) readOpenStreams() openStreams {
	var open openStreams
	for stream, err := range s.Journal.OpenStreams(s.process.ctx) {
		if err != nil {
			return openStreams{err: err}
		}
		open.streams = append(open.streams, stream)
	}
	return open
}

func (s *supervisor) adopted(ctx actor.Context, open openStreams) {
	if s.drained != nil {
		return
	}
	if open.err != nil {
		s.adoption.failedTries++
		s.outages.begin(outage{kind: journalOutage}, time.Now())
		pause := adoptBackoff.pause(s.adoption.failedTries, s.Jitter())
		s.Log.Warn("the journal's open streams can't be read, will try again", "error", open.err, "pause", pause.Round(time.Millisecond))
		self := ctx.Self()
		s.adoption.again = s.process.after(pause, self, adoptAgain{})
		return
	}
	s.adoption.failedTries = 0
	s.journalMayBeWell()
	var come []*game
	for _, stream := range open.streams {
		g := &game{id: stream.GameID, engine: stream.Engine, since: time.Now()}
		switch {
		case s.games[g.id] != nil:
			continue
		case s.owns(g.id, g.engine):
		case s.delivers(g.id, g.engine):
			g.standing = unserved
		default:
			continue
		}
		s.games[g.id] = g
		come = append(come, g)
		s.adoption.found.add(g.id)
	}
	s.tellFound()
	if !s.adoption.over {
		s.adoption.waiting = make(map[*game]bool, len(come))
		for _, g := range come {
			s.adoption.waiting[g] = true
		}
	}
	for _, g := range come {
		s.spawnLater(ctx, g)
	}
	if len(s.adoption.waiting) == 0 && !s.adoption.over {
		s.adoption.over = true
		s.tick(ctx)
	}
}

// tellFound tells which games go on here (S9).
func (s *supervisor) tellFound() {
	what := "games taken over"
	if !s.inCluster() {
		what = "games found in the journal"
	}
	if found := s.adoption.found; found.count > 0 {
		s.Log.Info(what, "count", found.count, "games", found.first)
	}
	s.adoption.found = names{}
}

// tried says whether this game was the last to recover, or to fail, of those that were adopted. One that fails goes on
// trying without keeping the others waiting.
func (a *adoption) tried(g *game) (over bool) {
	if !a.waiting[g] {
		return false
	}
	delete(a.waiting, g)
	a.over = len(a.waiting) == 0
	return a.over
}
