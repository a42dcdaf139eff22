package cluster

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/cluster"

	"galaxy/healthactors/actors"
)

// leaseProvider is a provider of protoactor's cluster that takes the members from the leases.
type leaseProvider struct {
	mu      sync.Mutex
	cluster *cluster.Cluster
	peers   *peers
}

var _ cluster.ClusterProvider = (*leaseProvider)(nil)

// StartMember implements cluster.ClusterProvider. The members come with the first renewal.
func (p *leaseProvider) StartMember(c *cluster.Cluster) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cluster = c
	return nil
}

// StartClient implements cluster.ClusterProvider.
func (p *leaseProvider) StartClient(c *cluster.Cluster) error { return p.StartMember(c) }

// Shutdown implements cluster.ClusterProvider: all members leave, so that the connections to them end.
func (p *leaseProvider) Shutdown(bool) error {
	p.update(nil)
	return nil
}

// update tells protoactor and the port who the members are.
func (p *leaseProvider) update(members []actors.Member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	topology := make(cluster.Members, 0, len(members))
	var others []string
	for _, m := range members {
		if m.Address != p.cluster.ActorSystem.Address() {
			others = append(others, m.Address)
		}
		host, service, err := net.SplitHostPort(m.Address)
		if err != nil {
			continue // it can't be asked, and Games says so
		}
		port, _ := strconv.ParseInt(service, 10, 32)
		topology = append(topology, &cluster.Member{
			// Protoactor never takes back a member that left, so that a lease taken anew makes a new one.
			Id: fmt.Sprintf("%s@%d", m.Node, m.Since.UnixNano()), Host: host, Port: int32(port),
		})
	}
	p.peers.update(others)
	p.cluster.MemberList.UpdateClusterTopology(topology)
}

// Leases returns the node's lease, whose renewals tell protoactor who the members are.
func (c *Cluster) Leases(lease actors.Leases) actors.Leases { return watchedLease{lease, c.provider} }

type watchedLease struct {
	actors.Leases
	provider *leaseProvider
}

func (l watchedLease) Renew(ctx context.Context, games int64) ([]actors.Member, error) {
	members, err := l.Leases.Renew(ctx, games)
	if err == nil {
		l.provider.update(members)
	}
	return members, err
}

// noGrains is the identity lookup of a cluster that has no virtual actors.
type noGrains struct{}

var _ cluster.IdentityLookup = noGrains{}

func (noGrains) Get(*cluster.ClusterIdentity) *actor.PID                 { return nil }
func (noGrains) RemovePid(*cluster.ClusterIdentity, *actor.PID)          {}
func (noGrains) Setup(_ *cluster.Cluster, _ []string, _ /*client*/ bool) {}
func (noGrains) Shutdown()                                               {}
