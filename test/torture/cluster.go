package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"galaxy/healthactors/adapters/docker/dockersim"
)

// clusterStage is a stage whose nodes are a cluster on one journal in PostgreSQL.
type clusterStage struct {
	*stage
	members []*member
	// doubts are about answers that the contract allows to come to nothing.
	doubts []doubt
}

// member is a node of the cluster, which can be cut off from the others and from the database.
type member struct {
	*node
	// database stands before PostgreSQL, for this node alone; peers stands before this node, for all others.
	database, peers *proxy
}

// newCluster sets the stage with some members that are ready and have shared out the games.
func newCluster(o options, members int) (*clusterStage, error) {
	s, err := newStage(o)
	if err != nil {
		return nil, err
	}
	c := &clusterStage{stage: s}
	if err = s.usePostgres(); err == nil {
		err = c.grow(members)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// grow adds members until there are so many, named a, b, c and so on, and waits until they have shared out the games.
func (c *clusterStage) grow(members int) error {
	for len(c.members) < members {
		if err := c.addMember(string(rune('a'+len(c.members))), binary); err != nil {
			return err
		}
	}
	return c.whole()
}

// addMember starts a node of a program.
func (c *clusterStage) addMember(name, program string) error {
	port, err := unusedAddress()
	if err != nil {
		return err
	}
	m := &member{}
	if m.database, err = c.addProxy(c.database.target); err != nil {
		return err
	}
	if m.peers, err = c.addProxy(port); err != nil {
		return err
	}
	journal, err := url.Parse(c.database.direct)
	if err != nil {
		return err
	}
	journal.Host = m.database.address
	// An answer that a busy machine reads after the time-out comes to nothing (H10), and would count as lost.
	m.node, err = c.addNode(name, program, "--inspect-timeout=5s", "--cluster=torture", "--node="+name, "--cluster-listen="+port,
		"--cluster-advertise="+m.peers.address, "--journal="+journal.String())
	if err == nil {
		c.members = append(c.members, m)
	}
	return err
}

func (c *clusterStage) addProxy(target string) (*proxy, error) {
	p, err := newProxy(target)
	if err == nil {
		c.onClose(p.close)
	}
	return p, err
}

// whole waits until each member knows of all that run, and they have shared out all games.
func (c *clusterStage) whole() error {
	var running []*member
	for _, m := range c.members {
		if m.running() {
			running = append(running, m)
		}
	}
	return eventually(time.Minute, "each member knows the others, and all games are shared out", func() (bool, error) {
		for _, m := range running {
			if !m.running() {
				return false, fmt.Errorf("node %s has ended:\n%s", m.name, m.lastLogs())
			}
			members, games := m.sees()
			if members != len(running) || games != c.gameCount() || !m.isReady() {
				return false, nil
			}
		}
		return true, nil
	})
}

func (m *member) isReady() bool {
	_, err := m.get("/readyz")
	return err == nil
}

// sees is how many members and games the node knows of; none when it doesn't answer.
func (m *member) sees() (members, games int) {
	var status struct {
		Members []struct {
			Games int `json:"games"`
		} `json:"members"`
	}
	body, err := m.get("/api/v1/cluster")
	if err != nil || json.Unmarshal(body, &status) != nil {
		return 0, 0
	}
	for _, m := range status.Members {
		games += m.Games
	}
	return len(status.Members), games
}

// gamesOf are those that a process inspected last.
func (c *clusterStage) gamesOf(life int) []string {
	return slices.DeleteFunc(slices.Clone(c.fleet().games), func(game string) bool { return c.history.Last(game).Life != life })
}

// restart has containers restart.
func (c *clusterStage) restart(games []string) {
	for _, game := range games {
		_, number, _ := strings.Cut(game, "-")
		n, _ := strconv.Atoi(number) // fleets number their games
		c.fleet().change(n, func(container *dockersim.Container) { container.RestartCount++ })
	}
}

// inspected waits until each of these games has been inspected since a time by another process than one, and returns how long
// that took for each.
func (c *clusterStage) inspected(games []string, since time.Time, without int, within time.Duration) (took []time.Duration, err error) {
	err = eventually(within, fmt.Sprintf("another node has inspected all %d games", len(games)), func() (bool, error) {
		took = took[:0]
		for _, game := range games {
			first, ok := c.history.First(game, since, without)
			if !ok {
				return false, nil
			}
			took = append(took, first.Sub(since))
		}
		return true, nil
	})
	slices.Sort(took)
	if len(took) > 0 {
		c.recovered = max(c.recovered, took[len(took)-1])
	}
	return took, err
}

// report ends the scenario, and judges what arrived.
func (c *clusterStage) report(fault, howLong string) (row, error) {
	if _, err := c.finish(time.Minute); err != nil {
		return row{}, err
	}
	all, err := arrived(c.broker.addr())
	if err != nil {
		return row{}, err
	}
	claims, err := c.database.claims()
	if err != nil {
		return row{}, err
	}
	r := row{
		fault: fault, howLong: howLong, verdict: Judge(c.history.Tenures(claims, c.doubts), all), recovered: c.recovered,
		load: fmt.Sprintf("%d nodes, %d games, every %s", len(c.members), c.gameCount(), c.interval),
	}
	if c.changes > 0 && r.verdict.Events == 0 {
		err = errors.New("no event arrived, so nothing was tried")
	}
	return r, err
}

// quantile of durations that are sorted.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
