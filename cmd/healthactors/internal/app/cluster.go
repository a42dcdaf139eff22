package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/cluster"
	"galaxy/healthactors/adapters/httpapi"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

// config is what the cluster's adapter is told.
func (a *App) clusterConfig(games func(context.Context) ([]actors.GameStatus, error)) cluster.Config {
	c := a.settings
	cfg := cluster.Config{
		Name: string(c.Cluster), Listen: c.ClusterListen, Advertise: c.ClusterAdvertise, Games: games, Log: a.Log,
	}
	if c.ClusterTLSCert != "" {
		cfg.TLS = &cluster.TLS{CA: c.ClusterTLSCA, Cert: c.ClusterTLSCert, Key: c.ClusterTLSKey}
	}
	return cfg
}

// checkTogether refuses settings that can't go together.
func (a *App) checkTogether() error {
	if err := a.settings.CheckTogether(a.engines); err != nil {
		return err
	}
	if a.settings.Cluster == "" {
		return nil
	}
	return cluster.Check(a.clusterConfig(nil))
}

// membership is this node's part in its cluster. A nil one is a node alone.
type membership struct {
	*cluster.Cluster
	settings *settings.Settings
	node     *lateNode
	name     string
}

// join opens the port for the other members. Nothing is written yet.
func (a *App) join(ctx context.Context, name string, node *lateNode) (*membership, error) {
	if a.settings.Cluster == "" {
		return nil, nil //nolint:nilnil // no cluster is no error
	}
	c, err := cluster.Start(ctx, a.clusterConfig(node.Games))
	if err != nil {
		return nil, a.wrongAddress(err)
	}
	return &membership{Cluster: c, settings: a.settings, node: node, name: name}, nil
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
func (m *membership) leaseConfig(engines []string) *journal.LeaseConfig {
	if m == nil {
		return nil
	}
	return &journal.LeaseConfig{
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
