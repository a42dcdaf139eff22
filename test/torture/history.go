package main

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Answer is one answer that the simulated Engine gave to an inspect. Nobody knows whether it arrived.
type Answer struct {
	At time.Time
	// Life is the process that asked. A node that is killed and started again is another life.
	Life      int
	Container string
	Restarts  int64
	State     string
	Health    string
}

func (a Answer) notRunning() bool { return a.State != "running" }
func (a Answer) unhealthy() bool  { return a.Health == "unhealthy" }
func (a Answer) sick() bool       { return a.notRunning() || a.unhealthy() }

// Span is a time during which something is not known. The judge's spans are those in which an answer may have come to nothing
// for a reason that the contract allows: the journal could not take it, or the node did not get to read it (H10); and those in
// which a game's baseline may have gone back (R4).
type Span struct{ From, To time.Time }

// History is what really happened, as the world outside of the node knows it. Its methods may be called at once.
type History struct {
	mu      sync.Mutex
	answers map[string][]Answer
	unsure  []Span
	// rollbacks are the times in which the journal lost what it had last, and the node came to know it.
	rollbacks []Span
}

// NewHistory makes one in which nothing has happened yet.
func NewHistory() *History { return &History{answers: map[string][]Answer{}} }

// Add notes an answer about a game. Those of one game come in their order.
func (h *History) Add(game string, a Answer) {
	a.At = a.At.Round(0)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[game] = append(h.answers[game], a)
}

// Unsure notes a time in which answers may have come to nothing.
func (h *History) Unsure(from, to time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unsure = append(h.unsure, Span{from.Round(0), to.Round(0)})
}

// RolledBack notes that the journal lost its last commits at some moment between from and to, and that the node knew it by then.
// What a game's baseline is, is not known in this time and at the first decision after it: restarts may be reported again (R4).
func (h *History) RolledBack(from, to time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rollbacks = append(h.rollbacks, Span{from.Round(0), to.Round(0)})
}

// Count counts the answers since a time, and those of them that are sick.
func (h *History) Count(since time.Time) (all, sick int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, answers := range h.answers {
		for _, a := range slices.Backward(answers) {
			if a.At.Before(since) {
				break
			}
			all++
			if a.sick() {
				sick++
			}
		}
	}
	return all, sick
}

// Fewest is the least number of answers that one of these games got in a time.
func (h *History) Fewest(games []string, from, to time.Time) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	fewest := math.MaxInt
	for _, game := range games {
		count := 0
		for _, a := range slices.Backward(h.answers[game]) {
			if a.At.Before(from) {
				break
			}
			if !a.At.After(to) {
				count++
			}
		}
		fewest = min(fewest, count)
	}
	return fewest
}

// LongestWait is the longest time between two answers of one of these games, since a time.
func (h *History) LongestWait(games []string, since time.Time) (longest time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, game := range games {
		answers := h.answers[game]
		for i := len(answers) - 1; i > 0 && !answers[i-1].At.Before(since); i-- {
			longest = max(longest, answers[i].At.Sub(answers[i-1].At))
		}
	}
	return longest
}

// Each calls f with every game and its answers in order, until f returns false. Nothing may be added meanwhile.
func (h *History) Each(f func(game string, answers []Answer) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for game, answers := range h.answers {
		if !f(game, answers) {
			return
		}
	}
}

// certain tells of each answer whether it must have been decided on: the same process asked for the same container again,
// which it does only when the inspect before has ended (S4). The last answer that a process got may have died with it.
func certain(answers []Answer, unsure []Span) []bool {
	is := make([]bool, len(answers))
	asked := map[int]string{} // by life, the container that is asked for later
	for i, a := range slices.Backward(answers) {
		is[i] = asked[a.Life] == a.Container && !within(a.At, unsure)
		asked[a.Life] = a.Container
	}
	return is
}

func within(t time.Time, spans []Span) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return !t.Before(s.From) && !t.After(s.To) })
}
