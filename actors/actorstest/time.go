package actorstest

import (
	"slices"
	"testing/synctest"
	"time"
)

// appointment is something that a spec has planned.
type appointment struct {
	at time.Time
	do func()
}

// Tick lets one interval pass, and with it one tick.
func (w *World) Tick() { w.Pass(w.Config.Interval) }

// Ticks lets n intervals pass.
func (w *World) Ticks(n int) {
	for range n {
		w.Tick()
	}
}

// Pass lets time pass, does what is planned for it, and returns when the node is quiet.
func (w *World) Pass(d time.Duration) {
	end := time.Now().Add(d)
	for len(w.schedule) > 0 && !w.schedule[0].at.After(end) {
		next := w.schedule[0]
		w.schedule = w.schedule[1:]
		time.Sleep(time.Until(next.at))
		synctest.Wait()
		next.do()
	}
	time.Sleep(time.Until(end))
	synctest.Wait()
}

// In plans something for a later time: it is done while time passes, when the node has come to rest from all else of that
// moment. What is planned for the same time is done in the order of planning.
func (w *World) In(d time.Duration, do func()) {
	at := time.Now().Add(d)
	n := len(w.schedule)
	for n > 0 && w.schedule[n-1].at.After(at) {
		n--
	}
	w.schedule = slices.Insert(w.schedule, n, appointment{at, do})
}

// Every plans something for every d from now on, until stop is called.
func (w *World) Every(d time.Duration, do func()) (stop func()) {
	stopped := false
	var again func()
	again = func() {
		if !stopped {
			do()
			w.In(d, again)
		}
	}
	w.In(d, again)
	return func() { stopped = true }
}

// For makes a fault that lasts a while. A fault is a method of a double or of a Game that takes one value, whose zero
// value mends it:
//
//	actorstest.For(w, time.Hour, w.Broker.Down, actorstest.ErrBrokerDown)
//	actorstest.For(w, 20*time.Second, game.Hang, true)
func For[V any](w *World, d time.Duration, fault func(V), value V) {
	fault(value)
	w.In(d, func() {
		var mended V
		fault(mended)
	})
}

// Clock is the wall clock: the bubble's time, which the spec can let jump.
type Clock struct {
	timeline *timeline
	offset   time.Duration
}

// Now is the time that observations are stamped with.
func (c *Clock) Now() time.Time { return time.Now().Add(c.offset).UTC() }

// Jump puts the clock forward, or back.
func (c *Clock) Jump(d time.Duration) { c.Offset(c.offset + d) }

// Offset lets the clock go wrong by that much.
func (c *Clock) Offset(d time.Duration) {
	c.timeline.spec("puts the wall clock from %s to %s off", c.offset, d)
	c.offset = d
}
