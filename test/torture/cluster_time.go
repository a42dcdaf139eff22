package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// clusterClock lets the database's clock jump, and kills a node right after each jump (C7).
func clusterClock(o options) (row, error) {
	c, err := newCluster(o, 0)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	turn, err := c.database.fakeClock()
	if err == nil {
		err = c.grow(3)
	}
	if err != nil {
		return row{}, err
	}
	c.fleet().start(c.changes)
	var took []time.Duration
	for range c.times {
		for _, off := range []string{"-60", "+60", "+0"} { // back, forth by two minutes, and back to the right time
			time.Sleep(rand.N(c.interval))
			m := c.members[rand.IntN(len(c.members))]
			if err := turn(off); err != nil {
				return row{}, err
			}
			waits, err := c.silence(m, m.kill)
			took = append(took, waits...)
			if err := errors.Join(err, m.start(), c.whole()); err != nil {
				return row{}, fmt.Errorf("the clock is off by %s s: %w", off, err)
			}
		}
	}
	slices.Sort(took)
	r, err := c.report("PostgreSQL's clock 60 s back, then 120 s forth, then 60 s back; a `kill -9` after each", fmt.Sprintf("%d times", c.times))
	r.note("%d takeovers, each with a restart in the gap: a game is inspected again after %s", len(took), inWords(took))
	return r, errors.Join(err, goalMissed(took))
}

// fakeClock starts the server again with a clock that turn puts right by so many seconds.
func (d *database) fakeClock() (turn func(off string) error, err error) {
	libraries, _ := filepath.Glob("/usr/lib/*/faketime/libfaketime.so.1")
	if len(libraries) == 0 {
		return nil, errors.New("libfaketime is missing (.ci/components/install installs it)")
	}
	file := d.dir + "-clock"
	turn = func(off string) error { return os.WriteFile(file, []byte(off), 0o644) } //nolint:gosec // PostgreSQL's own user reads it
	if err := errors.Join(d.down(), turn("+0")); err != nil {
		return nil, err
	}
	address, err := command("env", "PRELOAD="+libraries[0], "FAKETIME_TIMESTAMP_FILE="+file, "FAKETIME_NO_CACHE=1", "DONT_FAKE_MONOTONIC=1",
		filepath.Join(".ci", "components", "postgres"), "start", d.dir)
	d.direct = strings.TrimSpace(address)
	return turn, err
}

// clusterSlow has PostgreSQL answer slowly, ends the session of each lease, and kills a node (C1, C7).
func clusterSlow(o options) (row, error) {
	c, err := newCluster(o, 3)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().start(c.changes)
	var notes []string
	var broken []error
	for _, answer := range []time.Duration{500 * time.Millisecond, 100 * time.Millisecond, 900 * time.Millisecond}[:min(3, c.times)] {
		took, err := c.slowly(answer)
		if err != nil {
			return row{}, fmt.Errorf("answers after %s: %w", answer, err)
		}
		slices.Sort(took)
		notes = append(notes, fmt.Sprintf("answers after %s, no lease lost: %d takeovers after %s", answer, len(took), inWords(took)))
		broken = append(broken, laterThan(slowGoal(answer), took))
	}
	r, err := c.report("PostgreSQL answers slowly; the session of each lease cut, then a `kill -9`", "once each")
	r.notes = append(r.notes, notes...)
	return r, errors.Join(err, errors.Join(broken...))
}

// slowGoal is how soon each game of a member that fell silent is inspected again where the database takes so long for an
// answer (C1).
func slowGoal(answer time.Duration) time.Duration {
	if answer <= 100*time.Millisecond {
		return goal
	}
	return 3*time.Second + 6*answer
}

// slowly has answers take that long, with no lease lost, and a member die. Then they are fast again.
func (c *clusterStage) slowly(answer time.Duration) (took []time.Duration, err error) {
	lost := c.lostLeases()
	c.delay(answer)
	defer c.delay(0)
	time.Sleep(4*answer + rand.N(answer))
	if err := c.cutLeases(); err != nil {
		return nil, err
	}
	time.Sleep(4 * time.Second)
	if now := c.lostLeases(); now > lost {
		return nil, fmt.Errorf("leases were lost %d times", now-lost)
	}
	m := c.members[rand.IntN(len(c.members))]
	took, err = c.silence(m, m.kill)
	c.delay(0)
	return took, errors.Join(err, m.start(), c.whole())
}

func (c *clusterStage) delay(answer time.Duration) {
	for _, m := range c.members {
		m.database.delay.Store(int64(answer))
	}
}

func (c *clusterStage) lostLeases() (count int) {
	for _, m := range c.members {
		count += m.logged("inspects nothing until its lease holds")
	}
	return count
}

// cutLeases cuts the sessions over which leases are renewed.
func (c *clusterStage) cutLeases() error {
	db, err := sql.Open("pgx", c.database.direct)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	rows, err := db.QueryContext(ctx, `
		SELECT client_port FROM pg_stat_activity WHERE query LIKE '%INSERT INTO cluster_leases%' AND pid <> pg_backend_pid()`)
	if err != nil {
		return fmt.Errorf("find the leases' sessions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var port int
		if err := rows.Scan(&port); err != nil {
			return err
		}
		for _, m := range c.members {
			m.database.cutPort(port)
		}
	}
	return rows.Err()
}
