package stream

import (
	"galaxy/healthactors/actors/internal/rules"
)

// State is the state of a game: the fold of its journaled events.
type State struct {
	// Next is the index of the next event.
	Next int64
	// Open from the first observation of a lifecycle until everything is ended and delivered.
	Open bool
	// Observed is the lifecycle's last observation without its detection, nil between lifecycles. It holds the baseline.
	Observed *Observed
	// Claimant is the process that claimed the stream last, as far as the events since the last snapshot tell (C2).
	Claimant string
	// Delivery says how far the detections are settled.
	Delivery DeliveryMarked
	Gained
}

// New returns the state at an index, from a snapshot that was made there; nil for none.
func New(next int64, snapshot *Snapshot) State {
	if snapshot == nil {
		return State{Next: next, Delivery: DeliveryMarked{Through: -1}}
	}
	return State{Next: next, Open: true, Observed: snapshot.Observed, Delivery: snapshot.Delivery, Gained: snapshot.Gained}
}

// Begin returns the state that a recovery's events are applied to. It is of the index From.
func Begin(r Recovery) State {
	s := New(r.From, r.Snapshot)
	if r.Gained != nil {
		s.Gained = r.Gained.at(r.From, s.Gained)
	}
	return s
}

// Recover returns the state that a recovery tells of.
func Recover(r Recovery) State {
	s := Begin(r)
	for _, event := range r.Events {
		s.Apply(event)
	}
	return s
}

// Apply takes the event at index Next into the state.
func (s *State) Apply(event Event) {
	s.apply(event)
	switch e := event.(type) {
	case *Observed:
		s.Open = true
		s.Observed = withoutDetection(e)
		if e.Detection != nil {
			s.addPending(e)
		}
	case *LifecycleEnded:
		s.Observed = nil
	case *DeliveryMarked:
		s.Delivery = *e
	case *Closed:
		s.Open = false
	case *Claimed:
		s.Claimant = e.Claimant
	case *Unknown:
	}
	s.Next++
}

// addPending counts one more detection that is to be published.
func (s *State) addPending(o *Observed) {
	if s.Delivery.Pending == 0 {
		s.Delivery.OldestPendingAt = o.At
	}
	s.Delivery.Pending++
}

// withoutDetection returns the observation for keeping: what was detected is in the journal.
func withoutDetection(o *Observed) *Observed {
	if o.Detection == nil {
		return o
	}
	kept := *o
	kept.Detection = nil
	return &kept
}

// Memory is what the rules know of the game's past.
func (s *State) Memory() rules.Memory {
	var m rules.Memory
	if s.Observed != nil {
		m.Last = &s.Observed.Observed
	}
	if s.Ended != nil {
		m.Ended = s.Ended.Reasons
	}
	return m
}

// Snapshot is the state to be saved, and the first index that must stay in the journal for what is not delivered.
func (s *State) Snapshot() (snapshot *Snapshot, keepFrom int64) {
	keepFrom = s.Next
	if s.Delivery.Pending > 0 {
		keepFrom = s.Delivery.Through + 1
	}
	for _, r := range s.Delivery.Parked {
		keepFrom = min(keepFrom, r.From)
	}
	return &Snapshot{Observed: s.Observed, Delivery: s.Delivery, Gained: s.Gained}, keepFrom
}

// Beyond is what a stream that was read anew has beyond what is known of it.
type Beyond uint8

const (
	// Nothing says that the state is that of the stream.
	Nothing Beyond = iota
	// OwnEvent says that it has one event more, and that was in doubt.
	OwnEvent
	// OthersEvents says that it has events that are somebody else's.
	OthersEvents
	// WentBack says that it lacks events that the state was made of (R4).
	WentBack
)

// Compare says what a stream that was read anew has beyond the state. inDoubt are the events of which it is not known
// whether they were written at the next index; the one that was is returned.
func (s *State) Compare(r Recovery, inDoubt []Event) (beyond Beyond, own Event) {
	known := s.Next - r.From
	switch {
	case known < 0:
		return OthersEvents, nil
	case known > int64(len(r.Events)):
		return WentBack, nil
	case known == int64(len(r.Events)):
		return Nothing, nil
	}
	late := r.Events[known]
	for _, event := range inDoubt {
		if known+1 == int64(len(r.Events)) && equal(event, late) {
			return OwnEvent, late
		}
	}
	return OthersEvents, nil
}
