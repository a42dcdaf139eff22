package actorstest

import (
	"slices"
	"sync"
	"time"
)

// schedule is what a spec has planned, in the order of time.
type schedule struct {
	changed chan struct{}
	mu      sync.Mutex
	planned []appointment
}

type appointment struct {
	at time.Time
	do func()
}

func newSchedule() *schedule { return &schedule{changed: make(chan struct{}, 1)} }

func (s *schedule) add(at time.Time, do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.planned)
	for n > 0 && s.planned[n-1].at.After(at) {
		n--
	}
	s.planned = slices.Insert(s.planned, n, appointment{at, do})
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// due is when something is planned next, at the latest end.
func (s *schedule) due(end time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.planned) > 0 && s.planned[0].at.Before(end) {
		return s.planned[0].at
	}
	return end
}

// take takes out what is due now.
func (s *schedule) take() (next appointment, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.planned) == 0 || s.planned[0].at.After(time.Now()) {
		return appointment{}, false
	}
	next = s.planned[0]
	s.planned = s.planned[1:]
	return next, true
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
	for {
		select {
		case <-time.After(time.Until(w.schedule.due(end))):
		case <-w.schedule.changed:
			continue
		}
		w.rest()
		if next, ok := w.schedule.take(); ok {
			next.do()
		} else if !time.Now().Before(end) {
			return
		}
	}
}

// In plans something for a later time: it is done while time passes, when the node has come to rest from all else of that
// moment. What is planned for the same time is done in the order of planning.
func (w *World) In(d time.Duration, do func()) { w.schedule.add(time.Now().Add(d), do) }

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
