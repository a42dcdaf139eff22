package actors

import (
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// forgetOther ends the lifecycle of another container than this one. Where the journal doesn't take that, the lifecycle has ended all
// the same, also when the list shows the old container again: nothing is compared with it any more (H8).
func (i *inspector) forgetOther(at target) {
	if !i.writes.endOwed && !i.remembersOther(at) {
		return
	}
	i.timedOut = i.timedOut && i.writes.endOwed
	i.writes.endOwed = true
	if err := i.payEnd(); err != nil {
		i.writes.trouble = err.Error()
	}
}

// remembersOther says whether there is a baseline of another container than this one.
func (i *inspector) remembersOther(next target) bool {
	last := i.stream.observed
	return last != nil && (target{last.GetContainerId(), last.GetEngine()}) != next
}

// payEnd journals the end of the old container's lifecycle that is owed. Its reasons are kept until the new one's first
// observation (H8).
func (i *inspector) payEnd() error {
	if !i.writes.endOwed {
		return nil
	}
	err := i.endLifecycle(true)
	i.writes.endOwed = err != nil
	return err
}

// endLifecycle forgets the baseline. A game that got another container keeps its reasons; one that left the list keeps nothing.
func (i *inspector) endLifecycle(keepReasons bool) (err error) {
	for range 2 { // once more when the stream turns out to have another event
		if err = i.settle(); err != nil {
			return err
		}
		if i.stream.observed == nil && (keepReasons || i.stream.ended == nil) {
			return nil
		}
		ended := &v1.LifecycleEnded{At: timestamppb.New(i.Clock())}
		if keepReasons {
			ended.Reasons = i.stream.observed.GetReasons()
		}
		err = i.persist(&v1.JournalEvent{Kind: &v1.JournalEvent_LifecycleEnded{LifecycleEnded: ended}})
		if !errors.Is(err, errReadAnew) {
			return err
		}
	}
	return err
}

// mustEndLifecycle ends the lifecycle of a game that left the list; without that the inspector can't go on.
func (i *inspector) mustEndLifecycle() {
	i.cutOff()
	i.timedOut = false
	if err := i.endLifecycle(false); err != nil {
		panic(journalFailure{err})
	}
	i.writes.endOwed = false
}
