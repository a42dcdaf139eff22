// Package cluster lets the nodes of a cluster see each other: membership through protoactor's cluster, with a provider that
// takes it from the leases in the journal's database, and questions over its remoting. Neither its grains nor its gossip are
// used, and nothing that the games' histories depend on goes this way: all that two nodes which can't reach each other lose is
// what they could tell about each other.
package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/cluster"
	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/grpc"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/connections"
	"galaxy/healthactors/adapters/operand"
)

// Config says how this node sees the others and is seen.
type Config struct {
	// Name is the cluster's.
	Name string
	// Listen is the HOST:PORT to listen on; Advertise is the address that the others use, empty for what it listens on.
	Listen, Advertise string
	// TLS has the files for mutual TLS, all three, or is nil for none.
	TLS *operand.TLSFiles
	// Games returns the games that this node watches, sorted by id.
	Games func(context.Context) ([]actors.GameStatus, error)
	Log   *slog.Logger
}

// Cluster is this node's side of a cluster. Its methods may be called concurrently.
type Cluster struct {
	system   *actor.ActorSystem
	cluster  *cluster.Cluster
	provider *leaseProvider
	peers    *peers
}

// ErrNeedsAdvertise says that Listen means all of the machine's addresses, so that Advertise must say one.
var ErrNeedsAdvertise = &operand.Error{Of: "Listen", Reason: "is not an address that the others can use", Want: "another one, or one that is advertised"}

// Check says what is wrong with a configuration, without opening anything. The error is an *[operand.Error] of Listen, of
// Advertise, or of CA, Cert or Key.
func Check(cfg Config) error {
	host, _, err := operand.HostPort(cfg.Listen)
	if err != nil {
		return &operand.Error{Of: "Listen", Reason: err.Error(), Want: "HOST:PORT, such as 127.0.0.1:0 or 10.0.0.1:7400"}
	}
	if fault := advertisedFault(cfg.Advertise); fault != "" {
		return &operand.Error{Of: "Advertise", Reason: fault, Want: "HOST:PORT that the others can use, such as 10.0.0.1:7400 or node-1.example.com:7400"}
	}
	if cfg.Advertise == "" && unspecified(host) {
		return ErrNeedsAdvertise
	}
	_, _, err = mutual(cfg.TLS)
	return err
}

// advertisedFault says why the other members can't use an address; empty is what the node listens on.
func advertisedFault(address string) string {
	if address == "" {
		return ""
	}
	host, port, err := operand.HostPort(address)
	switch {
	case err != nil:
		return err.Error()
	case host == "":
		return "has no host"
	case unspecified(host):
		return "means all of a machine's addresses"
	case port == 0:
		return "has port 0"
	}
	return ""
}

// Start opens the port. An error is one of Check's, ErrNeedsAdvertise, or says why the address can't be had: as
// connections.Listen does, or in words alone.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	if err := Check(cfg); err != nil {
		return nil, err
	}
	host, port, err := operand.HostPort(cfg.Listen)
	if err != nil {
		return nil, err
	}
	server, client, err := mutual(cfg.TLS)
	if err != nil {
		return nil, err
	}
	if err := couldListen(ctx, cfg.Listen); err != nil {
		return nil, err
	}
	system := actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger {
		return slog.New(slog.DiscardHandler) // whether a member can be reached is for its answer to say
	}))
	peers := newPeers()
	options := []remote.ConfigOption{
		remote.WithDialOptions(grpc.WithTransportCredentials(client)), outgoing(peers), guard{peers, system.Address}.options(server),
		remote.WithAdvertisedHost(cfg.Advertise),
	}
	c := &Cluster{system: system, peers: peers, provider: &leaseProvider{peers: peers}}
	c.cluster = cluster.New(system, cluster.Configure(cfg.Name, c.provider, noGrains{}, remote.Configure(bracketed(host), port, options...)))
	if err := c.open(); err != nil {
		return nil, err
	}
	if cfg.Advertise == "" && unspecifiedAddress(c.Address()) { // a name that stands for all addresses
		c.Close()
		return nil, ErrNeedsAdvertise
	}
	if _, err := system.Root.SpawnNamed(actor.PropsFromProducer(func() actor.Actor {
		return &gamesActor{games: cfg.Games, peers: peers}
	}), gamesName); err != nil {
		return nil, fmt.Errorf("answer the other members: %w", err)
	}
	return c, nil
}

// couldListen says why an address can't be had. Remoting opens its own listener, and would say so only as text.
func couldListen(ctx context.Context, address string) error {
	listener, err := connections.Listen(ctx, address)
	if err != nil {
		return err
	}
	return listener.Close()
}

// open does what Cluster.StartMember does, without gossip, topics, and the second that it sleeps.
func (c *Cluster) open() (err error) {
	defer func() {
		if p := recover(); p != nil { // its only way to say that the address was taken meanwhile
			err = fmt.Errorf("%v", p)
		}
	}()
	c.cluster.Remote = remote.NewRemote(c.system, c.cluster.Config.RemoteConfig)
	c.cluster.Remote.Start()
	return c.provider.StartMember(c.cluster)
}

// Address is where the other members reach this node.
func (c *Cluster) Address() string { return c.system.Address() }

// Close ends all connections. Whoever holds the lease has to release it.
func (c *Cluster) Close() {
	_ = c.provider.Shutdown(true)
	c.cluster.Remote.Shutdown(false)
	c.system.Shutdown()
}

// bracketed is a host as protoactor's remoting wants it.
func bracketed(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return "[" + host + "]"
	}
	return host
}

// unspecifiedAddress says whether an address stands for all addresses of the machine.
func unspecifiedAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && unspecified(host)
}

// unspecified says whether a host stands for all addresses of the machine.
func unspecified(host string) bool {
	if host == "" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.WithZone("").Unmap().IsUnspecified()
}

// IsLoopback says whether only this machine can reach the address.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// askTimeout bounds one question to one member.
const askTimeout = 2 * time.Second
