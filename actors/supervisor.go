package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/persistence"

	"galaxy/healthactors/actors/internal/rules"
)

// recoverAtOnce bounds how many inspectors read the journal at once, and so the memory of a start with many games. Each
// recovers within two answers of the journal, so that a node takes over that many games of a dead one in the time that a slow
// database leaves it (C1).
const recoverAtOnce = 1024

// supervisor compares the running list with its children at each tick: it spawns an inspector for each game that came,
// drops the games that left, and asks the others to inspect. It never waits for anything: reading the list, the journal
// and the Engines happens elsewhere, and answers come as messages.
type supervisor struct {
	*shared

	games      map[string]*game
	inspectors *actor.Props
	// queued are the games whose inspectors wait to be spawned or restarted; recovering counts those that read the journal.
	queued     []*game
	recovering int
	spawned    uint64
	// ending: the supervisor waits for its children to stop, so nothing is spawned any more.
	ending bool

	adoption adoption
	early    early
	share    share
	ticks    ticks
	lists    lists
	pass     *pass
	// refused are the malformed entries, and how many there are of each.
	refused map[rules.Refusal]int64
	several map[string]several

	gameLog gameLog
	outages outages
	// behind are the games of which the journal lacks something, or may.
	behind map[*game]lack

	// drained is closed when all that was detected is delivered; nil until a stop begins (S8). unfinished are the games
	// that it waits for.
	drained    chan<- struct{}
	unfinished map[*game]bool
}

// Messages to the supervisor beside the inspectors' reports.
type (
	// tick calls for the next pass over the running list.
	tick struct{}
	// partRead is the end of a reading of a part of the running list.
	partRead struct {
		part    *part
		entries []Entry
		err     error
	}
	// takeDue ends the wait of what was read for what is still being read, and lastMoment that of a pass's inspects.
	takeDue    struct{}
	lastMoment struct{ pass uint64 }
	// restartDue ends the pause of a failing inspector.
	restartDue struct{ game *game }
	// rolledBack says that the journal has lost what it had acknowledged (R4).
	rolledBack struct{}
	// stopInOrder begins the stop (S8).
	stopInOrder struct{ drained chan<- struct{} }
	// describeAll and those below it ask for an answer; reply has room for it.
	describeAll struct{ reply chan<- []GameStatus }
	countAll    struct{ reply chan<- counts }
	areYouAlive struct{ reply chan<- struct{} }
	whoIsMember struct{ reply chan<- []Member }
	whatHas     struct {
		node  string
		reply chan<- []GameStatus
	}
)

func newSupervisor(s *shared) *supervisor {
	provider := &journalProvider{ctx: s.process.ctx, journal: s.Journal}
	return &supervisor{
		shared: s,
		games:  map[string]*game{},
		lists:  newLists(s.RunningLists),
		share:  share{fenced: map[*game]time.Time{}},

		outages: outages{},
		behind:  map[*game]lack{},
		inspectors: actor.PropsFromProducer(
			func() actor.Actor { return &inspector{shared: s} },
			actor.WithReceiverMiddleware(persistence.Using(provider)),
		),
	}
}

func (s *supervisor) Receive(ctx actor.Context) {
	switch msg := ctx.Message().(type) {
	case *actor.Started:
		if !s.inCluster() {
			s.adopt(ctx)
		} else {
			s.keepLease(ctx)
		}
	case view:
		s.viewed(ctx, msg)
	case adoptAgain:
		s.adopt(ctx)
	case openStreams:
		s.adopted(ctx, msg)
	case rolledBack:
		s.rolledBack(ctx)
	case tick:
		s.tick(ctx)
	case partRead:
		s.partRead(ctx, msg)
	case takeDue:
		s.lists.soon = nil
		s.takeUntaken(ctx)
	case lastMoment:
		s.inspectUnheard(ctx, msg.pass)
	case *report:
		s.reported(ctx, msg)
	case *actor.Terminated:
		s.terminated(ctx, msg)
	case restartDue:
		s.restartDue(ctx, msg.game)
	case stopInOrder:
		s.stop(ctx, msg)
	case describeAll:
		msg.reply <- s.describe()
	case countAll:
		msg.reply <- s.count()
	case areYouAlive:
		close(msg.reply)
	case whoIsMember:
		msg.reply <- s.share.view.members
	case whatHas:
		msg.reply <- s.shareOf(msg.node)
	case *actor.Stopping:
		s.ending = true
		s.stopTimers()
	case *actor.Stopped:
		close(s.process.supervisorGone)
	}
	s.countWhenDue()
}

// spawnLater queues a game's inspector to be spawned, or restarted when there is one, as soon as few enough recover.
func (s *supervisor) spawnLater(ctx actor.Context, g *game) {
	if g.pause != nil {
		g.pause.Stop()
		g.pause = nil
	}
	g.phase = queued
	s.queued = append(s.queued, g)
	s.spawnMore(ctx)
}

func (s *supervisor) spawnMore(ctx actor.Context) {
	for !s.ending && s.recovering < recoverAtOnce && len(s.queued) > 0 {
		g := s.queued[0]
		s.queued[0] = nil
		s.queued = s.queued[1:]
		if g.phase != queued {
			continue // it was released meanwhile
		}
		g.phase = recovering
		s.recovering++
		if g.pid != nil {
			s.restartNow(ctx, g.pid)
			continue
		}
		s.spawned++
		pid, err := ctx.SpawnNamed(s.inspectors, inspectorName(s.spawned, g.id))
		if err != nil { // only if a name were used twice
			s.process.fail(err)
			return
		}
		g.pid, g.incarnation = pid, s.spawned
	}
}

