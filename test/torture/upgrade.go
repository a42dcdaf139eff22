package main

import (
	"errors"
	"fmt"
	"time"
)

// upgradeSQLite has the program of the newest release and the present one open each other's journal in a file, again and again:
// an upgrade, and the way back (C6). One ends in order, the next by `kill -9`.
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
	n, err := s.addReady(30*time.Second, binary)
	if err != nil {
		return row{}, err
	}
	s.fleet().start(s.changes)
	for k := range s.times {
		for _, program := range []string{before, binary} {
			time.Sleep(s.span)
			died, err := s.endHow(n, k%2 == 0)
			if err != nil {
				return row{}, err
			}
			n.program = program
			if err := errors.Join(s.settled(), n.start(), s.asked(died, n)); err != nil {
				return row{}, fmt.Errorf("round %d, %s: %w", k+1, program, err)
			}
		}
	}
	row, err := s.report("the release before on this one's journal and this one on that, SQLite", fmt.Sprintf("%d times", s.times), time.Minute)
	row.note("to %v and back", r)
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
