// Package turns shares out the right to ask an Engine: who asks next, and how many ask at once (S4, S5).
package turns

import (
	"container/list"
	"sync"
)

// Queue shares out an Engine's slots (S5). Whoever waited longest goes first (S4), with one exception: games that timed
// out last time share a lane of at most a quarter of the slots, at least one, so that hung containers, however many,
// leave the rest to the others.
//
// It starts a goroutine when a slot is taken, not when one is asked for, and the goroutine serves turn after turn while
// games wait: a hundred thousand waiting games cost no stacks, and an inspect doesn't have to grow one.
type Queue struct {
	mu       sync.Mutex
	free     int
	laneFree int
	// Waiting games in the order in which they came, the lane's apart.
	waiting [2]list.List
	tickets uint64
}

// The kinds of turn.
const (
	ordinary = iota
	lane
)

// Turn is one game's wait for a slot.
type Turn struct {
	kind    int
	ticket  uint64
	run     func()
	element *list.Element
}

// New returns the queue of an Engine with that many slots; at least 1.
func New(slots int) *Queue {
	return &Queue{free: slots, laneFree: max(1, slots/4)}
}

// Enqueue calls run from another goroutine when a slot is free. The slot is run's until it returns.
func (q *Queue) Enqueue(inLane bool, run func()) *Turn {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := &Turn{kind: ordinary, run: run, ticket: q.tickets}
	if inLane {
		w.kind = lane
	}
	q.tickets++
	w.element = q.waiting[w.kind].PushBack(w)
	if next := q.take(); next != nil {
		go q.serve(next)
	}
	return w
}

// Withdraw takes a waiting game out of the queue. It says false when the game has its slot already.
func (q *Queue) Withdraw(w *Turn) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.element == nil {
		return false
	}
	q.waiting[w.kind].Remove(w.element)
	w.element = nil
	return true
}

// serve runs a turn, and then those that its slot goes to.
func (q *Queue) serve(w *Turn) {
	for w != nil {
		w.run()
		w = q.pass(w)
	}
}

// pass gives a slot back, and takes it for the next turn if there is one.
func (q *Queue) pass(w *Turn) *Turn {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free++
	if w.kind == lane {
		q.laneFree++
	}
	return q.take()
}

// take gives a free slot to whoever is first, if there are both; the caller holds the lock. One turn at most can begin
// whenever a game comes or a slot is given back, so nobody has to ask twice.
func (q *Queue) take() *Turn {
	if q.free == 0 {
		return nil
	}
	w := q.first()
	if w == nil {
		return nil
	}
	q.waiting[w.kind].Remove(w.element)
	w.element = nil
	q.free--
	if w.kind == lane {
		q.laneFree--
	}
	return w
}

// first is the longest waiting game whose turn may come now.
func (q *Queue) first() *Turn {
	var first *Turn
	if e := q.waiting[ordinary].Front(); e != nil {
		first = e.Value.(*Turn)
	}
	if e := q.waiting[lane].Front(); e != nil && q.laneFree > 0 {
		if w := e.Value.(*Turn); first == nil || w.ticket < first.ticket {
			first = w
		}
	}
	return first
}
