package sqljournal

import (
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// gatheringShare of what the last answer took is waited for those who come a moment later, and would wait for a whole answer
	// more. Less than gatheringLeast is not worth a timer: there the database is fast.
	gatheringShare = 16
	gatheringLeast = time.Millisecond
	gatheringMost  = 50 * time.Millisecond
)

// Gathering is the moment before a statement that many callers share.
type Gathering struct{ last atomic.Int64 }

// Wait waits for those who call at this very moment.
func (g *Gathering) Wait() {
	runtime.Gosched()
	if d := min(time.Duration(g.last.Load())/gatheringShare, gatheringMost); d >= gatheringLeast {
		time.Sleep(d)
	}
}

// Answered tells when the statement began that has just been answered.
func (g *Gathering) Answered(began time.Time) { g.last.Store(int64(time.Since(began))) }
