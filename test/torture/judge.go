package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"galaxy/healthactors/messages"
)

// Delivery is one message as it arrived. Deliveries of one partition are in its order.
type Delivery struct {
	Partition int32
	ID        string
	Type      string
	Game      string
	Container string
	At        time.Time // occurred_at
	Reasons   []string
	Restarts  int64
	State     string
	Health    string
	// Sum is a digest of the key, the value and all headers.
	Sum [32]byte
}

func (d Delivery) tells(a Answer) bool {
	return d.Container == a.Container && d.Restarts == a.Restarts && d.State == a.State && d.Health == a.Health
}

// Verdict says how what arrived (--emit=every-tick) departs from what happened. Each list names cases in words.
type Verdict struct {
	Answers, Events, Deliveries int
	// Lost: an observation that had a reason, and no event tells of it; or a restart that none reports.
	Lost []string
	// Invented: an event that no answer of the Engine bears out, or a reason in it.
	Invented []string
	// Twice: two events, under different ids, of one answer (P2).
	Twice []string
	// Reordered: the first delivery of an event came after that of a later one of the same game, or in another
	// partition (P3).
	Reordered []string
	// Altered: two deliveries of one event that are not the same bytes.
	Altered []string
}

// Holds says whether nothing departs.
func (v Verdict) Holds() bool {
	return len(v.Lost)+len(v.Invented)+len(v.Twice)+len(v.Reordered)+len(v.Altered) == 0
}

// Judge compares what arrived with what happened.
func Judge(h *History, arrived []Delivery) Verdict {
	v := Verdict{Deliveries: len(arrived)}
	byGame := map[string][]Delivery{}
	for _, d := range arrived {
		byGame[d.Game] = append(byGame[d.Game], d)
	}
	h.Each(func(game string, answers []Answer) bool {
		v.Answers += len(answers)
		v.judgeGame(game, answers, h, byGame[game])
		delete(byGame, game)
		return true
	})
	for _, game := range slices.Sorted(maps.Keys(byGame)) {
		v.Invented = append(v.Invented, fmt.Sprintf("%s: %d deliveries of a game that was never inspected", game, len(byGame[game])))
	}
	return v
}

func (v *Verdict) judgeGame(game string, answers []Answer, h *History, arrived []Delivery) {
	first := v.firstDeliveries(game, arrived)
	v.Events += len(first)
	told := v.match(game, answers, first)
	w := walk{verdict: v, game: game, rollbacks: h.rollbacks}
	sure := certain(answers, h.unsure)
	for i, a := range answers {
		w.step(a, told[i], sure[i])
	}
}

// firstDeliveries returns each event of a game as it came first, sorted by the time of its observation.
func (v *Verdict) firstDeliveries(game string, arrived []Delivery) []Delivery {
	seen := map[string][32]byte{}
	var first []Delivery
	for _, d := range arrived {
		if sum, ok := seen[d.ID]; ok {
			if sum != d.Sum {
				v.Altered = append(v.Altered, fmt.Sprintf("%s: event %s came with other bytes", game, d.ID))
			}
			continue
		}
		seen[d.ID] = d.Sum
		if n := len(first); n > 0 && (!d.At.After(first[n-1].At) || d.Partition != first[n-1].Partition) {
			v.Reordered = append(v.Reordered, fmt.Sprintf("%s: event %s of %s came after %s of %s",
				game, d.ID, clock(d.At), first[n-1].ID, clock(first[n-1].At)))
		}
		first = append(first, d)
	}
	slices.SortStableFunc(first, func(a, b Delivery) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	return first
}

// match finds the answer that each event tells of: the latest one before the event's time that says the same and that no
// earlier event tells of. It returns the events by the answer's place.
func (v *Verdict) match(game string, answers []Answer, events []Delivery) map[int]*Delivery {
	told := map[int]*Delivery{}
	last := -1
	for n := range events {
		d := &events[n]
		i, _ := slices.BinarySearchFunc(answers, d.At, func(a Answer, at time.Time) int {
			if a.At.After(at) {
				return 1
			}
			return -1
		})
		for i--; i > last && !d.tells(answers[i]); i-- {
		}
		switch {
		case i > last:
			told[i], last = d, i
		case last >= 0 && d.tells(answers[last]):
			v.Twice = append(v.Twice, fmt.Sprintf("%s: events %s and %s tell of the answer of %s",
				game, told[last].ID, d.ID, clock(answers[last].At)))
		default:
			v.Invented = append(v.Invented, fmt.Sprintf("%s: event %s of %s (%s, %d restarts, %s %s) tells of no answer",
				game, d.ID, clock(d.At), d.Container, d.Restarts, d.State, d.Health))
		}
	}
	return told
}

// walk follows a game through its answers with the baseline that the node must have.
type walk struct {
	verdict   *Verdict
	game      string
	container string
	baseline  int64
	known     bool
	// rollbacks are those that did not end before the last answer.
	rollbacks []Span
}

// step takes the next answer, the event that tells of it, nil for none, and whether it must have been decided on.
func (w *walk) step(a Answer, event *Delivery, sure bool) {
	if a.Container != w.container {
		w.container, w.known = a.Container, false // H8
	}
	for len(w.rollbacks) > 0 && a.At.After(w.rollbacks[0].From) {
		w.known = false
		if !a.At.After(w.rollbacks[0].To) {
			break
		}
		w.rollbacks = w.rollbacks[1:]
	}
	restarted := w.known && a.Restarts > w.baseline
	switch {
	case event != nil:
		w.checkReasons(a, event, restarted)
	case !sure:
		// It may have been decided on all the same, and then it lowered the baseline (H7).
		w.known = w.known && a.Restarts >= w.baseline
		return
	case a.sick() || restarted:
		w.verdict.Lost = append(w.verdict.Lost, fmt.Sprintf("%s: no event tells of the answer of %s (%d restarts after %d, %s %s)",
			w.game, clock(a.At), a.Restarts, w.baseline, a.State, a.Health))
	}
	w.baseline, w.known = a.Restarts, true
}

// checkReasons holds an event to the rules H1 to H5. What it reports of restarts is not judged while the baseline is unknown.
func (w *walk) checkReasons(a Answer, event *Delivery, restarted bool) {
	told := slices.Contains(event.Reasons, messages.ReasonRestartCountIncreased)
	if !w.known {
		restarted = told
	}
	var want []string
	for _, r := range []struct {
		holds bool
		name  string
	}{
		{restarted, messages.ReasonRestartCountIncreased},
		{a.notRunning(), messages.ReasonNotRunning},
		{a.unhealthy(), messages.ReasonHealthcheckUnhealthy},
	} {
		if r.holds {
			want = append(want, r.name)
		}
	}
	if restarted && !told {
		w.verdict.Lost = append(w.verdict.Lost, fmt.Sprintf("%s: event %s doesn't report the step from %d to %d restarts",
			w.game, event.ID, w.baseline, a.Restarts))
		return
	}
	if !slices.Equal(event.Reasons, want) || len(want) == 0 || event.Type != messages.InspectUnhealthy {
		w.verdict.Invented = append(w.verdict.Invented, fmt.Sprintf("%s: %s %s has the reasons %v, want %v (%d restarts after %d)",
			w.game, event.Type, event.ID, event.Reasons, want, a.Restarts, w.baseline))
	}
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05.000000") }
