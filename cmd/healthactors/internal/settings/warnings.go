package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"galaxy/healthactors/adapters/cluster"
	"galaxy/healthactors/adapters/operand"
)

// Warnings are what the operator may have meant otherwise, though the node can run: variables that are no settings, and
// settings without effect. environ is the environment as [os.Environ] has it.
func (s *Settings) Warnings(environ []string) []string {
	return slices.Concat(unknownVariables(environ, s.variables), s.withoutEffect())
}

// variablePrefix begins the name of each setting's environment variable.
const variablePrefix = "HEALTHACTORS_"

// unknownVariables warns of the variables in environ that look like settings but are none of the known ones. Their values may
// be secret, and are not shown.
func unknownVariables(environ, known []string) []string {
	var warnings []string
	for _, variable := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, variablePrefix) || slices.Contains(known, name) || isServiceVariable(name, value) {
			continue
		}
		hint := didYouMean(name, known)
		if hint == "" {
			hint = "; --help lists the variables"
		}
		warnings = append(warnings, fmt.Sprintf("the environment variable %q is no setting%s", name, hint))
	}
	return warnings
}

// serviceVariable is what Kubernetes tells every pod of a Service named healthactors, or healthactors-something.
var serviceVariable = regexp.MustCompile(`^` + variablePrefix + `(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_PROTO|_PORT|_ADDR)?)$`)

// isServiceVariable says whether a variable is one of Kubernetes' own. A name that merely ends in PORT could also be somebody's
// guess at a setting; Kubernetes' has a URL such as tcp://10.0.0.1:8080.
func isServiceVariable(name, value string) bool {
	return serviceVariable.MatchString(name) || strings.HasSuffix(name, "_PORT") && strings.Contains(value, "://")
}

// effects says which settings need others to have an effect: why they have none, or "".
var effects = []struct {
	flags   []string
	without func(*Settings) string
}{
	{[]string{"running-query"}, func(s *Settings) string {
		if operand.IsPostgres(string(s.RunningList)) {
			return ""
		}
		return fmt.Sprintf("it is for Postgres, and --running-list is %q", s.RunningList)
	}},
	{[]string{"topic", "kafka-tls-ca", "kafka-tls-cert", "kafka-tls-key", "kafka-sasl", "kafka-user", "kafka-password-file"}, func(s *Settings) string {
		if s.Publish != ToStdout {
			return ""
		}
		return fmt.Sprintf("it is for Kafka, and --publish is %q", s.Publish)
	}},
	// The cluster's certificates without a cluster are refused. --node names who holds a journal, and whose the games are, also without one.
	{[]string{"cluster-listen", "cluster-advertise", "cluster-insecure", "lease"}, func(s *Settings) string {
		if s.Cluster != "" {
			return ""
		}
		return "there is no --cluster"
	}},
	{[]string{"cluster-insecure"}, func(s *Settings) string {
		switch {
		case s.Cluster == "":
			return ""
		case s.ClusterTLSCert != "":
			return "the cluster's port has TLS by --cluster-tls-cert"
		case cluster.IsLoopback(s.ClusterListen):
			return fmt.Sprintf("--cluster-listen is %q, a loopback address", s.ClusterListen)
		}
		return ""
	}},
}

// withoutEffect warns of the settings that were given and change nothing beside the others.
func (s *Settings) withoutEffect() []string {
	var warnings []string
	for _, e := range effects {
		reason := e.without(s)
		if reason == "" {
			continue
		}
		for _, flag := range e.flags {
			where, given := s.given[flag]
			if !given {
				continue
			}
			if where != "" {
				where = " (from " + where + ")"
			}
			warnings = append(warnings, fmt.Sprintf("--%s%s has no effect: %s", flag, where, reason))
		}
	}
	return warnings
}
