package actorstest

import (
	"fmt"
	"sync/atomic"
	"testing/synctest"
	"time"
)

// stuckAfter is how long, in real time, a step of a spec may take. A node that never comes to rest would keep a spec from
// ending; virtual time stands still meanwhile.
var stuckAfter = time.Minute

// watchdog ends the test run, with the timeline, when a spec is stuck. It lives outside of the spec's bubble.
type watchdog struct {
	world   atomic.Pointer[World]
	steps   atomic.Int64
	stopped chan struct{}
}

func newWatchdog() *watchdog {
	d := &watchdog{stopped: make(chan struct{})}
	go d.watch()
	return d
}

func (d *watchdog) watch() {
	for before := int64(-1); ; before = d.steps.Load() {
		select {
		case <-d.stopped:
			return
		case <-time.After(stuckAfter):
		}
		if w := d.world.Load(); w != nil && d.steps.Load() == before {
			panic(fmt.Sprintf("%s: the node has not come to rest for %s\n%s", w.T.Name(), stuckAfter, w.timeline.table(false)))
		}
	}
}

func (d *watchdog) stop() { close(d.stopped) }

// rest waits until the nodes are quiet.
func (w *World) rest() {
	w.watchdog.steps.Add(1)
	synctest.Wait()
	w.watchdog.steps.Add(1)
}
