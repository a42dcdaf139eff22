package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/cluster"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/httpapi"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/postgres"
	"galaxy/healthactors/messages"
)

// clustering are the settings of a node of a cluster.
type clustering struct {
	Cluster          name     `group:"Cluster:" placeholder:"NAME" help:"The cluster that this node joins; it needs --journal postgres://…"`
	Node             nodeName `group:"Cluster:" placeholder:"NAME" help:"This node's name, unique in the cluster. Unset, the host's name."`
	ClusterListen    string   `group:"Cluster:" default:"127.0.0.1:0" placeholder:"HOST:PORT" help:"Where this node listens for the others."`
	ClusterAdvertise string   `group:"Cluster:" placeholder:"HOST:PORT" help:"The address that the others use. Unset, what it listens on, which must then be one address."`
	ClusterTLSCA     string   `group:"Cluster:" name:"cluster-tls-ca" placeholder:"FILE" help:"Certificates that sign the nodes' (PEM)."`
	ClusterTLSCert   string   `group:"Cluster:" name:"cluster-tls-cert" placeholder:"FILE" help:"This node's certificate (PEM)."`
	ClusterTLSKey    string   `group:"Cluster:" name:"cluster-tls-key" placeholder:"FILE" help:"Its key (PEM)."`
	ClusterInsecure  bool     `group:"Cluster:" help:"Listen on an address that is not loopback without TLS."`
	Lease            lease    `group:"Cluster:" default:"3s" placeholder:"DURATION" help:"How long a node that fell silent keeps its games."`
}

// check refuses settings that can't go together. engines are the node's.
func (c *clustering) check(s *settings, engines []*docker.Engine) error {
	tls := []struct{ flag, value string }{
		{"--cluster-tls-ca", c.ClusterTLSCA}, {"--cluster-tls-cert", c.ClusterTLSCert}, {"--cluster-tls-key", c.ClusterTLSKey},
	}
	given := slices.DeleteFunc(slices.Clone(tls), func(f struct{ flag, value string }) bool { return f.value == "" })
	if c.Cluster == "" {
		if len(given) > 0 {
			return fmt.Errorf("%s=%s goes with --cluster NAME, which is not given", given[0].flag, given[0].value)
		}
		return nil
	}
	if !isPostgres(string(s.Journal)) {
		return fmt.Errorf("--cluster=%s needs --journal postgres://…, which its nodes share, but --journal is %q", c.Cluster, s.Journal)
	}
	for _, e := range engines {
		if s.RunningList == "docker:" && e.Name() == actors.DefaultEngine && e.OnUnixSocket() {
			return fmt.Errorf("--cluster=%s with --running-list docker: needs a name for this machine's Engine, since \"default\" "+
				"would be another one on each node: such as --engine NAME=unix:///var/run/docker.sock", c.Cluster)
		}
	}
	for _, f := range tls {
		if f.value == "" && len(given) > 0 {
			return fmt.Errorf("%s is missing: --cluster-tls-ca, --cluster-tls-cert and --cluster-tls-key go together", f.flag)
		}
	}
	if len(given) == 0 && !c.ClusterInsecure && !cluster.IsLoopback(c.ClusterListen) {
		return fmt.Errorf("--cluster-listen=%s is not a loopback address: it needs --cluster-tls-ca, --cluster-tls-cert and "+
			"--cluster-tls-key, or --cluster-insecure", c.ClusterListen)
	}
	return cluster.Check(c.config(nil, nil))
}

// config is what the cluster's adapter is told.
func (c *clustering) config(games func(context.Context) ([]actors.GameStatus, error), log *slog.Logger) cluster.Config {
	cfg := cluster.Config{
		Name: string(c.Cluster), Listen: c.ClusterListen, Advertise: c.ClusterAdvertise, Games: games, Log: log,
	}
	if c.ClusterTLSCert != "" {
		cfg.TLS = &cluster.TLS{CA: c.ClusterTLSCA, Cert: c.ClusterTLSCert, Key: c.ClusterTLSKey}
	}
	return cfg
}

// source is the CloudEvents source of the node's events.
func (c *clustering) source() string {
	if c.Cluster == "" {
		return messages.Source
	}
	return messages.Source + "/" + string(c.Cluster)
}

// membership is this node's part in its cluster. A nil one is a node alone.
type membership struct {
	*cluster.Cluster
	settings *clustering
	node     *lateNode
	name     string
}

// join opens the port for the other members. Nothing is written yet.
func join(ctx context.Context, s *settings, name string, node *lateNode, log *slog.Logger) (*membership, error) {
	if s.Cluster == "" {
		return nil, nil //nolint:nilnil // no cluster is no error
	}
	c, err := cluster.Start(ctx, s.config(node.Games, log))
	if err != nil {
		return nil, s.wrongAddress(err)
	}
	return &membership{Cluster: c, settings: &s.clustering, node: node, name: name}, nil
}

