package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// adoption is the start of a node: before the first tick, the games whose streams are open get their inspectors, so that
// the first diff finds what the node left behind (R1, R2), and what was detected is delivered even if the list can't be
// read.
type adoption struct {
	failures int
	// waiting are the adopted games that have not yet recovered; nil when the adoption is over.
	waiting map[*game]bool
}

// adoptAgain ends the pause after the journal failed to say which streams are open.
type adoptAgain struct{}

// openStreams is what the journal says of its open streams.
type openStreams struct {
	games []string
	err   error
}

func (s *supervisor) adopt(ctx actor.Context) {
	s.work.Add(1)
	self := ctx.Self()
	go func() {
		defer s.work.Done()
		s.system.Root.Send(self, s.readOpenStreams())
	}()
}

func (s *shared) readOpenStreams() openStreams {
	var open openStreams
	for stream, err := range s.Journal.OpenStreams(s.ctx) {
		if err != nil {
			return openStreams{err: err}
		}
		open.games = append(open.games, stream.GameID)
	}
	return open
}

func (s *supervisor) adopted(ctx actor.Context, open openStreams) {
	if s.drained != nil {
		return
	}
	if open.err != nil {
		s.adoption.failures++
		pause := adoptBackoff.pause(s.adoption.failures, s.Jitter())
		s.Log.Warn("the journal's open streams can't be read, will try again", "error", open.err, "pause", pause.Round(time.Millisecond))
		self := ctx.Self()
		s.ticks.next = time.AfterFunc(pause, func() { s.system.Root.Send(self, adoptAgain{}) })
		return
	}
	s.adoption.waiting = make(map[*game]bool, len(open.games))
	for _, gameID := range open.games {
		g := &game{id: gameID, since: time.Now()}
		s.games[gameID] = g
		s.adoption.waiting[g] = true
	}
	for _, gameID := range open.games {
		s.spawnLater(ctx, s.games[gameID])
	}
	if len(open.games) == 0 {
		s.tick(ctx)
	}
}

// tried says whether this game was the last to recover, or to fail, of those that were adopted. One that fails goes on
// trying without keeping the others waiting.
func (a *adoption) tried(g *game) (over bool) {
	if !a.waiting[g] {
		return false
	}
	delete(a.waiting, g)
	return len(a.waiting) == 0
}
