package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

func killSQLite(o options) (row, error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	return s.killAgainAndAgain("`kill -9` at random moments, SQLite")
}

func killPostgres(o options) (row, error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	if err := s.usePostgres(); err != nil {
		return row{}, err
	}
	return s.killAgainAndAgain("`kill -9` at random moments, PostgreSQL")
}

// usePostgres has the nodes to come keep their journal in PostgreSQL.
func (s *stage) usePostgres() (err error) {
	if s.database, err = newDatabase(s.dir); err == nil {
		s.onClose(s.database.close)
	}
	return err
}

// killAgainAndAgain lets a node live for up to a second, and half of the times for a tenth of that, while games change.
func (s *stage) killAgainAndAgain(fault string) (row, error) {
	n, err := s.addReady(30*time.Second, binary)
	if err != nil {
		return row{}, err
	}
	s.fleet().start(s.changes)
	for k := range s.times {
		pause(time.Second, k%2 == 0)
		n.kill()
		died := time.Now()
		if err := s.settled(); err != nil {
			return row{}, err
		}
		if err := n.start(); err != nil {
			return row{}, err
		}
		if err := s.asked(died, n); err != nil {
			return row{}, fmt.Errorf("life %d: %w", k+2, err)
		}
	}
	return s.report(fault, fmt.Sprintf("%d times", s.times), time.Minute)
}

// pause waits at random.
func pause(most time.Duration, short bool) {
	if short {
		most /= 10
	}
	time.Sleep(rand.N(most))
}

// settled waits until the Engines have written down what they answered to a dead process, before another one comes.
func (s *stage) settled() error {
	time.Sleep(10 * time.Millisecond) // a last request may still lie in the socket
	for _, f := range s.fleets {
		if err := eventually(10*time.Second, "no inspect is under way", func() (bool, error) { return f.engine.InFlight() == 0, nil }); err != nil {
			return err
		}
	}
	return nil
}

// asked waits for the first answer that a new life gets, and notes how long that took.
func (s *stage) asked(since time.Time, n *node) error {
	err := eventually(30*time.Second, "node "+n.name+" inspects again", func() (bool, error) {
		if !n.running() {
			return false, fmt.Errorf("node %s has ended:\n%s", n.name, n.lastLogs())
		}
		all, _ := s.history.Count(since)
		return all > 0, nil
	})
	s.recovered = max(s.recovered, time.Since(since))
	return err
}
