package actors

import (
	"errors"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/actors/internal/stream"
)

// forgetOther ends the lifecycle of another container than this one. Where the journal doesn't take that, the lifecycle has ended all
// the same, also when the list shows the old container again: nothing is compared with it any more (H8).
func (i *inspector) forgetOther(place rules.Place) {
	if !i.writes.endOwed && !rules.IsAnother(i.state.Memory().Last, place, "") {
		return
	}
	i.timedOut = i.timedOut && i.writes.endOwed
	i.writes.endOwed = true
	if err := i.payEnd(); err != nil {
		i.writes.trouble = err.Error()
	}
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
		if i.state.Observed == nil && (keepReasons || i.state.Ended == nil) {
			return nil
		}
		ended := &stream.LifecycleEnded{At: stream.WallTime(i.Clock())}
		if keepReasons {
			ended.Reasons = i.state.Observed.Reasons
		}
		err = i.persist(ended)
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