// advance asks an inspector that takes requests for what is due.
func (s *supervisor) advance(ctx actor.Context, g *game) {
	switch {
	case g.phase != ready || s.drained != nil:
	case g.standing == offList && g.dropRequest == 0:
		g.dropRequest = s.process.newRequest()
		g.request, g.due = 0, nil
		ctx.Send(g.pid, drop{g.dropRequest})
	case g.standing == onList && g.due != nil:
		g.request = s.process.newRequest()
		g.dropRequest = 0
		g.asked = g.place
		ctx.Send(g.pid, inspect{request: g.request, place: g.place, traceparent: g.due.traceparent, cameBack: g.left})
		g.due = nil
	}
}

// reported takes in what an inspector says of itself.
func (s *supervisor) reported(ctx actor.Context, r *report) {
	g := s.games[r.game]
	if g == nil || g.incarnation != r.incarnation {
		return
	}
	s.noteRecreated(g, r.observed)
	g.observe(r.observed)
	s.noteBehind(g, r)
	g.pending, g.parked, g.oldestPending = r.pending, r.parked, r.oldestPendingAt
	if r.journalError != "" && s.pass != nil {
		s.pass.fail(failure{game: g.id, place: g.place, err: r.journalError, kind: journalTrouble})
	}
	switch cause := r.cause.(type) {
	case recovered:
		s.recovered(ctx, g)
	case inspected:
		s.inspected(ctx, g, cause)
	case deliveryChanged:
	case drained:
		s.closed(ctx, g, cause)
	}
	s.finish(g)
}

// recovered: the inspector takes requests, unless it has failed since: a failure is a system message, and overtakes what
// the inspector said before.
func (s *supervisor) recovered(ctx actor.Context, g *game) {
	if g.phase != recovering {
		return
	}
	if g.standing != onList && g.observed != nil {
		g.place = g.observed.Place
		g.engine = g.place.Engine
	}
	g.dropRequest = 0 // an earlier incarnation forgot it
	s.leaveRecovery(ctx, g, ready)
	switch {
	case s.suspended():
	case !s.keeps(g):
		s.release(ctx, g)
		return
	case g.recoverAgain:
		g.recoverAgain = false
		s.spawnLater(ctx, g)
		return
	}
	s.advance(ctx, g)
}

// leaveRecovery: the inspector has read its journal, or failed to.
func (s *supervisor) leaveRecovery(ctx actor.Context, g *game, next phase) {
	if g.phase == recovering {
		s.recovering--
		s.spawnMore(ctx)
	}
	g.phase = next
	if s.adoption.tried(g) {
		s.tick(ctx)
	}
}

// inspected: the inspect that was asked for has ended.
func (s *supervisor) inspected(ctx actor.Context, g *game, ended inspected) {
	if ended.request != g.request {
		return
	}
	g.request, g.left = 0, false
	g.lastError = ended.err
	switch ended.outcome {
	case outcomeOK:
		g.since = time.Now()
		g.failedTries = 0
		s.answeredWell(g.asked.Engine)
	case outcomeNotFound:
		s.answeredWell(g.asked.Engine)
		s.Log.Debug("no such container", "game", g.id, "container", g.asked.Container, "engine", g.asked.Engine)
	case outcomeTimeout, outcomeError:
		f := failure{game: g.id, place: g.asked, err: ended.err, unreachable: ended.unreachable}
		switch {
		case ended.notJournaled:
			f.kind = notTaken
			s.answeredWell(g.asked.Engine)
		case ended.outcome == outcomeError && !ended.unreachable:
			s.pass.answeredBadly(g.asked.Engine)
		}
		s.pass.fail(f)
	case outcomeCutOff:
	}
	s.endInPass(g)
	if g.recoverAgain {
		g.recoverAgain = false
		s.spawnLater(ctx, g)
		return
	}
	s.advance(ctx, g)
}

// answeredWell: an Engine gave an inspect what it is to give.
func (s *supervisor) answeredWell(engine string) {
	s.pass.answeredWell(engine)
	s.outages.end(s.Log, outage{engineOutage, engine})
}

// closed: a game that left the list has nothing left to deliver.
func (s *supervisor) closed(ctx actor.Context, g *game, last drained) {
	if g.standing != offList || last.request != g.dropRequest {
		return // it came back meanwhile
	}
	g.phase = stopping
	ctx.Stop(g.pid)
}

// terminated forgets a game whose inspector is gone, or spawns another when the game came back meanwhile.
func (s *supervisor) terminated(ctx actor.Context, msg *actor.Terminated) {
	s.board.released.Delete(msg.Who.GetId())
	g := s.games[gameOf(msg.Who.GetId())]
	if g == nil || g.incarnation != incarnationOf(msg.Who.GetId()) {
		return
	}
	g.pid, g.phase = nil, absent
	g.observe(nil)
	if s.drained == nil { // else it may have stopped with what the journal lacks
		s.setBehind(g, 0)
	}
	if _, fenced := s.share.fenced[g]; fenced {
		return
	}
	if g.standing == onList && s.drained == nil {
		s.spawnLater(ctx, g)
		return
	}
	delete(s.games, g.id)
	g.request, g.pending = 0, 0
	s.finish(g)
}
