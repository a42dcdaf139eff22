package modeltest

import (
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// trace is what was to be seen of the node from outside, in the order in which it happened.
type trace struct {
	world *actorstest.World
	began time.Time

	mu     sync.Mutex
	all    []happening
	faults []fault
	// tooLarge numbers the events that the broker refused as too large before they arrived, in the order of the first
	// refusals, which is that of their detections. Those that arrived before that, and then came once more, have number
	// arrivedBefore: their first delivery was in order, and their refusal need not be. acked counts acknowledgements.
	tooLarge map[string]int
	acked    int64
	onChange bool
}

// happening is one of: a start of the node, the beginning of its end, a reading of the list, the beginning or the end of an
// inspect.
type happening struct {
	at      time.Duration
	kind    happeningKind
	reading *reading
	look    *look
}

type happeningKind int

const (
	started happeningKind = iota
	ending
	read
	lookBegan
	lookEnded
)

// reading is a reading of the running list.
type reading struct {
	began   time.Duration
	listing listing
	err     error
}

// listing is what the list said at a tick, and of which Engines' parts it said nothing.
type listing struct {
	Entries []actors.Entry
	Failed  map[string]error
}

// look is an inspect. Its numbers are those of its happenings; ended is -1 as long as it hangs.
type look struct {
	place        Place
	began, ended int
	beganAt      time.Duration
	endedAt      time.Duration
	seen         actors.Observation
	err          error
	wall         time.Time
	onChange     bool
}

// fault is a time in which the journal did not serve a game, or all games if it names none: from the happening from, up to
// and without the happening to. A slow journal is no failure: it only takes its time.
type fault struct {
	game     string
	slow     bool
	from, to int
	ended    time.Duration
}

const (
	never         = 1 << 62
	arrivedBefore = -1
)

func newTrace(w *actorstest.World) *trace {
	return &trace{world: w, began: time.Now(), tooLarge: map[string]int{}}
}

func (t *trace) now() time.Duration { return time.Since(t.began) }

func (t *trace) add(h happening) (number int) {
	h.at = t.now()
	t.all = append(t.all, h)
	return len(t.all) - 1
}

func (t *trace) started(onChange bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.onChange = onChange
	t.add(happening{kind: started})
}

func (t *trace) ended() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(happening{kind: ending})
}

func (t *trace) watchEngine(name string) {
	t.world.Engine(name).Watch = func(container string) func(actors.Observation, error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		l := &look{place: Place{container, name}, ended: -1, beganAt: t.now()}
		l.began = t.add(happening{kind: lookBegan, look: l})
		return func(seen actors.Observation, err error) {
			t.mu.Lock()
			defer t.mu.Unlock()
			l.seen, l.err, l.wall, l.endedAt = seen, err, t.world.Clock.Now(), t.now()
			l.onChange = t.onChange
			l.ended = t.add(happening{kind: lookEnded, look: l})
		}
	}
}

// watchList takes the readings of all parts, which begin and end together, for one.
func (t *trace) watchList(byEngine bool) {
	t.world.List.ByEngine = byEngine
	parts := 1
	if byEngine {
		parts = len(engines)
	}
	round := map[string][]actors.Entry{}
	failed := map[string]error{}
	t.world.List.Watch = func(engine string) func([]actors.Entry, error) {
		began := t.now()
		return func(entries []actors.Entry, err error) {
			t.mu.Lock()
			defer t.mu.Unlock()
			if round[engine] = entries; err != nil {
				failed[engine] = err
			}
			if len(round) < parts {
				return
			}
			all := reading{began: began, listing: listing{Failed: failed}}
			for _, e := range slices.Sorted(maps.Keys(round)) {
				all.listing.Entries = append(all.listing.Entries, round[e]...)
			}
			if len(failed) == parts {
				all.err = err
			}
			t.add(happening{kind: read, reading: &all})
			round, failed = map[string][]actors.Entry{}, map[string]error{}
		}
	}
}

func (t *trace) watchBroker() {
	t.world.Broker.Watch = func(_, eventID string, err error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		switch {
		case err == nil:
			t.acked++
		case errors.Is(err, actors.ErrTooLarge) && t.tooLarge[eventID] == 0:
			t.tooLarge[eventID] = len(t.tooLarge) + 1
			if slices.ContainsFunc(t.world.Broker.Arrived(), func(d actorstest.Delivery) bool { return d.UUID == eventID }) {
				t.tooLarge[eventID] = arrivedBefore
			}
		}
	}
}

// journalFails begins a fault for a game, or for all.
func (t *trace) journalFails(gameID string) { t.fault(fault{game: gameID}) }

// journalSlow begins a slow time; a journal that is too slow fails.
func (t *trace) journalSlow(d time.Duration) {
	for n := range t.faults {
		if f := &t.faults[n]; f.to == never && f.slow {
			f.to, f.ended = len(t.all), t.now()
		}
	}
	t.fault(fault{slow: d < 10*time.Second})
	if d >= 10*time.Second {
		t.fault(fault{slow: true}) // and it comes to its end slowly
	}
}

func (t *trace) fault(f fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.from, f.to = len(t.all), never
	t.faults = append(t.faults, f)
}

func (t *trace) journalMended() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for n := range t.faults {
		if f := &t.faults[n]; f.to == never {
			f.to, f.ended = len(t.all), t.now()
		}
	}
}

// lived sums up the time for which the ticks found games on the list.
func (t *trace) lived() time.Duration {
	ticks := 0
	for _, h := range t.all {
		if h.kind == read && h.reading.err == nil {
			ticks += len(h.reading.listing.Entries)
		}
	}
	return time.Duration(ticks) * interval
}
