package actors

import (
	"container/list"
	"sync"
)

// turns shares out an Engine's slots (S5). Whoever waited longest goes first (S4), with one exception: games that timed
// out last time share a lane of at most a quarter of the slots, at least one, so that hung containers, however many,
// leave the rest to the others.
//
// It starts a goroutine when a slot is taken, not when one is asked for, and the goroutine takes turn after turn while
// games wait: a hundred thousand waiting games cost no stacks, and an inspect doesn't have to grow one.
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
	run     func()
	element *list.Element
}

func newTurns(slots int) *turns {
	return &turns{free: slots, laneFree: max(1, slots/4)}
}

// enqueue calls run from another goroutine when a slot is free. The slot is run's until it returns.
func (t *turns) enqueue(inLane bool, run func()) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := &turn{kind: ordinary, run: run, ticket: t.tickets}
	if inLane {
		w.kind = lane
	}
	t.tickets++
	w.element = t.waiting[w.kind].PushBack(w)
	if next := t.take(); next != nil {
		go t.serve(next)
	}
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

// serve runs a turn, and then those that its slot goes to.
func (t *turns) serve(w *turn) {
	for w != nil {
		w.run()
		w = t.pass(w)
	}
}

// pass gives a slot back, and takes it for the next turn if there is one.
func (t *turns) pass(w *turn) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free++
	if w.kind == lane {
		t.laneFree++
	}
	return t.take()
}

// take gives a free slot to whoever is first, if there are both; the caller holds the lock. One turn at most can begin
// whenever a game comes or a slot is given back, so nobody has to ask twice.
func (t *turns) take() *turn {
	if t.free == 0 {
		return nil
	}
	w := t.first()
	if w == nil {
		return nil
	}
	t.waiting[w.kind].Remove(w.element)
	w.element = nil
	t.free--
	if w.kind == lane {
		t.laneFree--
	}
	return w
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
