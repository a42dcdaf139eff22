package actorstest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// ErrDiskFull is the error of a journal that has no room.
var ErrDiskFull = errors.New("no space left on device")

// Stream has the faults of one game's stream in the journal, or of all streams. Each takes one value, whose zero value
// mends it, so that For can set it for a while.
type Stream struct {
	journal *Journal
	game    string
}

// Of returns the faults of one game's stream.
func (j *Journal) Of(gameID string) Stream { return Stream{j, gameID} }

// All returns the faults of the whole journal.
func (j *Journal) All() Stream { return Stream{journal: j} }

// journalFaults are the faults of one game's stream, or of all.
type journalFaults struct {
	fail, after, full, damaged, loads error
	delay                             time.Duration
	lag                               time.Duration
	panics, late                      bool
}

// call is what a fault may be limited to.
type call int

const (
	reads call = iota
	writes
)

// Fail makes every call fail before anything is read or written.
func (s Stream) Fail(err error) {
	s.set("fails", func(f *journalFaults) (before, after any) {
		before, f.fail = f.fail, err
		return before, err
	})
}

// FailLoads makes every recovery fail, and nothing else.
func (s Stream) FailLoads(err error) {
	s.set("can't be recovered", func(f *journalFaults) (before, after any) {
		before, f.loads = f.loads, err
		return before, err
	})
}

// FailAfter makes every append fail after it was written: the outcome is unknown to the writer.
func (s Stream) FailAfter(err error) {
	s.set("fails after the write", func(f *journalFaults) (before, after any) {
		before, f.after = f.after, err
		return before, err
	})
}

// Full makes every write fail; what is there can be read.
func (s Stream) Full(full bool) {
	s.set("is full", func(f *journalFaults) (before, after any) {
		before, f.full = f.full, map[bool]error{true: ErrDiskFull}[full]
		return before, f.full
	})
}

// Damage makes what is there unreadable, and so every call fail.
func (s Stream) Damage(damaged bool) {
	s.set("is damaged", func(f *journalFaults) (before, after any) {
		before, f.damaged = f.damaged, map[bool]error{true: actors.ErrDamaged}[damaged]
		return before, f.damaged
	})
}

// Lag makes the journal show only those undelivered events that were written so long ago, as a standby does that is behind.
func (s Stream) Lag(d time.Duration) {
	s.set("shows undelivered events late by", func(f *journalFaults) (before, after any) {
		before, f.lag = f.lag, d
		return before, d
	})
}

// Late makes every append fail and be written all the same, but only when the next append of the stream comes, or at Land, as
// a commit does whose answer was lost on the way.
func (s Stream) Late(late bool) {
	s.set("writes late", func(f *journalFaults) (before, after any) {
		before, f.late = f.late, late
		return before, late
	})
}

// Land writes what is late.
func (s Stream) Land() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.landLate(s.game)
}

// Slow makes every call take that long.
func (s Stream) Slow(d time.Duration) {
	s.set("takes", func(f *journalFaults) (before, after any) {
		before, f.delay = f.delay, d
		return before, d
	})
}

// set changes a fault and tells of it.
func (s Stream) set(what string, change func(*journalFaults) (before, after any)) {
	j := s.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.faults[s.game] == nil {
		j.faults[s.game] = &journalFaults{}
	}
	before, after := change(j.faults[s.game])
	if s.game != "" {
		what = "stream of " + s.game + " " + what
	}
	j.timeline.fault("journal", what, before, after)
}

// Checkpoint remembers what is written by now. rollBack takes back all that was written since and acknowledged, as a failover
// does to a standby that was behind.
func (j *Journal) Checkpoint() (rollBack func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	remembered := map[string]storedStream{}
	for gameID, s := range j.streams {
		c := *s
		c.events = slices.Clone(s.events)
		remembered[gameID] = c
	}
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.timeline.spec("takes the journal back to an earlier state")
		clear(j.streams)
		for gameID, s := range remembered {
			j.streams[gameID] = &s
		}
	}
}

// Fail makes every call for a game fail before anything is written, for all games when gameID is empty; nil mends it.
func (j *Journal) Fail(gameID string, err error) { j.Of(gameID).Fail(err) }

// FailAfter makes every append of a game fail after it was written: the outcome is unknown to the writer.
func (j *Journal) FailAfter(gameID string, err error) { j.Of(gameID).FailAfter(err) }

// Slow makes every call take that long.
func (j *Journal) Slow(d time.Duration) { j.All().Slow(d) }

