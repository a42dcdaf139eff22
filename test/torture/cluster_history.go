package main

import (
	"fmt"
	"slices"
	"time"
)

// doubt is a time in which the answers that a process got may have come to nothing, since its journal was out of reach (H10).
// Life 0 means all processes.
type doubt struct {
	life     int
	from, to time.Time
}

func (d doubt) covers(a Answer) bool {
	return (d.life == 0 || d.life == a.Life) && !a.At.Before(d.from) && !a.At.After(d.to)
}

// Tenures is the history as the judge must see that of a cluster. A process is another life when it comes back to a game that
// another one inspected or claimed meanwhile, and each answer in doubt is a life of its own: for the last that a process saw
// before it was replaced may have been refused by the journal (C2), and is not judged as lost.
func (h *History) Tenures(claims map[string][]time.Time, doubts []doubt) *History {
	h.mu.Lock()
	defer h.mu.Unlock()
	divided := NewHistory()
	divided.unsure = h.unsure
	tenure := 0
	for game, answers := range h.answers {
		claims := claims[game]
		answers = slices.Clone(answers)
		last, sure := 0, true
		for i, a := range answers {
			doubtful := slices.ContainsFunc(doubts, func(d doubt) bool { return d.covers(a) })
			claimed := false
			for len(claims) > 0 && !claims[0].After(a.At) {
				claimed, claims = true, claims[1:]
			}
			if a.Life != last || claimed || doubtful || !sure {
				tenure++
			}
			last, sure = a.Life, !doubtful
			answers[i].Life = tenure
		}
		divided.answers[game] = answers
	}
	return divided
}

// Last is a game's last answer.
func (h *History) Last(game string) Answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	answers := h.answers[game]
	if len(answers) == 0 {
		return Answer{}
	}
	return answers[len(answers)-1]
}

// First is when a game was first inspected since a time by another process than one.
func (h *History) First(game string, since time.Time, without int) (first time.Time, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range slices.Backward(h.answers[game]) {
		if a.At.Before(since) {
			break
		}
		if a.Life != without {
			first, ok = a.At, true
		}
	}
	return first, ok
}

// LastWait is the longest time between the last two answers of one of these games.
func (h *History) LastWait(games []string) (longest time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, game := range games {
		if answers := h.answers[game]; len(answers) > 1 {
			longest = max(longest, answers[len(answers)-1].At.Sub(answers[len(answers)-2].At))
		}
	}
	return longest
}

// Waited names the games that waited longer than a time between two answers since another, with the processes that gave them.
func (h *History) Waited(longer time.Duration, since time.Time) (games []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for game, answers := range h.answers {
		for i := len(answers) - 1; i > 0 && !answers[i-1].At.Before(since); i-- {
			if a, b := answers[i-1], answers[i]; b.At.Sub(a.At) > longer {
				games = append(games, fmt.Sprintf("%s from %s (life %d) to %s (life %d)", game, clock(a.At), a.Life, clock(b.At), b.Life))
			}
		}
	}
	return games
}

// overlap says how two processes inspected one game at the same time.
type overlap struct {
	// longest is the longest time from when one began to inspect a game, or began again, to the last inspect of the other.
	longest time.Duration
	// inspects are those of a game that another process had begun to inspect, and went on to.
	inspects int
}

// stretch is a time in which a process inspected a game without a long pause.
type stretch struct {
	life     int
	from, to time.Time
}

// Overlap looks at a time. A process that has not inspected a game for so long as the pause has stopped to inspect it.
func (h *History) Overlap(from, to time.Time, pause time.Duration) (o overlap) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, answers := range h.answers {
		answers = between(answers, from, to)
		stretches := stretchesOf(answers, pause)
		for i, a := range stretches {
			for _, b := range stretches[i+1:] {
				if a.life != b.life {
					o.longest = max(o.longest, earlier(a.to, b.to).Sub(later(a.from, b.from)))
				}
			}
		}
		for _, a := range answers {
			if slices.ContainsFunc(stretches, func(s stretch) bool { return s.life != a.Life && s.from.Before(a.At) && a.At.Before(s.to) }) {
				o.inspects++
			}
		}
	}
	return o
}

// Stale says the same of what one process did, from when it was let go on after a standstill.
func (h *History) Stale(life int, from, to time.Time, pause time.Duration) (o overlap) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, answers := range h.answers {
		answers = between(answers, from.Add(-pause), to)
		stretches := stretchesOf(answers, pause)
		for _, a := range answers {
			if a.Life == life && !a.At.Before(from) && slices.ContainsFunc(stretches, func(s stretch) bool {
				return s.life != life && s.from.Before(a.At) && a.At.Before(s.to)
			}) {
				o = o.and(overlap{a.At.Sub(from), 1})
			}
		}
	}
	return o
}

// and is both together.
func (o overlap) and(p overlap) overlap {
	return overlap{max(o.longest, p.longest), o.inspects + p.inspects}
}

// between are the answers of a time.
func between(answers []Answer, from, to time.Time) []Answer {
	first := slices.IndexFunc(answers, func(a Answer) bool { return !a.At.Before(from) })
	if first < 0 {
		return nil
	}
	answers = answers[first:]
	if end := slices.IndexFunc(answers, func(a Answer) bool { return a.At.After(to) }); end >= 0 {
		answers = answers[:end]
	}
	return answers
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func stretchesOf(answers []Answer, pause time.Duration) (all []stretch) {
	open := map[int]int{} // by life, the place of its last stretch
	for _, a := range answers {
		n, ok := open[a.Life]
		if !ok || a.At.Sub(all[n].to) > pause {
			n = len(all)
			open[a.Life] = n
			all = append(all, stretch{a.Life, a.At, a.At})
		}
		all[n].to = a.At
	}
	return all
}
