package main

import (
	"errors"
	"fmt"
	"time"
)

// upgradeSQLite has the program of the newest release and the present one open each other's journal in a file, by turns: an upgrade,
// and the way back (C6). Each of the two ends in order, and by `kill -9`.
func upgradeSQLite(o options) (row, error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	before, r, err := s.buildRelease()
	if err != nil {
		return row{}, err
	}
	n, err := s.addReady(30*time.Second, before)
	if err != nil {
		return row{}, err
	}
	s.fleet().start(s.changes)
	programs := []string{binary, before}
	for k := range 2*s.times + 1 {
		time.Sleep(s.span)
		died, err := s.endHow(n, k%4 < 2)
		if err != nil {
			return row{}, err
		}
		n.program = programs[k%2]
		if err := errors.Join(s.settled(), n.start(), s.asked(died, n)); err != nil {
			return row{}, fmt.Errorf("turn %d, %s: %w", k+1, n.program, err)
		}
	}
	row, err := s.report("the release before and this one by turns on one journal, SQLite", fmt.Sprintf("%d times", s.times), time.Minute)
	row.note("%v and back", r)
	return row, err
}

// endHow ends a node, in order or as a crash does, and says when.
func (s *stage) endHow(n *node, inOrder bool) (at time.Time, err error) {
	if !inOrder {
		n.kill()
		return time.Now(), nil
	}
	n.signal(sigterm)
	err = n.ends(15 * time.Second)
	return time.Now(), err
}
