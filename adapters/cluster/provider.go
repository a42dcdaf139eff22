package cluster

import (
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/cluster"

	"galaxy/healthactors/actors"
)

// leaseProvider is a provider of protoactor's cluster that takes the members from the leases.
type leaseProvider struct {
	mu      sync.Mutex
	cluster *cluster.Cluster
	peers   *peers
	// comings has each present member's coming, by name; came counts all that there have ever been.
	comings map[string]coming
	came    int
}

// coming is when a member came.
type coming struct {
	since  time.Time
	number int
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
	comings := make(map[string]coming, len(members))
	var others []string
	for _, m := range members {
		if m.Address != p.cluster.ActorSystem.Address() {
			others = append(others, m.Address)
		}
		host, service, err := net.SplitHostPort(m.Address)
		if err != nil {
			continue // it can't be asked, as Games says
		}
		c, known := p.comings[m.Node]
		if !known || !c.since.Equal(m.Since) {
			p.came++
			c = coming{m.Since, p.came}
		}
		comings[m.Node] = c
		port, _ := strconv.ParseInt(service, 10, 32)
		topology = append(topology, &cluster.Member{
			// Protoactor never readmits a member that has left, so one that comes back gets a new identity.
			Id: fmt.Sprintf("%s@%d", m.Node, c.number), Host: host, Port: int32(port),
		})
	}
	p.comings = comings
	p.peers.update(others)
	p.cluster.MemberList.UpdateClusterTopology(topology)
}

// Update tells protoactor who the members are.
func (c *Cluster) Update(members []actors.Member) { c.provider.update(members) }

// noGrains is the identity lookup of a cluster that has no virtual actors.
type noGrains struct{}

var _ cluster.IdentityLookup = noGrains{}

func (noGrains) Get(*cluster.ClusterIdentity) *actor.PID                 { return nil }
func (noGrains) RemovePid(*cluster.ClusterIdentity, *actor.PID)          {}
func (noGrains) Setup(_ *cluster.Cluster, _ []string, _ /*client*/ bool) {}
func (noGrains) Shutdown()                                               {}
