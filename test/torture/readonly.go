package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// postgresStandby restarts the primary of two hosts again and again. Each time some sessions find the other host, a standby
// that knows of nothing that happened in the last two seconds, while a slow broker has events wait in the journal.
func postgresStandby(o options) (row, error) {
	const late, slow = 2 * time.Second, 50 * time.Millisecond
	s, n, err := besideStandby(o, late, slow)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	for k := range s.times {
		s.fleet().start(s.changes)
		time.Sleep(s.span)
		s.fleet().stop() // healthy games write nothing, and so the writer does not miss its server
		if err := errors.Join(n.ticks(2, time.Minute), n.drained(time.Minute)); err != nil {
			return row{}, err
		}
		from := time.Now()
		if err := s.restartUnderScrapes(n); err != nil {
			return row{}, fmt.Errorf("restart %d: %w", k+1, err)
		}
		if err := s.well(from, time.Minute); err != nil {
			return row{}, err
		}
		s.inDoubt(from)
	}
	s.fleet().start(s.changes)
	time.Sleep(s.span)
	if err := s.lively(n); err != nil {
		return row{}, err
	}
	return s.report(fmt.Sprintf("PostgreSQL restarted beside a hot standby that is %s late, both in the journal's URL; a slow broker", late),
		fmt.Sprintf("%d times", s.times), time.Minute)
}

// besideStandby is a node whose journal has two hosts.
func besideStandby(o options, late, slow time.Duration) (*stage, *node, error) {
	return withPostgres(o, func(s *stage) error {
		b, err := s.fake()
		if err != nil {
			return err
		}
		b.beSlow(slow)
		return s.database.addStandby(late)
	})
}

// restartUnderScrapes restarts the database while somebody asks for the metrics.
func (s *stage) restartUnderScrapes(n *node) error {
	if err := s.database.down(); err != nil {
		return err
	}
	for away := time.Now(); time.Since(away) < time.Second; time.Sleep(20 * time.Millisecond) {
		if _, err := n.metrics(); err != nil {
			return err
		}
	}
	return s.database.up()
}

// postgresReadOnly has the database be read-only for a while, for all sessions that are opened then.
func postgresReadOnly(o options) (row, error) {
	s, n, err := onPostgres(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	from := time.Now()
	if err := s.readOnlySpell(n, "lost the lock on the journal"); err != nil {
		return row{}, err
	}
	back := time.Now()
	err = eventually(time.Minute, "the lock is back", func() (bool, error) { return n.logged("got the lock on the journal back") > 0, nil })
	if err := errors.Join(err, s.well(back, time.Minute), s.rival("held by node")); err != nil {
		return row{}, err
	}
	s.inDoubt(from)
	if err := s.lively(n); err != nil {
		return row{}, err
	}
	return s.report("PostgreSQL read-only, all sessions ended again and again", s.span.String(), time.Minute)
}

// readOnlySpell makes the database read-only for the span, in which nodes live on, one of them says something, and nobody else
// is let into the journal.
func (s *stage) readOnlySpell(n *node, said string) error {
	began := time.Now()
	if err := s.database.readOnly(); err != nil {
		return err
	}
	for time.Since(began) < s.span {
		if err := errors.Join(s.rival("read-only"), s.database.terminate()); err != nil {
			return err
		}
		if _, err := n.get("/livez"); err != nil {
			return fmt.Errorf("while PostgreSQL is read-only: %w", err)
		}
		time.Sleep(time.Second)
	}
	if n.logged(said) == 0 || n.logged("read-only") == 0 {
		return fmt.Errorf("node %s has not said that it %s, since PostgreSQL is read-only:\n%s", n.name, said, n.lastLogs())
	}
	return s.database.readWrite()
}

// rival starts another single node on the journal, which must be told why it can't have it.
func (s *stage) rival(why string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, binary, "run", "--journal="+s.database.url(), "--http=", "--running-list=file:/dev/null").CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 || !strings.Contains(string(output), why) {
		return fmt.Errorf("another node on the same journal: %w, want exit code 1 and %q:\n%s", err, why, output)
	}
	return nil
}

// clusterReadOnly does the same to a cluster.
func clusterReadOnly(o options) (row, error) {
	c, err := newCluster(o, 3)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().start(c.changes)
	time.Sleep(time.Second)
	from := time.Now()
	if err := c.readOnlySpell(c.members[0].node, "lease can't be renewed"); err != nil {
		return row{}, err
	}
	back := time.Now()
	if err := c.whole(); err != nil {
		return row{}, err
	}
	if _, err := c.inspected(c.fleet().games, back, 0, time.Minute); err != nil {
		return row{}, err
	}
	c.doubts = append(c.doubts, doubt{0, from.Add(-time.Second), time.Now()})
	if err := c.lively(c.members[0].node); err != nil {
		return row{}, err
	}
	return c.report("PostgreSQL read-only, all sessions of three nodes ended again and again", c.span.String())
}
