package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/actors/internal/stream"
)

// game is what the supervisor knows of a game: where it should be, what it asked the inspector for, and what the inspector
// last said of itself.
type game struct {
	id    string
	place rules.Place
	// standing says whether the game is on the running list.
	standing standing
	// left: it left the list, and no inspect has ended since: the inspector may not have been able to end the lifecycle.
	left bool
	// unhealthy: what was observed last has a reason. It spares those who count games a look at the observation of each.
	unhealthy bool
	// since is when the game was observed last, or else when it came onto the list.
	since time.Time

	pid         *actor.PID
	incarnation uint64
	phase       phase
	// failedTries in a row, and the timer that ends the pause after them.
	failedTries int
	failed      time.Time
	pause       *time.Timer

	// engine is where the stream's last lifecycle began, until the list says where the game runs.
	engine string
	// recoverAgain: what the inspector knows from the journal, or reads now, may be out of date.
	recoverAgain bool

	// due is the pass that called for an inspect which is not yet asked for, nil for none. inPass is the pass that waits for it.
	due    *pass
	inPass uint64
	// called is the last pass that called for an inspect, whatever became of it: a pass calls for a game once (S4).
	called uint64
	// request is the number of the inspect under way, 0 for none, and asked the container that it looks at.
	request uint64
	asked   rules.Place
	// dropRequest is the number of the Drop that the inspector was sent, 0 for none.
	dropRequest uint64

	observed      *stream.Observed
	pending       int64
	parked        int64
	oldestPending time.Time
	lastError     string
}

// observe takes in the inspector's last observation, nil for none.
func (g *game) observe(o *stream.Observed) {
	g.observed, g.unhealthy = o, o != nil && o.Reasons != 0
}

// seen is the last observation of this lifecycle, nil before the first. What was observed of an earlier container is none (H8).
func (g *game) seen() *stream.Observed {
	if g.observed == nil || rules.IsAnother(&g.observed.Observed, g.place, "") {
		return nil
	}
	return g.observed
}

// pauseMayEnd says whether a tick may restart a failing inspector before its pause is over: every game is inspected at every
// tick (S2), so that the pauses only bound the tries in between.
func (g *game) pauseMayEnd() bool {
	return g.phase == failing && time.Since(g.failed) >= restartBackoff.first
}

// standing says where a game stands with regard to the running list.
type standing byte

const (
	// unknown: its stream is open, and the list has not been read yet.
	unknown standing = iota
	onList
	// offList: it left; its inspector lives until everything is delivered (S2).
	offList
	// elsewhere: another member of the cluster has it now; its inspector is being stopped.
	elsewhere
	// unserved: no member of the cluster serves its Engine; its inspector only delivers.
	unserved
)

// mayBeListed says whether the running list decides about the game.
func (s standing) mayBeListed() bool { return s == unknown || s == onList }

// phase is the life of a game's inspector.
type phase byte

const (
	// absent: there is none.
	absent phase = iota
	// queued: it waits to be spawned, or restarted after a failure.
	queued
	// recovering: it reads its journal.
	recovering
	// ready: it takes requests.
	ready
	// failing: it failed, and is restarted after a pause.
	failing
	// stopping: it was told to stop.
	stopping
)
