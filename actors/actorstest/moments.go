package actorstest

import (
	"slices"
	"sync"
)

// Step is one step of a node's work on one game, as the doubles see it.
type Step string

// The steps, in the order in which an observation goes through them.
const (
	// Inspect asks the Engine.
	Inspect Step = "inspect"
	// Observe journals an observation without a detection, Detect one with a detection (P1).
	Observe Step = "observe"
	Detect  Step = "detect"
	// Publish brings an event to the broker; after it the broker has the event and has not yet said so.
	Publish Step = "publish"
	// Acknowledge is the broker's answer.
	Acknowledge Step = "acknowledge"
	// Mark journals that events are delivered.
	Mark Step = "mark"
	// Claim journals that a node of a cluster has taken the game over.
	Claim Step = "claim"
	// EndLifecycle journals that a game left or got another container, CloseStream that nothing of it is left to deliver.
	EndLifecycle Step = "end the lifecycle"
	CloseStream  Step = "close the stream"
	// SaveSnapshot journals a snapshot.
	SaveSnapshot Step = "save a snapshot"
)

// Moment is the time just before or just after a step.
type Moment struct {
	game  string
	step  Step
	after bool
}

// Before is the moment before the next such step of the game.
func (g *Game) Before(step Step) Moment { return Moment{g.ID, step, false} }

// After is the moment after the next such step of the game.
func (g *Game) After(step Step) Moment { return Moment{g.ID, step, true} }

func (m Moment) String() string {
	if m.after {
		return "after " + string(m.step)
	}
	return "before " + string(m.step)
}

// When does something at the next such moment, in the middle of the node's work: do runs in the goroutine of the actor
// that takes the step, which waits for it. It may set faults and panic; it must not let time pass or end the spec.
func (w *World) When(m Moment, do func()) {
	w.moments.await(&awaited{Moment: m, do: func(*life) {
		w.timeline.spec("steps in %s, %s", m.game, m)
		do()
	}})
}

// moments are those that a spec waits for.
type moments struct {
	mu      sync.Mutex
	awaited []*awaited
}

// awaited is a moment, of one process or of any, and what to do at it.
type awaited struct {
	Moment
	process *Process
	do      func(at *life)
}

func (m *moments) await(a *awaited) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.awaited = append(m.awaited, a)
}

// reach does what was planned for a moment, once.
func (m *moments) reach(moment Moment, at *life) {
	for _, a := range m.take(moment, at.process) {
		a.do(at)
	}
}

func (m *moments) take(moment Moment, p *Process) (taken []*awaited) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.awaited = slices.DeleteFunc(m.awaited, func(a *awaited) bool {
		now := a.Moment == moment && (a.process == nil || a.process == p)
		if now {
			taken = append(taken, a)
		}
		return now
	})
	return taken
}
