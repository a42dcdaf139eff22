package settings

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnknownVariables(t *testing.T) {
	known := []string{"HEALTHACTORS_HTTP", "HEALTHACTORS_INSPECT_TIMEOUT", "HEALTHACTORS_JOURNAL"}
	got := unknownVariables([]string{
		"PATH=/bin", "HEALTHACTORS=x", "DOCKER_HOST=unix:///x", "HEALTHACTOR_HTTP=x", // nobody's
		"HEALTHACTORS_HTTP=127.0.0.1:80",
		"HEALTHACTORS_JOURNALS=postgres://app:s3cret@db/games",
		"HEALTHACTORS_INSPECT_TIMEOUTS=5s",
		"HEALTHACTORS_http=x",
		"HEALTHACTORS_COLOUR=s3cret",
		"HEALTHACTORS_HTTP_PORT=8080", // nothing that Kubernetes would say
		"HEALTHACTORS_SERVICE=x",
		"HEALTHACTORS_",
		// What Kubernetes says of the Services healthactors and healthactors-api.
		"HEALTHACTORS_SERVICE_HOST=10.0.0.1", "HEALTHACTORS_SERVICE_PORT=8080", "HEALTHACTORS_SERVICE_PORT_HTTP=8080",
		"HEALTHACTORS_SERVICE_PORT_CLUSTER_TLS=7400", "HEALTHACTORS_PORT=tcp://10.0.0.1:8080",
		"HEALTHACTORS_PORT_8080_TCP=tcp://10.0.0.1:8080", "HEALTHACTORS_PORT_8080_TCP_PROTO=tcp",
		"HEALTHACTORS_PORT_8080_TCP_PORT=8080", "HEALTHACTORS_PORT_8080_TCP_ADDR=10.0.0.1",
		"HEALTHACTORS_PORT_53_UDP=udp://10.0.0.1:53", "HEALTHACTORS_PORT_53_UDP_ADDR=10.0.0.1", "HEALTHACTORS_PORT_9_SCTP_PORT=9",
		"HEALTHACTORS_API_SERVICE_HOST=10.0.0.2", "HEALTHACTORS_API_SERVICE_PORT=80", "HEALTHACTORS_API_SERVICE_PORT_HTTP=80",
		"HEALTHACTORS_API_PORT=tcp://10.0.0.2:80", "HEALTHACTORS_API_PORT_80_TCP_ADDR=10.0.0.2",
	}, known)
	want := []string{
		`the environment variable "HEALTHACTORS_" is no setting; --help lists the variables`,
		`the environment variable "HEALTHACTORS_COLOUR" is no setting; --help lists the variables`,
		`the environment variable "HEALTHACTORS_HTTP_PORT" is no setting, did you mean "HEALTHACTORS_HTTP"?`,
		`the environment variable "HEALTHACTORS_INSPECT_TIMEOUTS" is no setting, did you mean "HEALTHACTORS_INSPECT_TIMEOUT"?`,
		`the environment variable "HEALTHACTORS_JOURNALS" is no setting, did you mean "HEALTHACTORS_JOURNAL"?`,
		`the environment variable "HEALTHACTORS_SERVICE" is no setting; --help lists the variables`,
		`the environment variable "HEALTHACTORS_http" is no setting, did you mean "HEALTHACTORS_HTTP"?`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// No setting may have the name of a variable that Kubernetes sets by itself.
func TestNoSettingIsAServiceVariable(t *testing.T) {
	s, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(s.variables, "HEALTHACTORS_INSPECT_TIMEOUT") || !slices.Contains(s.variables, "HEALTHACTORS_GAMES") {
		t.Errorf("the settings are %q", s.variables)
	}
	for _, name := range s.variables {
		if isServiceVariable(name, "tcp://10.0.0.1:8080") {
			t.Errorf("%s", name)
		}
	}
}

func TestSettingsWithoutEffect(t *testing.T) {
	const here = "--running-list=file:x"
	cluster := []string{"--cluster=c", "--journal=postgres://db/games"}
	for name, tc := range map[string]struct {
		args []string
		env  map[string]string
		file string
		want []string // the flags, and where they were given
	}{
		"none given":                {},
		"all have one":              {args: []string{"--interval=1s", "--http=", "--journal=memory:", "--journal-retention=1h", "--node=a", "--docker-host=tcp://h:1", "--engine=a=tcp://h:2", "--list-timeout=1s"}},
		"query, docker:":            {args: []string{"--running-query=SELECT 1, 2"}, want: []string{"--running-query"}},
		"query, file":               {args: []string{here, "--running-query=SELECT 1, 2"}, want: []string{"--running-query"}},
		"query, Postgres":           {args: []string{"--running-list=postgres://db/games", "--running-query=SELECT 1, 2"}},
		"topic, stdout":             {args: []string{"--topic=t"}, want: []string{"--topic"}},
		"topic, its default":        {args: []string{"--topic=runtime.health_events"}, want: []string{"--topic"}},
		"topic, Kafka":              {args: []string{"--topic=t", "--publish=kafka://h:1"}},
		"Kafka's, stdout":           {args: []string{"--kafka-tls-ca=a", "--kafka-tls-cert=b", "--kafka-tls-key=c", "--kafka-sasl=plain", "--kafka-user=u", "--kafka-password-file=p"}, want: []string{"--kafka-tls-ca", "--kafka-tls-cert", "--kafka-tls-key", "--kafka-sasl", "--kafka-user", "--kafka-password-file"}},
		"Kafka's, Kafka":            {args: []string{"--publish=kafka://h:1", "--kafka-sasl=plain", "--kafka-user=u", "--kafka-password-file=p"}},
		"empty":                     {args: []string{"--kafka-user=", "--kafka-sasl=", "--cluster-advertise=", "--cluster-insecure=false"}},
		"cluster's, no cluster":     {args: []string{"--cluster-listen=h:1", "--cluster-advertise=h:1", "--cluster-insecure", "--lease=1s"}, want: []string{"--cluster-listen", "--cluster-advertise", "--cluster-insecure", "--lease"}},
		"cluster's, a cluster":      {args: append(cluster, "--cluster-listen=0.0.0.0:1", "--cluster-advertise=h:1", "--cluster-insecure", "--lease=1s")},
		"insecure, loopback":        {args: append(cluster, "--cluster-insecure"), want: []string{"--cluster-insecure"}},
		"insecure, TLS":             {args: append(cluster, "--cluster-insecure", "--cluster-listen=0.0.0.0:1", "--cluster-tls-cert=c"), want: []string{"--cluster-insecure"}},
		"from the environment":      {env: map[string]string{"HEALTHACTORS_TOPIC": "t", "HEALTHACTORS_KAFKA_USER": ""}, want: []string{"--topic (from HEALTHACTORS_TOPIC)"}},
		"from a file":               {file: "interval: 1s\ntopic: t\n", want: []string{"--topic (from \"FILE\" line 2)"}},
		"a flag before the others":  {args: []string{"--topic=t"}, env: map[string]string{"HEALTHACTORS_TOPIC": "e"}, file: "topic: f\n", want: []string{"--topic"}},
		"a variable before a file":  {env: map[string]string{"HEALTHACTORS_TOPIC": "e"}, file: "topic: f\n", want: []string{"--topic (from HEALTHACTORS_TOPIC)"}},
		"in the order of the rules": {args: []string{"--lease=1s", "--topic=t", "--running-query=SELECT 1, 2"}, want: []string{"--running-query", "--topic", "--lease"}},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range tc.env {
				t.Setenv(key, value)
			}
			path := ""
			if tc.file != "" {
				path = file(t, tc.file)
				tc.args = append(tc.args, "--config="+path)
			}
			s, err := parse(t, tc.args...)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, warning := range s.withoutEffect() {
				setting, reason, ok := strings.Cut(warning, " has no effect: ")
				if !ok || reason == "" {
					t.Errorf("warning %q", warning)
				}
				if path != "" {
					setting = strings.ReplaceAll(setting, path, "FILE")
				}
				got = append(got, setting)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Each setting has an effect whatever the others are, or stands in the table of those that need others. Whoever adds one
// decides which.
func TestEachSettingHasAnEffectOrARule(t *testing.T) {
	always := []string{
		"cluster", "cluster-tls-ca", "cluster-tls-cert", "cluster-tls-key", // without a cluster they are refused
		"config", "docker-host", "drain-timeout", "emit", "engine", "help", "http", "inspect-concurrency", "inspect-timeout", "interval",
		"journal", "journal-retention", "list-timeout", "log-format", "log-level", "node", "publish", "running-list",
	}
	var grammar struct {
		Run struct{ Settings } `cmd:""`
	}
	parsed, err := Parse(&grammar, []string{"run"}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	sometimes := map[string]bool{}
	for _, e := range effects {
		for _, flag := range e.flags {
			sometimes[flag] = true
		}
	}
	for _, flag := range parsed.Flags() {
		if slices.Contains(always, flag.Name) == sometimes[flag.Name] {
			t.Errorf("--%s: has it always an effect? %t; is it in effects? %t", flag.Name, !sometimes[flag.Name], sometimes[flag.Name])
		}
		delete(sometimes, flag.Name)
	}
	for flag := range sometimes {
		t.Errorf("--%s is no setting", flag)
	}
}
