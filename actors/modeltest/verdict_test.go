package modeltest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// slowness is how long a slow journal may keep an inspector from its next message.
const slowness = time.Minute

// judge compares what was to be seen with the model. It is called at the end, when the node is at rest.
func (d *driver) judge() error {
	histories, err := d.histories()
	if err != nil {
		return err
	}
	if err := d.judgeTicks(); err != nil {
		return err
	}
	status := map[string]actors.GameStatus{}
	for _, s := range d.world.Games() {
		status[s.GameID] = s
	}
	var open []string
	for n, g := range d.games {
		told := d.tell(g, len(d.games))
		if told.err != nil {
			return fmt.Errorf("%s: %w", g.id, told.err)
		}
		ends, err := Explain(told.steps, histories[n].events, histories[n].parked)
		if err != nil {
			return fmt.Errorf("%s: %w", g.id, err)
		}
		if err := g.judgeStatus(ends, status); err != nil {
			return fmt.Errorf("%s: %w", g.id, err)
		}
		if !g.left {
			open = append(open, g.id)
		}
	}
	if got := d.world.Journal.OpenStreams(); !slices.Equal(got, open) {
		return fmt.Errorf("open streams: %v, want those of the listed games %v", got, open)
	}
	for gauge, want := range map[string]int64{
		"healthactors_events_pending": 0,
		"healthactors_events_parked":  0,
		"healthactors_health_events":  d.acked, // P5
	} {
		if got := d.metrics.Sum(gauge); got != want {
			return fmt.Errorf("%s: %d, want %d", gauge, got, want)
		}
	}
	for _, engine := range engines {
		if most := d.world.Engine(engine).MostAtOnce(); most > d.world.Config.InspectConcurrency {
			return fmt.Errorf("S5: %d inspects at once on %s", most, engine)
		}
	}
	if n := d.world.Broker.Overlaps(); n > 0 {
		return fmt.Errorf("P3: %d publishes began while another of the game was under way", n)
	}
	return nil
}

// judgeStatus: at rest, the API says what the model remembers.
func (g *game) judgeStatus(ends []Lifecycle, status map[string]actors.GameStatus) error {
	s, listed := status[g.id]
	if listed == g.left {
		return fmt.Errorf("the game left the list: %t, the API shows it: %t", g.left, listed)
	}
	if g.left {
		return nil
	}
	for _, l := range ends {
		if l.Watched && s.Baseline != nil && *s.Baseline == l.Last.Restarts && s.State == l.Last.State &&
			s.Health == l.Last.Health && strings.Join(s.Reasons, " ") == l.Reasons.String() &&
			l.Place == (Place{s.ContainerID, s.Engine}) && l.Place == g.place && s.EventsPending == 0 {
			return nil
		}
	}
	return fmt.Errorf("the API says %+v, the model %+v", s, ends)
}

// history is what was delivered of a game's events, each at its first delivery. parked are those that were refused as too
// large before that: they may come at any time, and are put in the order of the refusals.
type history struct{ events, parked []Event }

func (d *driver) histories() ([]history, error) {
	all := make([]history, len(d.games))
	index := map[string]int{}
	for n, g := range d.games {
		index[g.id] = n
	}
	first := map[string]actorstest.Delivery{}
	refusals := make([][]int, len(d.games))
	for _, a := range d.world.Broker.Arrived() {
		id := a.Event.EventID
		if before, again := first[id]; again {
			if !bytes.Equal(before.Value, a.Value) || before.UUID != a.UUID || !maps.Equal(before.Metadata, a.Metadata) {
				return nil, fmt.Errorf("P2: event %s came as\n  %s %v\nand as\n  %s %v", id, before.Value, before.Metadata, a.Value, a.Metadata)
			}
			continue
		}
		first[id] = a
		n, known := index[a.Event.GameID]
		if !known || id == "" || id != a.UUID {
			return nil, fmt.Errorf("an event of no game or without its id: %s", a.Value)
		}
		e := Event{
			At: a.Event.OccurredAt, Type: a.Event.EventType, Container: a.Event.ContainerID,
			Reasons: strings.Join(a.Event.Reasons, " "), Restarts: a.Event.Details.RestartCount,
			State: a.Event.Details.State, Health: a.Event.Details.Health,
		}
		if number := d.tooLarge[id]; number > 0 {
			at, _ := slices.BinarySearch(refusals[n], number)
			refusals[n] = slices.Insert(refusals[n], at, number)
			all[n].parked = slices.Insert(all[n].parked, at, e)
		} else {
			all[n].events = append(all[n].events, e)
		}
	}
	return all, nil
}

// judgeTicks: the list is read at the start and then once an interval (S3), but for the readings that fall due while
// another is under way (S1).
func (d *driver) judgeTicks() error {
	var last *reading
	var start int
	for n, h := range d.all {
		switch {
		case h.kind == started:
			last, start = nil, n
		case h.kind != read:
		case last == nil:
			if startedAt := d.all[start].at; !d.faulty("", start, n, settling) && !d.slowAt(n) && h.reading.began != startedAt {
				return fmt.Errorf("S3: started at %s, first reading of the list at %s", startedAt, h.reading.began)
			}
			last = h.reading
		default:
			took := d.tookAt(n, last)
			missed := took / interval // readings that fell due meanwhile; one that falls due at its end may be either
			gap := h.reading.began - last.began
			inTime, late := missed*interval, missed*interval+interval //nolint:durationcheck // missed is a count
			if gap != late && (gap != inTime || took%interval != 0) {
				return fmt.Errorf("the list was read at %s and then at %s", last.began, h.reading.began)
			}
			last = h.reading
		}
	}
	return nil
}

// tookAt is how long the last reading before happening n took.
func (d *driver) tookAt(n int, last *reading) time.Duration {
	for n--; d.all[n].reading != last; n-- {
	}
	return d.all[n].at - last.began
}

// faulty says whether the journal may not have served a game between two happenings, or is not yet over it.
func (t *trace) faulty(game string, from, to int, tail time.Duration) bool {
	return slices.ContainsFunc(t.faults, func(f fault) bool {
		return !f.slow && (f.game == game || f.game == "" || game == "") && f.from <= to && (f.to > from || t.all[from].at-f.ended < tail)
	})
}

// slowAt says whether the journal takes its time, or has not yet come to the end of what it was slow with.
func (t *trace) slowAt(n int) bool {
	return slices.ContainsFunc(t.faults, func(f fault) bool {
		return f.slow && f.from <= n && (f.to > n || t.all[n].at-f.ended < slowness)
	})
}

// done returns the happening up to which the node may need to take in happening n.
func (t *trace) done(n int) int {
	if !t.slowAt(n) {
		return n
	}
	return t.until(t.all[n].at + slowness)
}

// until returns the last happening at or before a time.
func (t *trace) until(at time.Duration) int {
	return sort.Search(len(t.all), func(k int) bool { return t.all[k].at > at }) - 1
}

// endedIn says whether the node's life came to an end between two happenings.
func (t *trace) endedIn(from, to int) bool {
	for n := from; n <= to; n++ {
		if t.all[n].kind == ending {
			return true
		}
	}
	return false
}
