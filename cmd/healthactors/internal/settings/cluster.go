package settings

import (
	"fmt"
	"slices"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/cluster"
	"galaxy/healthactors/adapters/docker"
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

// CheckTogether refuses settings that can't go together. engines are the node's.
func (s *Settings) CheckTogether(engines []*docker.Engine) error {
	c := s.Clustering
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
	if !IsPostgres(string(s.Journal)) {
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
	return nil
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

func (n *name) UnmarshalText(text []byte) error {
	*n = name(text)
	if len(text) > 100 || !plain(string(text)) {
		return fmt.Errorf("%q must be 1 to 100 of a-z, A-Z, 0-9, '.', '_' and '-'", text)
	}
	return nil
}

// lease is how long a lease holds. A shorter one than the least would run out while the database answers.
type lease Duration

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
