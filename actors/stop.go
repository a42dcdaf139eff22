package actors

import (
	v1 "galaxy/healthactors/messages/healthactors/v1"

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
			ctx.Send(g.pid, &v1.Withdraw{})
		}
		if g.request != 0 || g.pending > 0 {
			s.unfinished[g] = true
		}
	}
	if len(s.unfinished) == 0 {
		close(s.drained)
	}
}

// finish closes drained when g was the last game that the stop waited for.
func (s *supervisor) finish(g *game) {
	if !s.unfinished[g] || g.request != 0 || g.pending > 0 {
		return
	}
	delete(s.unfinished, g)
	if len(s.unfinished) == 0 {
		close(s.drained)
	}
}

func (s *supervisor) stopTimers() {
	if s.ticks.next != nil {
		s.ticks.next.Stop()
	}
	for _, g := range s.games {
		if g.pause != nil {
			g.pause.Stop()
		}
	}
}
