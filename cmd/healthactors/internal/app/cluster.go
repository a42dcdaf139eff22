package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/cluster"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/httpapi"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/postgres"
	"galaxy/healthactors/adapters/operand"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

// clusterConfig is what the cluster's adapter is told.
func (a *App) clusterConfig(games func(context.Context) ([]actors.GameStatus, error)) cluster.Config {
	c := a.settings
	cfg := cluster.Config{
		Name: string(c.Cluster), Listen: c.ClusterListen, Advertise: c.ClusterAdvertise, Games: games, Log: a.Log,
	}
	if c.ClusterTLSCert != "" {
		cfg.TLS = &operand.TLSFiles{CA: c.ClusterTLSCA, Cert: c.ClusterTLSCert, Key: c.ClusterTLSKey}
	}
	return cfg
}

// checkTogether refuses settings that can't go together.
func (a *App) checkTogether() error {
	onOwnSocket := slices.ContainsFunc(a.engines, func(e *docker.Engine) bool { return e.Name() == actors.DefaultEngine && e.OnUnixSocket() })
	if err := a.settings.CheckTogether(onOwnSocket); err != nil {
		return err
	}
	if a.settings.Cluster == "" {
		return nil
	}
	return a.wrongCluster(cluster.Check(a.clusterConfig(nil)))
}

// wrongCluster says which setting a field of the cluster's Config is that is wrong, if an error is about one.
func (a *App) wrongCluster(err error) error {
	s := a.settings
	wrong, ok := errors.AsType[*operand.Error](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, cluster.ErrNeedsAdvertise):
		return s.Wrong("cluster-listen", s.ClusterListen, &operand.Error{Reason: wrong.Reason, Want: "--cluster-advertise HOST:PORT too, such as 10.0.0.1:7400"})
	case !ok:
		return a.noAddress("cluster-listen", s.ClusterListen, "another one", err)
	}
	switch wrong.Of {
	case "Advertise":
		return s.Wrong("cluster-advertise", s.ClusterAdvertise, wrong)
	case "CA":
		return s.Wrong("cluster-tls-ca", s.ClusterTLSCA, wrong)
	case "Cert":
		return s.Wrong("cluster-tls-cert", s.ClusterTLSCert, wrong)
	case "Key":
		return s.Wrong("cluster-tls-key", s.ClusterTLSKey, wrong)
	default:
		return s.Wrong("cluster-listen", s.ClusterListen, wrong)
	}
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
		return nil, a.wrongCluster(err)
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
		return m.settings.About("node", m.name, fmt.Errorf("another live node of cluster %q has this name: %w", m.settings.Cluster, err))
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
	return cluster.NewView(m.Cluster, string(m.settings.Cluster), m.name, m.node)
}
