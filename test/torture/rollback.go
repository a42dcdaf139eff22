package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const rollbacks = "healthactors_journal_rollbacks_total"

// keep restarts the server, and returns what puts it back to what it was, as a failover does that loses commits.
func (d *database) keep() (rollBack func() error, err error) {
	data, err := filepath.EvalSymlinks(filepath.Join(d.dir, "data"))
	if err != nil {
		return nil, err
	}
	if err := d.down(); err != nil {
		return nil, err
	}
	if _, err := command("cp", "-a", data, data+".kept"); err != nil {
		return nil, err
	}
	rollBack = func() error {
		if err := component("postgres", "kill", d.dir, nil); err != nil {
			return err
		}
		if err := os.RemoveAll(data); err != nil {
			return err
		}
		if err := os.Rename(data+".kept", data); err != nil {
			return err
		}
		return d.up()
	}
	return rollBack, d.up()
}

// postgresRollback has the server lose what it committed in a time (R4).
func postgresRollback(o options) (row, error) {
	s, n, err := onPostgres(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	from := time.Now()
	rollBack, err := s.database.keep()
	if err == nil {
		err = s.well(time.Now(), time.Minute)
	}
	if err != nil {
		return row{}, err
	}
	s.inDoubt(from)
	time.Sleep(s.span)
	before := time.Now()
	if err := rollBack(); err != nil {
		return row{}, err
	}
	back := time.Now()
	if err := eventually(20*time.Second, "the node has noticed that its journal went back in time", func() (bool, error) {
		m, err := n.metrics()
		return err == nil && m[rollbacks] > 0, nil
	}); err != nil {
		return row{}, err
	}
	noticed := time.Since(back)
	if err := s.well(back, time.Minute); err != nil {
		return row{}, err
	}
	s.inDoubt(before)
	s.history.RolledBack(before, time.Now())
	if err := s.lively(n); err != nil {
		return row{}, err
	}
	m, err := n.metrics()
	if err != nil {
		return row{}, err
	}
	if told := n.logged("the journal has gone back in time"); m[rollbacks] != 1 || told != 1 {
		return row{}, fmt.Errorf("one rollback was counted %v times and told %d times", m[rollbacks], told)
	}
	r, err := s.report("PostgreSQL loses its last commits", s.span.String(), time.Minute)
	r.note("noticed after %s; restarts that were reported in the lost commits are reported again", noticed.Round(time.Millisecond))
	return r, err
}
