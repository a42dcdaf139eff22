package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// stop begins the orderly stop (S8): no new tick, no new inspect, those under way are cut off, and what is detected is
// still published.
func (s *supervisor) stop(ctx actor.Context, msg stopInOrder) {
	s.drained = msg.drained
	s.unfinished = map[*game]bool{}
	s.stopTimers()
	for _, g := range s.games {
		if g.request != 0 {
			ctx.Send(g.pid, withdraw{})
		}
		if s.keepsStopWaiting(g) {
			s.unfinished[g] = true
		}
	}
	if len(s.unfinished) == 0 {
		close(s.drained)
	}
}

// finish closes drained when g was the last game that the stop waited for.
func (s *supervisor) finish(g *game) {
	if !s.unfinished[g] || s.keepsStopWaiting(g) {
		return
	}
	delete(s.unfinished, g)
	if len(s.unfinished) == 0 {
		close(s.drained)
	}
}

// keepsStopWaiting says whether a stop waits for the game: until its inspect has ended and its events are delivered. In a
// cluster another member goes on with the events.
func (s *supervisor) keepsStopWaiting(g *game) bool {
	return g.request != 0 || g.pending > 0 && !s.inCluster()
}

func (s *supervisor) stopTimers() {
	for _, timer := range []*time.Timer{s.ticks.next, s.lists.soon, s.lists.latest, s.adoption.again} {
		if timer != nil {
			timer.Stop()
		}
	}
	for _, g := range s.games {
		if g.pause != nil {
			g.pause.Stop()
		}
	}
}
