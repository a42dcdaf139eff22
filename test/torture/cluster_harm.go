package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"
)

// goal is how soon each game of a member that fell silent is inspected again, at the latest, with the default lease (C1).
const goal = 5 * time.Second

// goalMissed is an error when one takeover took longer than that.
func goalMissed(sorted []time.Duration) error { return laterThan(goal, sorted) }

// laterThan is an error when one takeover took longer than a bound.
func laterThan(bound time.Duration, sorted []time.Duration) error {
	if longest := quantile(sorted, 1); longest > bound {
		return fmt.Errorf("a takeover took %s, and may take %s at most", round(longest), bound)
	}
	return nil
}

func inWords(sorted []time.Duration) string {
	return fmt.Sprintf("p50 %s, p99 %s, at most %s", round(quantile(sorted, 0.5)), round(quantile(sorted, 0.99)), round(quantile(sorted, 1)))
}

// silence has a member fall silent, and all its containers restart before anybody can see it. It returns how long each of its
// games waits for another member.
func (c *clusterStage) silence(m *member, fall func()) ([]time.Duration, error) {
	life := int(m.life.Load())
	fall()
	fell := time.Now()
	if err := c.settled(); err != nil {
		return nil, err
	}
	games := c.gamesOf(life)
	c.restart(games)
	return c.inspected(games, fell, life, 30*time.Second)
}

func clusterKill(o options) (row, error) {
	c, err := newCluster(o, 3)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().start(c.changes)
	var took []time.Duration
	for k := range c.times {
		time.Sleep(rand.N(c.interval)) // anywhere between two ticks
		m := c.members[rand.IntN(len(c.members))]
		waits, err := c.silence(m, m.kill)
		took = append(took, waits...)
		if err := errors.Join(err, m.start(), c.whole()); err != nil {
			return row{}, fmt.Errorf("kill %d: %w", k+1, err)
		}
	}
	slices.Sort(took)
	r, err := c.report("`kill -9` of one of three nodes", fmt.Sprintf("%d times", c.times))
	r.note("%d takeovers, each with a restart in the gap: a game is inspected again after %s", len(took), inWords(took))
	return r, errors.Join(err, goalMissed(took))
}

func clusterPause(o options) (row, error) {
	c, err := newCluster(o, 3)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().start(c.changes)
	var took []time.Duration
	var both overlap
	for k := range c.times {
		time.Sleep(rand.N(c.interval))
		m := c.members[rand.IntN(len(c.members))]
		stopped := time.Now()
		waits, err := c.silence(m, func() { m.signal(syscall.SIGSTOP) })
		took = append(took, waits...)
		time.Sleep(time.Until(stopped.Add(c.span)))
		continued := time.Now()
		m.signal(syscall.SIGCONT)
		if err := errors.Join(err, c.whole()); err != nil {
			return row{}, fmt.Errorf("pause %d: %w", k+1, err)
		}
		both = both.and(c.history.Stale(int(m.life.Load()), continued, time.Now(), 3*c.interval))
	}
	slices.Sort(took)
	r, err := c.report("SIGSTOP of one of three nodes, then SIGCONT", fmt.Sprintf("%d times %s", c.times, c.span))
	r.note("%d takeovers, each with a restart in the gap: a game is inspected again after %s; after SIGCONT the node inspected "+
		"games that were another's %d times, for %s at most", len(took), inWords(took), both.inspects, both.longest.Round(time.Millisecond))
	return r, errors.Join(err, goalMissed(took))
}

// partition is a way to cut members off, which lasts until it is ended.
type partition struct {
	name string
	// member: one member falls silent, and the others take over. Otherwise all suffer alike.
	member bool
	begin  func(c *clusterStage, m *member) (end func() error, err error)
}

var ruptures = []partition{
	{"a node cut off from PostgreSQL", true, func(_ *clusterStage, m *member) (func() error, error) {
		m.database.refuse()
		return m.database.accept, nil
	}},
	{"PostgreSQL never answers a node", true, func(_ *clusterStage, m *member) (func() error, error) {
		end := m.database.beSilent()
		return func() error { end(); return nil }, nil
	}},
	{"a node's lease query hangs", true, holdLease},
	{"all nodes cut off from each other", false, cutPeers},
	{"a node cut off from PostgreSQL, and all from each other", true, func(c *clusterStage, m *member) (func() error, error) {
		end, err := cutPeers(c, m)
		m.database.refuse()
		return func() error { return errors.Join(m.database.accept(), end()) }, err
	}},
	{"PostgreSQL restarted", false, func(c *clusterStage, _ *member) (func() error, error) {
		return c.database.up, c.database.down()
	}},
	{"all nodes killed at once", false, func(c *clusterStage, _ *member) (func() error, error) {
		for _, m := range c.members {
			m.signal(syscall.SIGKILL)
		}
		return func() (err error) {
			for _, m := range c.members {
				<-m.gone
				err = errors.Join(err, m.start())
			}
			return err
		}, c.settled()
	}},
}

