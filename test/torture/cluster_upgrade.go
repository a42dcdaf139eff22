package main

import (
	"errors"
	"fmt"
	"time"
)

// clusterUpgrade runs the program of the newest release beside the present one, on one journal, and has each take over from the
// other (C6).
func clusterUpgrade(o options) (row, error) {
	c, err := newCluster(o, 0)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	before, r, err := c.buildRelease()
	if err != nil {
		return row{}, err
	}
	if err := errors.Join(c.addMember("old", before), c.addMember("new", binary), c.whole()); err != nil {
		return row{}, err
	}
	c.fleet().start(c.changes)
	time.Sleep(2 * c.interval)
	for range c.times {
		for _, m := range c.members {
			if err := c.replace(m); err != nil {
				return row{}, fmt.Errorf("restart of node %s: %w", m.name, err)
			}
			if _, err := c.silence(m, m.kill); err != nil {
				return row{}, fmt.Errorf("death of node %s: %w", m.name, err)
			}
			if err := errors.Join(m.start(), c.whole()); err != nil {
				return row{}, fmt.Errorf("return of node %s: %w", m.name, err)
			}
		}
	}
	row, err := c.report("the release before beside this one: a stop and a `kill -9` of either", fmt.Sprintf("%d times", c.times))
	row.note("beside %v", r)
	return row, err
}