// lease makes the node a member; nil for a node alone.
func (m *membership) lease(ctx context.Context, j *journal.Journal, engines []string) (actors.Leases, error) {
	if m == nil {
		return nil, nil //nolint:nilnil // no cluster is no error
	}
	lease, err := j.Lease(ctx, *m.leaseConfig(engines))
	if err != nil {
		return nil, m.explainLease(err)
	}
	return lease, nil
}

// leaseConfig is what the node's lease says; nil for a node alone.
func (m *membership) leaseConfig(engines []string) *postgres.LeaseConfig {
	if m == nil {
		return nil
	}
	return &postgres.LeaseConfig{
		Node: m.name, Address: m.Address(), Engines: slices.Sorted(slices.Values(engines)), Length: time.Duration(m.settings.Lease),
	}
}

// explainLease says of an error which setting is wrong.
func (m *membership) explainLease(err error) error {
	if errors.Is(err, actors.ErrNameTaken) {
		return fmt.Errorf("--node=%s: another live node of cluster %q has this name: %w", m.name, m.settings.Cluster, err)
	}
	return err
}

// seen is told who the members are; nil for a node alone.
func (m *membership) seen() func([]actors.Member) {
	if m == nil {
		return nil
	}
	return m.Update
}

// close ends the connections to the others.
func (m *membership) close() {
	if m != nil {
		m.Close()
	}
}

// api is what HTTP shows of the cluster; nil for a node alone.
func (m *membership) api() httpapi.Cluster {
	if m == nil {
		return nil
	}
	return clusterView{m}
}

// clusterView is the cluster as HTTP shows it.
type clusterView struct{ m *membership }

func (v clusterView) Name() string { return string(v.m.settings.Cluster) }
func (v clusterView) Node() string { return v.m.name }
func (v clusterView) Members(ctx context.Context) ([]actors.Member, error) {
	return v.m.node.Members(ctx)
}

// Games joins the members' games. Those of a member that can't be asked are shown as the running list has them, with the
// reason as their last error.
func (v clusterView) Games(ctx context.Context) ([]actors.GameStatus, error) {
	own, err := v.m.node.Games(ctx)
	if err != nil {
		return nil, err
	}
	members, err := v.Members(ctx)
	if err != nil {
		return nil, err
	}
	answers := make([][]actors.GameStatus, len(members))
	var asked sync.WaitGroup
	for n, member := range members {
		if member.Node == v.m.name {
			answers[n] = own
			continue
		}
		asked.Go(func() { answers[n] = v.gamesOf(ctx, member) })
	}
	asked.Wait()
	if len(members) == 0 { // its lease doesn't hold
		return own, nil
	}
	return mergeGames(answers), nil
}

func (v clusterView) gamesOf(ctx context.Context, m actors.Member) []actors.GameStatus {
	games, err := v.m.Games(ctx, m)
	if err == nil {
		return games
	}
	games, listErr := v.m.node.ShareOf(ctx, m.Node)
	if listErr != nil {
		return nil
	}
	for n := range games {
		games[n].LastError = err.Error()
	}
	return games
}

// mergeGames joins lists that are sorted by game id. Of a game that is just being handed over the newest observation counts.
func mergeGames(lists [][]actors.GameStatus) []actors.GameStatus {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b actors.GameStatus) int {
		return cmp.Or(cmp.Compare(a.GameID, b.GameID), -compareTimes(a.ObservedAt, b.ObservedAt))
	})
	return slices.CompactFunc(all, func(a, b actors.GameStatus) bool { return a.GameID == b.GameID })
}

func compareTimes(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	default:
		return a.Compare(*b)
	}
}

// name is a cluster's name, which is part of its events' source.
type name string

func (n *name) UnmarshalText(text []byte) error {
	*n = name(text)
	if len(text) > 100 || !plain(string(text)) {
		return fmt.Errorf("%q must be 1 to 100 of a-z, A-Z, 0-9, '.', '_' and '-'", text)
	}
	return nil
}

// lease is how long a lease holds. A shorter one than the least would run out while the database answers.
type lease duration

const leastLease = 500 * time.Millisecond

func (l *lease) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < leastLease {
		return fmt.Errorf("%q must be a duration of at least %s, such as 3s", text, leastLease)
	}
	*l = lease(v)
	return nil
}

// nodeName is a node's name.
type nodeName string

func (n *nodeName) UnmarshalText(text []byte) error {
	*n = nodeName(text)
	var legal name
	return legal.UnmarshalText(text)
}