// holdLease locks a member's lease row, so that its renewals hang and nothing else does.
func holdLease(c *clusterStage, m *member) (func() error, error) {
	db, err := sql.Open("pgx", c.database.direct)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if _, err := tx.ExecContext(ctx, `SELECT FROM cluster_leases WHERE node = $1 FOR UPDATE`, m.name); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() error { return errors.Join(tx.Rollback(), db.Close()) }, nil
}

// cutPeers takes away every way from one member to another.
func cutPeers(c *clusterStage, _ *member) (func() error, error) {
	for _, m := range c.members {
		m.peers.refuse()
	}
	return func() (err error) {
		for _, m := range c.members {
			err = errors.Join(err, m.peers.accept())
		}
		return err
	}, nil
}

func clusterPartition(o options) (row, error) {
	c, err := newCluster(o, 3)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	c.fleet().start(c.changes)
	var took []time.Duration
	var notes []string
	for range c.times {
		for _, p := range ruptures {
			time.Sleep(rand.N(c.interval))
			waits, note, err := c.cutOff(p, c.members[rand.IntN(len(c.members))])
			if err != nil {
				return row{}, fmt.Errorf("%s: %w", p.name, err)
			}
			took, notes = append(took, waits...), append(notes, note)
		}
	}
	slices.Sort(took)
	r, err := c.report("partitions of three nodes", fmt.Sprintf("%d times %s each", c.times, c.span))
	r.notes = append(r.notes, notes[max(0, len(notes)-len(ruptures)):]...)
	r.note("%d takeovers: %s", len(took), inWords(took))
	return r, errors.Join(err, goalMissed(took))
}

// cutOff has one partition last for the span. It returns how long the games waited for another member, and says when all was
// well.
func (c *clusterStage) cutOff(p partition, m *member) (took []time.Duration, note string, err error) {
	life := int(m.life.Load())
	if !p.member {
		life = 0
	}
	began := time.Now()
	var end func() error
	if p.member {
		took, err = c.silence(m, func() { end, err = p.begin(c, m) })
	} else {
		end, err = p.begin(c, m)
	}
	if err != nil {
		return nil, "", err
	}
	time.Sleep(time.Until(began.Add(c.span / 2)))
	if m.running() && m.peers.listener == nil {
		if err := c.answersAlone(m); err != nil {
			return nil, "", err
		}
	}
	time.Sleep(time.Until(began.Add(c.span)))
	ended := time.Now()
	if err := end(); err != nil {
		return nil, "", err
	}
	if err := c.whole(); err != nil {
		return nil, "", err
	}
	if _, err := c.inspected(c.fleet().games, ended, 0, time.Minute); err != nil {
		return nil, "", err
	}
	c.doubts = append(c.doubts, doubt{life, began.Add(-time.Second), time.Now()})
	if p.member {
		return took, fmt.Sprintf("%s: taken over after %s at most", p.name, round(quantile(took, 1))), nil
	}
	return nil, fmt.Sprintf("%s: no game inspected for %s at most", p.name, round(c.history.LongestWait(c.fleet().games, began.Add(-c.interval)))), nil
}

// answersAlone holds a member that can't reach the others to an answer that shows all games, with the reason.
func (c *clusterStage) answersAlone(m *member) error {
	body, err := m.get("/api/v1/games?scope=cluster")
	if err != nil {
		return fmt.Errorf("a node that can't reach the others doesn't answer for the cluster: %w", err)
	}
	var games []struct {
		Node      string `json:"node"`
		LastError string `json:"last_error"`
	}
	if err := json.Unmarshal(body, &games); err != nil {
		return err
	}
	unknown := 0
	for _, g := range games {
		if strings.Contains(g.LastError, "member") {
			unknown++
		}
	}
	if members, _ := m.sees(); members > 1 && (len(games) != c.gameCount() || unknown == 0) {
		return fmt.Errorf("a node that can't reach the others shows %d games, %d of them with the reason", len(games), unknown)
	}
	return nil
}
