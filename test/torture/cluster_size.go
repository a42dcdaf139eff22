package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"galaxy/healthactors/adapters/docker/dockersim"
)

// engineDelay is how long the simulated Engine takes for an answer, so that its slots (S5) bound the pass, and not this
// machine's processors, which all nodes share.
const engineDelay = 20 * time.Millisecond

// clusterScaling measures the pass over all games on one, two and three nodes.
func clusterScaling(o options) (row, error) {
	c, err := newCluster(o, 1)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().engine.SetFault(dockersim.Fault{Delay: engineDelay})
	var passes []time.Duration
	for members := 1; members <= 3; members++ {
		if err := c.grow(members); err != nil {
			return row{}, err
		}
		took, err := c.pass()
		if err != nil {
			return row{}, err
		}
		passes = append(passes, took)
	}
	c.fleet().engine.SetFault(dockersim.Fault{})
	r, err := c.report("the pass over all games", "once each")
	r.recovered = passes[2]
	r.note("an Engine that answers after %s, 16 slots a node: %s on one node, %s on two, %s on three", engineDelay,
		round(passes[0]), round(passes[1]), round(passes[2]))
	if passes[2] > passes[0]*6/10 {
		err = errors.Join(err, errors.New("three nodes need more than six tenths of what one needs"))
	}
	return r, err
}

// pass is how long the nodes need to inspect every game once, when the next pass always waits already: turns go in the order
// of waiting (S4), so it is the longest time between two inspects of a game.
func (c *clusterStage) pass() (time.Duration, error) {
	began := time.Now()
	if err := eventually(5*time.Minute, "each game has been inspected three times", func() (bool, error) {
		time.Sleep(200 * time.Millisecond) // counting all is work
		return c.history.Fewest(c.fleet().games, began, time.Now()) >= 3, nil
	}); err != nil {
		return 0, err
	}
	// The first inspect of each ended what was under way at the change of members.
	return c.history.LastWait(c.fleet().games), nil
}

// clusterQuiet measures what a cluster in which nothing happens costs PostgreSQL.
func clusterQuiet(o options) (row, error) {
	c, err := newCluster(o, 0)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	db, err := c.countStatements()
	if err != nil {
		return row{}, err
	}
	defer db.Close()
	var notes []string
	for _, members := range []int{3, o.times} {
		if err := c.grow(members); err != nil {
			return row{}, err
		}
		time.Sleep(2 * c.interval)
		statements, err := statementsIn(db, c.span)
		if err != nil {
			return row{}, err
		}
		perSecond := statements / c.span.Seconds()
		notes = append(notes, fmt.Sprintf("%d nodes: %.1f statements/s, %.2f a node", members, perSecond, perSecond/float64(members)))
	}
	r, err := c.report("a quiet cluster's cost for PostgreSQL", c.span.String()+" each")
	r.notes = append(r.notes, notes...)
	return r, err
}

// countStatements has PostgreSQL count what it is asked, which needs a restart.
func (c *clusterStage) countStatements() (*sql.DB, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d := c.database
	db, err := sql.Open("pgx", d.direct)
	if err != nil {
		return nil, err
	}
	_, err = db.ExecContext(ctx, `ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'`)
	if err := errors.Join(err, d.down(), d.up()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.SetMaxIdleConns(0)
	if _, err := db.ExecContext(ctx, `CREATE EXTENSION pg_stat_statements`); err != nil {
		return nil, errors.Join(fmt.Errorf("count statements: %w", err), db.Close())
	}
	return db, nil
}

// statementsIn counts the statements in a time. Those that open a connection count too.
func statementsIn(db *sql.DB, span time.Duration) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), span+10*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, `SELECT pg_stat_statements_reset()`); err != nil {
		return 0, err
	}
	time.Sleep(span)
	var calls float64
	err := db.QueryRowContext(ctx, `SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'`).Scan(&calls)
	return calls, err
}
