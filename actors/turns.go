package actors

import (
	"container/list"
	"sync"
)

// turns shares out an Engine's slots (S5). Whoever waited longest goes first (S4), with one exception: games that timed
// out last time share a lane of at most a quarter of the slots, at least one, so that hung containers, however many,
// leave the rest to the others.
//
// It starts a goroutine when a turn comes, not when it is asked for: a hundred thousand waiting games cost no stacks.
type turns struct {
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

// turn is one game's wait for a slot.
type turn struct {
	kind    int
	ticket  uint64
	run     func(*turn)
	element *list.Element
}

func newTurns(slots int) *turns {
	return &turns{free: slots, laneFree: max(1, slots/4)}
}

// enqueue calls run in a goroutine of its own when a slot is free. run gives the slot back by calling done
// with the turn that it got.
func (t *turns) enqueue(inLane bool, run func(*turn)) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := &turn{kind: ordinary, run: run, ticket: t.tickets}
	if inLane {
		w.kind = lane
	}
	t.tickets++
	w.element = t.waiting[w.kind].PushBack(w)
	t.start()
	return w
}

// withdraw takes a waiting game out of the queue. It says false when its turn has come already.
func (t *turns) withdraw(w *turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.element == nil {
		return false
	}
	t.waiting[w.kind].Remove(w.element)
	w.element = nil
	return true
}

// done gives a slot back.
func (t *turns) done(w *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free++
	if w.kind == lane {
		t.laneFree++
	}
	t.start()
}

// start gives free slots to those who wait; the caller holds the lock.
func (t *turns) start() {
	for t.free > 0 {
		w := t.first()
		if w == nil {
			return
		}
		t.waiting[w.kind].Remove(w.element)
		w.element = nil
		t.free--
		if w.kind == lane {
			t.laneFree--
		}
		go w.run(w)
	}
}

// first is the longest waiting game whose turn may come now.
func (t *turns) first() *turn {
	var first *turn
	if e := t.waiting[ordinary].Front(); e != nil {
		first = e.Value.(*turn)
	}
	if e := t.waiting[lane].Front(); e != nil && t.laneFree > 0 {
		if w := e.Value.(*turn); first == nil || w.ticket < first.ticket {
			first = w
		}
	}
	return first
}
