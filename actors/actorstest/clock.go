package actorstest

import (
	"sync/atomic"
	"time"
)

// Clock is the wall clock: the bubble's time, which the spec can let jump.
type Clock struct {
	timeline *timeline
	offset   atomic.Int64
}

// Now is the time that observations are stamped with.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())).UTC() }

// Jump puts the clock forward, or back.
func (c *Clock) Jump(d time.Duration) { c.Offset(time.Duration(c.offset.Load()) + d) }

// Offset lets the clock go wrong by that much; 0 puts it right.
func (c *Clock) Offset(d time.Duration) {
	c.timeline.fault("wall clock", "is off by", time.Duration(c.offset.Load()), d)
	c.offset.Store(int64(d))
}
