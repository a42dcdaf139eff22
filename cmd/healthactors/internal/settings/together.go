package settings

import (
	"strings"

	"galaxy/healthactors/adapters/cluster"
	"galaxy/healthactors/adapters/operand"
)

// setting is a flag, without its dashes, and its value.
type setting struct{ flag, value string }

// CheckTogether refuses settings that can't go together. onOwnSocket says that the default Engine is on a unix socket of this machine.
func (s *Settings) CheckTogether(onOwnSocket bool) error {
	for _, check := range []func() *Wrong{s.checkKafka, func() *Wrong { return s.checkCluster(onOwnSocket) }} {
		if wrong := check(); wrong != nil {
			return wrong
		}
	}
	return nil
}

// checkKafka refuses a half of what proves to Kafka who we are.
func (s *Settings) checkKafka() *Wrong {
	if s.Publish == ToStdout {
		return nil // nothing of it has an effect, which is a warning
	}
	files := []setting{{"kafka-tls-cert", s.KafkaTLSCert}, {"kafka-tls-key", s.KafkaTLSKey}}
	if wrong := s.together(files); wrong != nil {
		return wrong
	}
	login := []setting{{"kafka-sasl", s.KafkaSASL}, {"kafka-user", s.KafkaUser}, {"kafka-password-file", s.KafkaPasswordFile}}
	return s.together(login)
}

// checkCluster refuses what a node of a cluster can't be, and a cluster's certificates without one.
func (s *Settings) checkCluster(onOwnSocket bool) *Wrong {
	tls := []setting{{"cluster-tls-ca", s.ClusterTLSCA}, {"cluster-tls-cert", s.ClusterTLSCert}, {"cluster-tls-key", s.ClusterTLSKey}}
	given := firstGiven(tls)
	if s.Cluster == "" {
		if given != nil {
			return s.wrongf(given.flag, given.value, "--cluster NAME too", "is for a cluster")
		}
		return nil
	}
	name := string(s.Cluster)
	_, _, malformed := operand.HostPort(s.ClusterListen)
	switch {
	case !operand.IsPostgres(string(s.Journal)):
		return s.wrongf("cluster", name, "--journal postgres://…", "needs a journal that its nodes share, and --journal is %q", s.Journal)
	case s.RunningList == "docker:" && onOwnSocket:
		return s.wrongf("cluster", name, "--engine NAME=unix:///var/run/docker.sock",
			`with --running-list docker: needs a name for this machine's Engine, since "default" would be another one on each node`)
	case malformed == nil && given == nil && !s.ClusterInsecure && !cluster.IsLoopback(s.ClusterListen):
		return s.wrongf("cluster-listen", s.ClusterListen, flags(tls)+", or --cluster-insecure", "is not a loopback address")
	}
	return s.together(tls)
}

// together refuses settings of which some are given and some are not.
func (s *Settings) together(all []setting) *Wrong {
	given := firstGiven(all)
	if given == nil {
		return nil
	}
	for _, missing := range all {
		if missing.value == "" {
			return s.wrongf(given.flag, given.value, flags(all)+" together", "is given without --%s", missing.flag)
		}
	}
	return nil
}

// firstGiven is the first of the settings that has a value, or nil.
func firstGiven(all []setting) *setting {
	for n := range all {
		if all[n].value != "" {
			return &all[n]
		}
	}
	return nil
}

// flags lists settings as they are typed.
func flags(all []setting) string {
	names := make([]string, len(all))
	for n, s := range all {
		names[n] = "--" + s.flag
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
