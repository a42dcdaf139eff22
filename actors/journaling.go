package actors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"galaxy/healthactors/actors/internal/stream"
)

// A write that fails costs only what it would have written (R6): the inspector goes on, and an inspect under way too. Whether
// a failed write was done is unknown, so the stream is read anew BEFORE anything else is decided or written.

// writes is what an inspector knows of its own writes beyond the state that they made.
type writes struct {
	// unsettled: a write failed, and the stream may have what the state lacks.
	unsettled bool
	// found: the stream did, and what it detected may still be to be published.
	found bool
	// limbo are the events of which it is not known whether they were, or will still be, written at the next index: a
	// commit may come late. What is found there and is one of them is no other owner's.
	limbo []stream.Event
	// owed are the publisher's answers of which it is not known that a mark of them is written, the oldest first.
	owed []owedMark
	// endOwed: the game got another container, and the end of the old one's lifecycle is not known to be written. It has ended.
	endOwed bool
	// unshown: the journal did not show all parked events, which are still to be tried again (R7).
	unshown bool
	// trouble is why a mark or a snapshot could not be written, for the next report.
	trouble string
	// again is the timer that ends the wait for the next try to make good what failed, nil for none; tries counts them.
	again *time.Timer
	tries int
}

// mostLimbo bounds what is remembered of failed writes. A write that is forgotten and comes late all the same is taken for
// another owner's, which costs a recovery.
const mostLimbo = 8

// errReadAnew says that an event was not written because the stream had one more than the state, which has it now: what led
// to the event must be decided again.
var errReadAnew = errors.New("the stream had another event")

// persist journals an event, and only then applies it: a snapshot that protoactor asks for in between is the state before
// the event. It panics when another node has claimed the stream (C2), and with nothing else than that.
func (i *inspector) persist(event stream.Event) error {
	if err := i.settle(); err != nil {
		return err
	}
	err := i.append(event)
	if err == nil {
		i.state.Apply(event)
		i.writes.limbo = nil
		return nil
	}
	if errors.Is(err, ErrNotMember) || errors.Is(err, ErrConflict) && i.inCluster() && len(i.writes.limbo) == 0 {
		panic(journalFailure{err})
	}
	i.writes.unsettled = true
	if !errors.Is(err, ErrConflict) {
		if i.writes.limbo = append(i.writes.limbo, event); len(i.writes.limbo) > mostLimbo {
			i.writes.limbo = i.writes.limbo[1:]
		}
		return err
	}
	if err := i.settle(); err != nil {
		return err
	}
	return errReadAnew
}

// append has protoactor's persistence write an event, and returns the failure that it panics with.
func (i *inspector) append(event stream.Event) (err error) {
	defer recoverFailure(&err)
	i.PersistReceive(&eventToAppend{stream.Stored(event), i.state.Next})
	return nil
}

// mustPersist is persist where the inspector can't go on without: it fails, and is restarted after a pause.
func (i *inspector) mustPersist(event stream.Event) {
	if err := i.persist(event); err != nil {
		panic(journalFailure{err})
	}
}

// recoverFailure turns the panic of a journal's failure into an error; any other is a bug and goes on.
func recoverFailure(err *error) {
	switch p := recover().(type) {
	case nil:
	case journalFailure:
		*err = p
	default:
		panic(p)
	}
}

// settle reads the stream anew when a write has failed: what is stored counts. It panics when another node has written to it
// (C2), or when it has gone back in time (R4): the inspector recovers from what is left. On a node alone what somebody else has
// written is a late write of an inspector that failed.
func (i *inspector) settle() error {
	if !i.writes.unsettled {
		return nil
	}
	ctx, cancel := context.WithTimeout(i.process.ctx, journalTimeout)
	defer cancel()
	loaded, err := i.Journal.Load(ctx, i.gameID)
	if err != nil {
		return fmt.Errorf("read the stream after a failed write: %w", err)
	}
	read := readRecovery(loaded)
	beyond, own := i.state.Compare(read, i.writes.limbo)
	switch beyond {
	case stream.Nothing, stream.OwnEvent:
	case stream.OthersEvents:
		if i.inCluster() {
			panic(journalFailure{ErrConflict})
		}
		i.publishing = 0 // what was asked of the publisher may be settled already, and its answer would settle it twice
	case stream.WentBack:
		panic(journalFailure{errWentBack})
	}
	seen := i.state.Observed
	i.state = stream.Recover(read)
	_, observed := own.(*stream.Observed)
	_, ended := own.(*stream.LifecycleEnded)
	if beyond != stream.OthersEvents && !observed && !ended {
		i.state.Observed = seen // which may be newer than the journaled one that it equals
	}
	if beyond != stream.Nothing {
		i.writes.limbo = nil
		i.writes.found = true
	}
	i.applyOwed()
	i.writes.unsettled = false
	return nil
}

// errWentBack says that the journal lacks events that it had acknowledged (R4).
var errWentBack = errors.New("the journal has lost events of the game that it had acknowledged")

// countMisses takes note of what the journal did not show to the publisher, which looks again after a pause that grows with them.
func (i *inspector) countMisses(msg *published) {
	i.misses++
	switch {
	case msg.Missing:
		i.lookAgain()
	case len(msg.Unshown) > 0:
		i.writes.trouble = "the journal does not show all parked events"
	default:
		i.misses = 0
	}
	i.writes.unshown = i.writes.unshown || len(msg.Unshown) > 0
}

// lookAgain reads the stream anew because the journal showed none of the events that are still undelivered by this
// inspector's count. That settles nothing (R7): if the stream itself has them, the publisher looks again after a pause.
func (i *inspector) lookAgain() {
	pending := i.state.Delivery.Pending
	i.writes.unsettled = true
	if err := i.settle(); err != nil {
		i.writes.trouble = err.Error()
	} else if i.state.Delivery.Pending == pending {
		i.writes.trouble = fmt.Sprintf("the journal shows none of %d undelivered events", pending)
	}
}

// saveSnapshot saves the state, which may fail: a recovery reads more events then.
func (i *inspector) saveSnapshot() {
	if !i.state.Open {
		return // protoactor asks at the very first event too, when there is no state yet
	}
	if err := i.trySnapshot(); err != nil {
		i.writes.trouble = err.Error()
	}
}

func (i *inspector) trySnapshot() (err error) {
	defer recoverFailure(&err)
	snapshot, keepFrom := i.state.Snapshot()
	stored, gained := stream.StoredSnapshot(snapshot)
	i.PersistSnapshot(&snapshotToSave{stored, gained, i.state.Next, keepFrom})
	return nil
}