// PanicOnce makes the next append of a game panic, in the goroutine of its inspector.
func (j *Journal) PanicOnce(gameID string) {
	j.Of(gameID).set("panics once", func(f *journalFaults) (before, after any) {
		before, f.panics = f.panics, true
		return before, true
	})
}

// panicIfTold is called with the lock held, which it gives back before it panics.
func (j *Journal) panicIfTold(gameID string) {
	if f := j.faults[gameID]; f != nil && f.panics {
		f.panics = false
		j.mu.Unlock()
		panic("the journal's double was told to panic")
	}
}

func (j *Journal) delayOf(gameID string) time.Duration {
	j.mu.Lock()
	defer j.mu.Unlock()
	d := j.faults[""].delay
	if f := j.faults[gameID]; f != nil {
		d = max(d, f.delay)
	}
	return d
}

// failure is why a call fails that changes nothing; the caller holds the lock.
func (j *Journal) failure(gameID string, c call) error {
	for _, f := range []*journalFaults{j.faults[gameID], j.faults[""]} {
		switch {
		case f == nil:
		case f.fail != nil:
			return f.fail
		case f.damaged != nil:
			return f.damaged
		case f.full != nil && c == writes:
			return f.full
		}
	}
	return nil
}

// lagOf is how far behind the undelivered events of a game are shown; the caller holds the lock.
func (j *Journal) lagOf(gameID string) time.Duration {
	d := j.faults[""].lag
	if f := j.faults[gameID]; f != nil {
		d = max(d, f.lag)
	}
	return d
}

func (j *Journal) failureAfter(gameID string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if f := j.faults[gameID]; f != nil && f.after != nil {
		return f.after
	}
	return j.faults[""].after
}

// journaled is an inspector's state as its stream in the journal has it.
type journaled struct {
	observed *v1.Observed
	pending  int64
	closed   bool
}

func (s journaled) after(event *v1.JournalEvent) journaled {
	switch kind := event.GetKind().(type) {
	case *v1.JournalEvent_Observed:
		s.observed, s.closed = kind.Observed, false
		if kind.Observed.GetDetection() != nil {
			s.pending++
		}
	case *v1.JournalEvent_LifecycleEnded:
		s.observed = nil
	case *v1.JournalEvent_DeliveryMarked:
		s.pending = kind.DeliveryMarked.GetPending()
	case *v1.JournalEvent_StreamClosed:
		s.closed = true
	}
	return s
}

// String names reasons by their rules, to be short.
func (s journaled) String() string {
	if s.closed {
		return "closed"
	}
	text := "no baseline"
	if s.observed != nil {
		text = fmt.Sprintf("baseline %d", s.observed.GetRestartCount())
		var rules []string
		for _, r := range s.observed.GetReasons() {
			rules = append(rules, ruleOf[r])
		}
		if len(rules) > 0 {
			text += fmt.Sprint(" ", rules)
		}
	}
	if s.pending > 0 {
		text += fmt.Sprintf(", %d pending", s.pending)
	}
	return text
}

var ruleOf = map[v1.Reason]string{
	v1.Reason_REASON_RESTART_COUNT_INCREASED: "H2",
	v1.Reason_REASON_NOT_RUNNING:             "H3",
	v1.Reason_REASON_HEALTHCHECK_UNHEALTHY:   "H4",
}

// stepOf says which step an event is.
func stepOf(event *v1.JournalEvent) Step {
	switch kind := event.GetKind().(type) {
	case *v1.JournalEvent_Observed:
		if kind.Observed.GetDetection() != nil {
			return Detect
		}
		return Observe
	case *v1.JournalEvent_DeliveryMarked:
		return Mark
	case *v1.JournalEvent_LifecycleEnded:
		return EndLifecycle
	case *v1.JournalEvent_Claimed:
		return Claim
	default:
		return CloseStream
	}
}

// said is an event in the words of the timeline.
type said struct{ event *v1.JournalEvent }

func (s said) String() string {
	switch kind := s.event.GetKind().(type) {
	case *v1.JournalEvent_Observed:
		what := "observed"
		if kind.Observed.GetBeginsLifecycle() {
			what += " for the first time"
		}
		if d := kind.Observed.GetDetection(); d != nil {
			what += ", detected " + d.GetEventId()
		}
		return what
	case *v1.JournalEvent_LifecycleEnded:
		return "lifecycle ended"
	case *v1.JournalEvent_DeliveryMarked:
		return fmt.Sprintf("delivered through #%d", kind.DeliveryMarked.GetThrough())
	case *v1.JournalEvent_Claimed:
		return "claimed by node " + kind.Claimed.GetNode()
	default:
		return "stream closed"
	}
}
