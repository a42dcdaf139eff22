package settings

import (
	"time"

	"galaxy/healthactors/adapters/operand"
	"galaxy/healthactors/messages"
)

// Clustering are the settings of a node of a cluster.
type Clustering struct {
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

// Source is the CloudEvents source of the node's events.
func (c *Clustering) Source() string {
	if c.Cluster == "" {
		return messages.Source
	}
	return messages.Source + "/" + string(c.Cluster)
}

// name is a cluster's name, which is part of its events' source.
type name string

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *name) UnmarshalText(text []byte) error {
	*n = name(text)
	if len(text) > 100 || !plain(string(text)) {
		return &operand.Error{Reason: "is not a name", Want: "1 to 100 of a-z, A-Z, 0-9, '.', '_' and '-'"}
	}
	return nil
}

// lease is how long a lease holds. A shorter one than the least would run out while the database answers.
type lease Duration

const leastLease = 500 * time.Millisecond

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *lease) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < leastLease {
		return &operand.Error{Reason: "is not a duration of at least " + leastLease.String(), Want: "one such as 3s"}
	}
	*l = lease(v)
	return nil
}

// nodeName is a node's name.
type nodeName string

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *nodeName) UnmarshalText(text []byte) error {
	*n = nodeName(text)
	var legal name
	return legal.UnmarshalText(text)
}
