package actors

import (
	"time"

	"galaxy/healthactors/actors/internal/outbox"
	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/actors/internal/stream"
)

// The messages between a node's actors, which never leave the process. What an actor tells only itself stands beside it.

// inspect asks an inspector to look at its game's container once. Supervisor to Inspector.
type inspect struct {
	// request names this request; the report that answers it carries the same number.
	request uint64
	place   rules.Place
	// traceparent names the span of the tick that called for it, in the format of W3C's Trace Context; empty when ticks have none.
	traceparent string
	// cameBack: the game left the running list since the last inspect that ended: what is left of that lifecycle ends first (S2).
	cameBack bool
}

// drop tells an inspector that its game left the running list (S2). Supervisor to Inspector.
type drop struct {
	// request names this request; drained carries the same number.
	request uint64
}

// withdraw cuts off the inspect under way and starts no other; the inspector lives on to see its events delivered
// (S8). Supervisor to Inspector.
type withdraw struct{}

// report tells the supervisor what became of an inspector. Inspector to Supervisor.
type report struct {
	game string
	// incarnation tells this inspector from an earlier one of the same game.
	incarnation uint64
	cause       cause
	// observed is the lifecycle's last observation, nil before the first.
	observed *stream.Observed
	// pending and parked count the undelivered events; oldestPendingAt is zero where none is pending.
	pending, parked int64
	oldestPendingAt time.Time
	// journalError is why a delivery mark or a snapshot could not be written since the last report (R6).
	journalError string
	// behind: something that the inspector wrote is not known to be in the journal, or owed to it.
	behind bool
}

// cause says why a report is sent.
//
//sumtype:decl
type cause interface{ isCause() }

// recovered: the inspector has recovered from its journal and takes requests.
type recovered struct{}

// inspected: the inspect that this request asked for has ended.
type inspected struct {
	request uint64
	outcome outcome
	// err is what went wrong, for outcomes other than ok and cut off.
	err string
	// unreachable: the Engine can't be reached at all.
	unreachable bool
	// notJournaled: the Engine answered, and the journal could not take the observation.
	notJournaled bool
}

// deliveryChanged: the number of undelivered events changed.
type deliveryChanged struct{}

// drained: the lifecycle is over and nothing is left to deliver: the inspector can be stopped.
type drained struct{ request uint64 }

func (recovered) isCause()       {}
func (inspected) isCause()       {}
func (deliveryChanged) isCause() {}
func (drained) isCause()         {}

// publish says that a game has detections to be published. Inspector to Publisher.
type publish = outbox.Request[stream.Pending]

// published answers publish: some of the detections are settled. Publisher to Inspector.
type published = outbox.Settlement

// outcome is how an inspect ended.
type outcome uint8

const (
	outcomeOK outcome = iota + 1
	outcomeNotFound
	outcomeTimeout
	outcomeError
	// outcomeCutOff: its answer is no longer wanted.
	outcomeCutOff
)
