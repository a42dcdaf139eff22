package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"
)

// clusterRolling stops and starts one member after the other, as an upgrade does. No game may wait longer than two ticks.
func clusterRolling(o options) (row, error) {
	c, err := newCluster(o, 3)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().start(c.changes)
	time.Sleep(c.interval)
	began := time.Now()
	for k := range c.times {
		for _, m := range c.members {
			if err := c.replace(m); err != nil {
				return row{}, fmt.Errorf("restart %d of node %s: %w", k+1, m.name, err)
			}
		}
	}
	time.Sleep(c.interval)
	longest := c.history.LongestWait(c.fleet().games, began.Add(-c.interval))
	c.recovered = longest
	r, err := c.report("rolling restart of three nodes by SIGTERM", fmt.Sprintf("%d times", c.times))
	r.note("no game waited for longer than %s between two inspects", round(longest))
	if most := 2 * c.interval; longest > most {
		err = errors.Join(err, fmt.Errorf("games waited for longer than two ticks: %s",
			strings.Join(c.history.Waited(most, began), ", ")))
	}
	return r, err
}

// replace stops a member in order, and starts it again at once.
func (c *clusterStage) replace(m *member) error {
	m.signal(sigterm)
	return errors.Join(m.ends(20*time.Second), m.start(), c.whole())
}

// clusterOverlap measures how long two members inspect one game at most, when one joins, leaves, dies or stands still.
func clusterOverlap(o options) (row, error) {
	c, err := newCluster(o, 3)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().start(c.changes)
	time.Sleep(3 * c.interval)
	harms := []struct {
		name string
		do   func(m *member) error
	}{
		{"leaves", func(m *member) error {
			m.signal(sigterm)
			return m.ends(20 * time.Second)
		}},
		{"joins", func(m *member) error { return errors.Join(m.start(), c.whole()) }},
		{"stands still for longer than its lease", func(m *member) error {
			m.signal(syscall.SIGSTOP)
			time.Sleep(c.span)
			m.signal(syscall.SIGCONT)
			return c.whole()
		}},
		{"is cut off from PostgreSQL", func(m *member) error {
			began := time.Now()
			m.database.refuse()
			time.Sleep(c.span)
			err := errors.Join(m.database.accept(), c.whole())
			c.doubts = append(c.doubts, doubt{int(m.life.Load()), began, time.Now()})
			return err
		}},
	}
	measured := make([]overlap, len(harms))
	var longest time.Duration
	for k := range c.times {
		m := c.members[k%len(c.members)]
		for n, h := range harms {
			from := time.Now()
			if err := h.do(m); err != nil {
				return row{}, fmt.Errorf("a node %s: %w", h.name, err)
			}
			time.Sleep(time.Second) // all have read the members anew
			measured[n] = measured[n].and(c.history.Overlap(from.Add(-3*c.interval), time.Now(), 3*c.interval))
			longest = max(longest, measured[n].longest)
		}
	}
	r, err := c.report("two nodes inspect one game", fmt.Sprintf("%d times each", c.times))
	for n, h := range harms {
		r.note("a node %s: for %s at most, %d inspects", h.name, measured[n].longest.Round(time.Millisecond), measured[n].inspects)
	}
	if longest > mostOverlap {
		err = errors.Join(err, fmt.Errorf("two nodes inspected one game for %s, longer than %s", round(longest), mostOverlap))
	}
	return r, err
}

// mostOverlap is how long two nodes may inspect one game, as docs/cluster.md says for the default lease: until the former
// owner has read the members anew, a sixth of the lease, with something to spare for a busy machine.
const mostOverlap = time.Second
