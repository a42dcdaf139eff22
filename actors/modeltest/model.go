// Package modeltest holds the node to a second, sequential and much simpler telling of the contract: random fleets live
// through random faults and crashes in virtual time, and what the node published must be what the model allows.
//
// This file is the model. It shares no code with the node: it knows the rules, and nothing of actors, journals or retries.
// The other files make up stories, let the real node live through them, and write down what was to be seen from outside.
package modeltest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Place is a container as the running list names it.
type Place struct{ Container, Engine string }

// Seen is an Engine's answer.
type Seen struct {
	ID            string
	Restarts      int64
	State, Health string
}

// Reasons of one observation (H2, H3, H4).
type Reasons struct{ Restarted, NotRunning, Unhealthy bool }

// Event is a published event without its id.
type Event struct {
	At        time.Time
	Type      string
	Container string
	Reasons   string // separated by spaces
	Restarts  int64
	State     string
	Health    string
}

func (e Event) String() string {
	return fmt.Sprintf("%s [%s] of %s at %s: %d restarts, %s, health %q",
		e.Type, e.Reasons, e.Container, e.At.Format("15:04:05.000"), e.Restarts, e.State, e.Health)
}

// Lifecycle is what the rules remember of a game.
type Lifecycle struct {
	// Watched: there is a baseline.
	Watched bool
	Place   Place
	// Last is the last observation; its restart count is the baseline.
	Last    Seen
	Reasons Reasons
	// Before are the reasons that the game's container before this one had at last, until this one's first observation (H8).
	Before Reasons
}

// end ends the lifecycle of a game that stays on the list.
func (l Lifecycle) end() Lifecycle {
	if l.Watched {
		return Lifecycle{Before: l.Reasons}
	}
	return l
}

// Observe applies H1–H8 to an observation. The event's type is empty when nothing is published.
func (l Lifecycle) Observe(at Place, seen Seen, onChange bool) (Lifecycle, Event) {
	if l.Place != at || l.Last.ID != seen.ID { // H8
		l = l.end()
	}
	now := Reasons{
		Restarted:  l.Watched && seen.Restarts > l.Last.Restarts, // H1, H2, H7
		NotRunning: seen.State != "running",                      // H3
		Unhealthy:  seen.Health == "unhealthy",                   // H4
	}
	event := Event{
		Type: l.publish(now, onChange), Container: at.Container, Reasons: now.String(),
		Restarts: seen.Restarts, State: seen.State, Health: seen.Health,
	}
	return Lifecycle{Watched: true, Place: at, Last: seen, Reasons: now}, event
}

// publish applies H6.
func (l Lifecycle) publish(now Reasons, onChange bool) string {
	before := l.Reasons
	if !l.Watched {
		before = l.Before
	}
	news := !l.Watched || now.Restarted || (now.NotRunning && !before.NotRunning) || (now.Unhealthy && !before.Unhealthy)
	sick := now != Reasons{}
	switch {
	case sick && (news || !onChange):
		return "inspect_unhealthy"
	case !sick && before != Reasons{} && onChange:
		return "inspect_recovered"
	default:
		return ""
	}
}

func (r Reasons) String() string {
	var names []string
	if r.Restarted {
		names = append(names, "restart_count_increased")
	}
	if r.NotRunning {
		names = append(names, "not_running")
	}
	if r.Unhealthy {
		names = append(names, "healthcheck_unhealthy")
	}
	return strings.Join(names, " ")
}

// Step is one thing that happened to a game, as it can be told from outside the node.
type Step struct {
	Kind Kind
	// Sure is false when a fault may have kept the node from taking it in, so that both may be: that it did, and that it
	// did not.
	Sure bool
	// Virtual is when it happened.
	Virtual time.Duration

	Place Place
	// Choice are the places in which the list has the game, in its order, if there are several (S6).
	Choice []Place
	// Missing are the Engines whose part of the list could not be read (S1).
	Missing map[string]error
	// Of an observation: its wall-clock time, the answer, and the rule for publishing.
	At       time.Time
	Seen     Seen
	OnChange bool
}

// Kind of a step.
type Kind int

// The kinds of step.
const (
	// Left: a reading of the list did not have the game (S2).
	Left Kind = iota
	// Listed: a reading of the list had the game in this place (H8).
	Listed
	// Observed: the Engine answered.
	Observed
)

func (s Step) String() string {
	text := s.Virtual.String() + ": "
	if !s.Sure {
		text += "perhaps "
	}
	switch s.Kind {
	case Left:
		return text + "off the list"
	case Listed:
		return text + "listed as " + s.Place.Container + " on " + s.Place.Engine
	default:
		return text + fmt.Sprintf("observed %s: %s, %d restarts, health %q, id %s",
			s.Place.Container, s.Seen.State, s.Seen.Restarts, s.Seen.Health, s.Seen.ID)
	}
}

