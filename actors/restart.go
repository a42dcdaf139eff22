package actors

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// HandleFailure makes the supervisor its children's supervision strategy (S7): a failed inspector is restarted after a
// pause that grows with each failure in a row, and recovers from its journal. Its mailbox waits for it.
func (s *supervisor) HandleFailure(_ *actor.ActorSystem, children actor.Supervisor, who *actor.PID,
	_ *actor.RestartStatistics, reason, _ any,
) {
	g := s.games[gameOf(who.GetId())]
	if g == nil || g.incarnation != incarnationOf(who.GetId()) || g.phase == stopping || s.drained != nil {
		children.StopChildren(who)
		return
	}
	ctx := children.(actor.Context)
	g.failedTries++
	g.failed = time.Now()
	g.request = 0
	f := s.explain(reason)
	f.game, f.place = g.id, g.place
	g.lastError = f.err
	switch {
	case f.stack != "": // a bug tells nothing of the journal
	case f.kind == fencedOff || f.damaged:
		s.setBehind(g, 0)
	case g.phase == recovering:
		s.setBehind(g, lacksReading)
	default:
		s.setBehind(g, lacksWrite)
	}
	if s.pass == nil { // before the first tick
		s.failEarly(g, f)
	} else {
		s.pass.fail(f)
		s.endInPass(g)
	}
	if f.kind == fencedOff {
		s.stopFenced(ctx, g)
		return
	}
	s.leaveRecovery(ctx, g, failing)
	self := ctx.Self()
	g.pause = s.process.after(restartBackoff.pause(g.failedTries, s.Jitter()), self, restartDue{g})
}

// explain tells a journal's failure from a bug, and from a refusal because another node claimed the stream (C2).
func (s *supervisor) explain(reason any) failure {
	f := failure{kind: notTaken, err: fmt.Sprint(reason)}
	if err, ok := reason.(journalFailure); ok && s.inCluster() && (errors.Is(err, ErrConflict) || errors.Is(err, ErrNotMember)) {
		f.kind = fencedOff
	}
	if err, ok := reason.(error); ok {
		f.damaged = errors.Is(err, ErrDamaged)
	}
	if b, ok := reason.(bug); ok {
		f.stack = string(b.stack)
	}
	return f
}

func (s *supervisor) restartDue(ctx actor.Context, g *game) {
	g.pause = nil
	if g.phase == failing {
		s.spawnLater(ctx, g)
	}
}

// rolledBack has every inspector read what the journal still has (R4). Inspects under way are cut off: what they would be
// compared with may be gone.
func (s *supervisor) rolledBack(ctx actor.Context) {
	if s.drained != nil {
		return
	}
	for _, g := range s.games {
		if g.phase == ready {
			s.endInspect(g)
		}
	}
	s.recoverAll(ctx)
}

// incarnationOf reads an inspector's incarnation from its name.
func incarnationOf(actorName string) uint64 {
	_, rest, _ := strings.Cut(actorName, "/")
	number, _, _ := strings.Cut(rest, "/")
	n, _ := strconv.ParseUint(number, 10, 64)
	return n
}
