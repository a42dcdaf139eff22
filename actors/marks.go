package actors

import (
	"slices"

	"github.com/asynkron/protoactor-go/actor"

	"galaxy/healthactors/actors/internal/stream"
)

// owedMark is an answer of the publisher that may not be journaled. The mark may lag: it only saves a second delivery.
type owedMark struct {
	answer stream.Settlement
	// mark is the state of the delivery after the answer; nil while the state that it was given to is not known.
	mark *stream.DeliveryMarked
}

// mostOwed bounds the answers that are owed: nothing is published until some are written. A crash delivers them again.
const mostOwed = 8

// tryAgain ends the wait for the next try to make good what failed.
type tryAgain struct{}

// markDelivered takes the publisher's answer into the state, and writes the mark, which may fail: it is written later then.
func (i *inspector) markDelivered(answer stream.Settlement) {
	if answer.Through >= i.state.Next {
		i.writes.unsettled = true // it found an event that the state lacks
	}
	i.writes.owed = append(i.writes.owed, owedMark{answer: answer})
	if !i.writes.unsettled {
		i.applyMark(&i.writes.owed[len(i.writes.owed)-1])
	}
	i.payMark()
}

func (i *inspector) applyMark(o *owedMark) {
	mark := i.state.Settle(o.answer)
	o.mark, i.state.Delivery = &mark, mark
}

// applyOwed takes what is owed into a state that was read anew, but for what that has already: a mark that was written all the
// same, or a snapshot, has all answers up to one.
func (i *inspector) applyOwed() {
	for n, owed := range slices.Backward(i.writes.owed) {
		if owed.mark != nil && i.state.Delivery.HasSettled(*owed.mark) {
			i.writes.owed = i.writes.owed[n+1:]
			break
		}
	}
	for n := range i.writes.owed {
		i.applyMark(&i.writes.owed[n])
	}
}

// payMark writes the mark that is owed, if the journal takes it.
func (i *inspector) payMark() {
	err := i.settle() // which may find that it is written
	if err == nil && len(i.writes.owed) > 0 {
		mark := i.state.Delivery
		err = i.persist(&mark)
	}
	if err != nil {
		i.writes.trouble = err.Error()
		return
	}
	i.writes.owed = nil
}

// catchUp makes good what earlier writes left undone: it finds out what became of them, writes the end and the mark that are owed, and
// has published what turns out to be detected. An error says that an observation can't be compared yet with what it must be.
func (i *inspector) catchUp(ctx actor.Context) error {
	if !i.writes.unsettled && !i.writes.found && len(i.writes.owed) == 0 && !i.writes.endOwed {
		return nil
	}
	if err := i.settle(); err != nil {
		return err
	}
	if err := i.payEnd(); err != nil {
		return err
	}
	i.payMark()
	i.writes.found = false
	i.publish(ctx, nil, nil)
	return nil
}

// tryLater has what failed made good after a pause that grows with each try, also when no inspect comes that does it: the list
// may be out of reach, or the node stop.
func (i *inspector) tryLater(ctx actor.Context) {
	switch w := i.writes; {
	case w == nil:
	case !w.unsettled && !w.found && !w.unshown && len(w.owed) == 0 && !w.endOwed && len(w.limbo) == 0 && w.trouble == "" && w.again == nil:
		i.writes = nil
	case !w.unsettled && !w.unshown && len(w.owed) == 0:
		w.tries = 0
	case w.again == nil:
		w.tries++
		self := ctx.Self()
		w.again = i.process.after(restartBackoff.pause(max(w.tries, i.misses), i.Jitter()), self, tryAgain{})
	}
}

// tryNow ends the pause.
func (i *inspector) tryNow(ctx actor.Context) {
	i.writes.again = nil
	if err := i.catchUp(ctx); err != nil {
		i.writes.trouble = err.Error()
	}
	i.tryParked(ctx)
	i.report(ctx, deliveryChanged{})
	i.drain(ctx)
}

// tryParked has the parked events looked for again that the journal did not show (R7). Until then the game's later events go
// on (P4): they don't wait for this.
func (i *inspector) tryParked(ctx actor.Context) {
	if i.writes.unshown = i.writes.unshown && len(i.state.Delivery.Parked) > 0; i.writes.unshown {
		i.publish(ctx, nil, i.state.Delivery.Parked)
	}
}

// stopTrying ends the wait for good.
func (i *inspector) stopTrying() {
	if i.writes != nil && i.writes.again != nil {
		i.writes.again.Stop()
	}
}