// possibility is one way in which things can stand: what the node remembers, and how many of the events it has made.
type possibility struct {
	life         Lifecycle
	made, parked int
}

// Explain says how a game can stand after these steps, if exactly these events were first delivered in this order (P3).
// Parked events, which the broker refused as too large, keep an order of their own (P4).
func Explain(steps []Step, events, parked []Event) ([]Lifecycle, error) {
	madeBy, parkedBy := latest(steps, events), latest(steps, parked)
	possible := map[possibility]bool{{}: true}
	for n, step := range steps {
		next := map[possibility]bool{}
		for p := range possible {
			if !step.Sure {
				next[p] = true
			}
			p.take(step, events, parked, next)
		}
		maps.DeleteFunc(next, func(p possibility, _ bool) bool { return n >= madeBy[p.made] || n >= parkedBy[p.parked] })
		if len(next) == 0 {
			return nil, unexplained(steps[:n+1], possible, events, parked)
		}
		possible = next
	}
	var ends []Lifecycle
	for p := range possible {
		ends = append(ends, p.life)
	}
	return ends, nil
}

// latest returns for each event the last step that can have made it and leave time for those after it. A possibility that
// has not made it by then is none, and to follow it all the same would take for ever in a story with many faults. One that
// has made all of them is never late.
func latest(steps []Step, events []Event) []int {
	at := map[time.Time]int{}
	for n, s := range steps {
		if s.Kind == Observed {
			at[s.At] = n
		}
	}
	by := make([]int, len(events)+1)
	by[len(events)] = len(steps)
	for k := len(events) - 1; k >= 0; k-- {
		last, observed := at[events[k].At]
		if !observed {
			last = -1
		}
		by[k] = min(by[k+1], last)
	}
	return by
}

// rightChoice: of several entries the present lifecycle's counts, else the first (S6).
func (l Lifecycle) rightChoice(s Step) bool {
	if len(s.Choice) == 0 {
		return true
	}
	if l.Watched && slices.Contains(s.Choice, l.Place) {
		return s.Place == l.Place
	}
	return s.Place == s.Choice[0]
}

// take adds to next how things can stand after the step.
func (p possibility) take(step Step, events, parked []Event, next map[possibility]bool) {
	moved := p.life.Watched && (step.Kind == Left || step.Place != p.life.Place)
	switch {
	case step.Kind == Listed && !p.life.rightChoice(step): // S6
	case step.Kind != Observed && moved && step.Missing[p.life.Place.Engine] != nil: // S1
		next[p] = true
	case step.Kind == Left: // S2
		if !moved && len(step.Missing) > 0 { // the new container may be where nobody could look
			next[p] = true
		}
		p.life = Lifecycle{}
		next[p] = true
	case step.Kind == Listed && moved: // H8
		p.life = p.life.end()
		next[p] = true
	case step.Kind != Observed:
		next[p] = true
	default:
		var event Event
		p.life, event = p.life.Observe(step.Place, step.Seen, step.OnChange)
		if event.Type == "" {
			next[p] = true
			return
		}
		event.At = step.At
		if p.made < len(events) && events[p.made] == event {
			next[possibility{p.life, p.made + 1, p.parked}] = true
		}
		if p.parked < len(parked) && parked[p.parked] == event {
			next[possibility{p.life, p.made, p.parked + 1}] = true
		}
	}
}

// unexplained says what was to come and what came.
func unexplained(steps []Step, possible map[possibility]bool, events, parked []Event) error {
	var b strings.Builder
	b.WriteString("the published events are not those of the contract\n")
	for n, s := range steps {
		if len(steps)-n <= 8 {
			fmt.Fprintf(&b, "  %s\n", s)
		}
	}
	for p := range possible {
		last := steps[len(steps)-1]
		life := p.life
		if last.Kind == Observed {
			var must Event
			_, must = life.Observe(last.Place, last.Seen, last.OnChange)
			must.At = last.At
			fmt.Fprintf(&b, "if the node remembered %+v,\n  it had to publish: %s\n", life, must)
		}
		arrived := "nothing more"
		if p.made < len(events) {
			arrived = events[p.made].String()
		}
		fmt.Fprintf(&b, "  the next to arrive: %s (event %d of %d", arrived, p.made+1, len(events))
		if len(parked) > 0 {
			fmt.Fprintf(&b, ", and %d of %d that were once too large", p.parked, len(parked))
		}
		b.WriteString(")\n")
	}
	return fmt.Errorf("%s", b.String())
}
