package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"galaxy/healthactors/adapters/docker/dockersim"
)

// lateGames are those whose first observation comes late. All fit into the slots of an Engine at once (S5).
const lateGames = 16

const fencedWrites = "healthactors_fenced_writes_total"

// clusterOpening holds a node's first appends to the streams of some games until its lease is over and another node has looked
// for what it left. The games have left the list by then, and the node dies before it can deliver anything (C8).
func clusterOpening(o options) (row, error) {
	c, late, err := withLateGames(o)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	var refused float64
	for k := range c.times {
		fenced, err := c.openLate(c.members[0], late)
		if err != nil {
			return row{}, fmt.Errorf("time %d: %w", k+1, err)
		}
		refused += fenced
	}
	r, err := c.report("a node's first appends held back until its lease is over", fmt.Sprintf("%d times", c.times))
	r.note("at least %v of them were refused; no stream was left open that nobody watched", refused)
	return r, err
}

// withLateGames are two nodes, and games on an Engine of their own that are not on the list yet.
func withLateGames(o options) (*clusterStage, *fleet, error) {
	s, err := newStage(o)
	if err != nil {
		return nil, nil, err
	}
	c := &clusterStage{stage: s}
	late := s.addFleet("late", lateGames)
	if err = s.usePostgres(); err == nil {
		err = c.grow(2)
	}
	if err == nil {
		err = c.listWithout("late")
	}
	if err == nil {
		err = c.onlyOpen(o.games)
	}
	if err != nil {
		c.close()
		return nil, nil, err
	}
	return c, late, nil
}

// listWithout writes the running list without the games of one Engine; "" leaves none out.
func (s *stage) listWithout(engine string) error {
	listed := map[string]*fleet{}
	for name, f := range s.fleets {
		if name != engine {
			listed[name] = f
		}
	}
	return writeList(filepath.Join(s.dir, "list.json"), listed)
}

// openLate does it once, to the late games of one member. It returns how many of its writes were refused.
func (c *clusterStage) openLate(m *member, late *fleet) (refused float64, err error) {
	from := time.Now()
	before, err := m.metrics()
	if err != nil {
		return 0, err
	}
	late.all(fallSick)
	late.engine.SetFault(dockersim.Fault{Delay: time.Second})
	if err := c.listWithout(""); err != nil {
		return 0, err
	}
	time.Sleep(800 * time.Millisecond) // a tick has begun to inspect them, and no Engine has answered
	freeLease, err := holdLease(c, m)
	if err != nil {
		return 0, err
	}
	release := m.database.hold()
	defer release()
	refused, err = c.refusedLate(m, before[fencedWrites], release)
	m.kill()
	if err = errors.Join(err, freeLease(), c.onlyOpen(c.games)); err != nil {
		return 0, err
	}
	late.engine.SetFault(dockersim.Fault{})
	c.doubts = append(c.doubts, doubt{0, from, time.Now()})
	if err := errors.Join(m.start(), c.listWithout(""), c.whole()); err != nil {
		return 0, err
	}
	return refused, errors.Join(c.well(time.Now(), time.Minute), c.listWithout("late"), c.onlyOpen(c.games))
}

// refusedLate lets a member's first appends arrive when its lease is over, and returns how many of its writes were refused.
func (c *clusterStage) refusedLate(m *member, before float64, release func()) (refused float64, err error) {
	time.Sleep(900 * time.Millisecond) // all have answered
	if err := c.listWithout("late"); err != nil {
		return 0, err
	}
	time.Sleep(7 * time.Second) // the lease is over, and the other node has looked for open streams twice
	release()
	err = eventually(3*time.Second, "first appends of node "+m.name+" were refused", func() (bool, error) {
		status, err := m.metrics()
		refused = status[fencedWrites] - before
		return err == nil && refused > 0, nil
	})
	return refused, err
}

// onlyOpen waits until so many streams are open, which are those of the games on the list.
func (c *clusterStage) onlyOpen(games int) error {
	db, err := sql.Open("pgx", c.database.direct)
	if err != nil {
		return err
	}
	defer db.Close()
	open := 0
	err = eventually(5*time.Second, fmt.Sprintf("%d streams are open", games), func() (bool, error) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return open == games, db.QueryRowContext(ctx, `SELECT count(*) FROM journal_streams WHERE closed_at = 0`).Scan(&open)
	})
	if err != nil {
		return fmt.Errorf("%w: %d are", err, open)
	}
	return nil
}
