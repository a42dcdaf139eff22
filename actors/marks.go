package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// owedMark is an answer of the publisher that may not be journaled. The mark may lag: it only saves a second delivery.
type owedMark struct {
	answer *v1.Published
	// mark is the state of the delivery after the answer.
	mark *v1.DeliveryMarked
}

// mostOwed bounds the answers that are owed: nothing is published until some are written. A crash delivers them again.
const mostOwed = 8

// tryAgain ends the wait for the next try to make good what failed.
type tryAgain struct{}

// markDelivered takes the publisher's answer into the state, and writes the mark, which may fail: it is written later then.
func (i *inspector) markDelivered(msg *v1.Published) {
	if msg.GetThrough() >= i.stream.next {
		i.writes.unsettled = true // it found an event that the state lacks
	}
	i.writes.owed = append(i.writes.owed, owedMark{answer: msg})
	if !i.writes.unsettled {
		i.applyMark(&i.writes.owed[len(i.writes.owed)-1])
	}
	i.payMark()
}

func (i *inspector) applyMark(o *owedMark) {
	o.mark = i.stream.settle(o.answer)
	i.stream.delivery = o.mark
}

// applyOwed takes what is owed into a state that was read anew, but for what that has already: a mark that was written all the
// same, or a snapshot, has all answers up to one.
func (i *inspector) applyOwed() {
	for n := len(i.writes.owed) - 1; n >= 0; n-- {
		if i.writes.owed[n].isIn(i.stream.delivery) {
			i.writes.owed = i.writes.owed[n+1:]
			break
		}
	}
	for n := range i.writes.owed {
		i.applyMark(&i.writes.owed[n])
	}
}

// isIn says whether a delivery is the one after the answer. Detections that came since change neither how far it goes nor
// what is parked.
func (o *owedMark) isIn(d *v1.DeliveryMarked) bool {
	return o.mark != nil && o.mark.GetThrough() == d.GetThrough() &&
		proto.Equal(&v1.DeliveryMarked{Parked: o.mark.GetParked()}, &v1.DeliveryMarked{Parked: d.GetParked()})
}

// payMark writes the mark that is owed, if the journal takes it.
func (i *inspector) payMark() {
	err := i.settle() // which may find that it is written
	if err == nil && len(i.writes.owed) > 0 {
		err = i.persist(i.markEvent())
	}
	if err != nil {
		i.writes.trouble = err.Error()
		return
	}
	i.writes.owed = nil
}

func (i *inspector) markEvent() *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: i.stream.delivery}}
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
	case !w.unsettled && !w.found && len(w.owed) == 0 && !w.endOwed && len(w.limbo) == 0 && w.trouble == "" && w.again == nil:
		i.writes = nil
	case !w.unsettled && len(w.owed) == 0:
		w.tries = 0
	case w.again == nil:
		i.writes.tries++
		self := ctx.Self()
		i.writes.again = time.AfterFunc(restartBackoff.pause(i.writes.tries, i.Jitter()), func() { i.system.Root.Send(self, tryAgain{}) })
	}
}

// tryNow ends the pause.
func (i *inspector) tryNow(ctx actor.Context) {
	i.writes.again = nil
	if err := i.catchUp(ctx); err != nil {
		i.writes.trouble = err.Error()
	}
	i.report(ctx, &v1.Report{Cause: &v1.Report_DeliveryChanged{DeliveryChanged: &v1.DeliveryChanged{}}})
	i.drain(ctx)
}

// stopTrying ends the wait for good.
func (i *inspector) stopTrying() {
	if i.writes != nil && i.writes.again != nil {
		i.writes.again.Stop()
	}
}
