package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// grammar is how a line says that a setting is wrong: --flag "VALUE" (from WHERE): reason; want …
var grammar = regexp.MustCompile(`^healthactors: (--[a-z-]+|[A-Z_]+)( "([^"\\]|\\.)*")?( \(from ([A-Z_]+|".*" line \d+)\))?: .+(; want .+|, did you mean .+\?)\n$`)

// asAWhole is how one begins that is about the command line as a whole.
var asAWhole = regexp.MustCompile(`^healthactors: (unknown flag|unexpected argument|expected one of) `)

// Each wrong setting is one line that names it, the value without secrets, and what would be right; and exit code 2.
func TestWrongConfiguration(t *testing.T) {
	const database = "postgres://app:s3cret@db:x/games"
	for name, tc := range map[string]struct {
		args []string
		env  []string
		file string
		want []string
	}{
		"no command":                  {want: []string{"run", "demo", "check", "version"}},
		"unknown command":             {args: []string{"walk"}, want: []string{"walk"}},
		"unknown flag":                {args: []string{"run", "--intervall=1s"}, want: []string{"--intervall", `did you mean "--interval"? --help`}},
		"flag, an underscore":         {args: []string{"run", "--running_list=x"}, want: []string{"--running_list", `did you mean "--running-list"?`}},
		"flag, capitals":              {args: []string{"run", "--RunningList=x"}, want: []string{"--RunningList", `did you mean "--running-list"?`}},
		"flag, one dash":              {args: []string{"run", "-interval=1s"}, want: []string{"unknown flag -interval", `did you mean "--interval"?`}},
		"flag, no dash":               {args: []string{"run", "journal=postgres://app:s3cret@db/games"}, want: []string{"unexpected argument", `did you mean "--journal"?`}},
		"flag, half a name":           {args: []string{"run", "--concurrency=1"}, want: []string{`did you mean "--inspect-concurrency"?`}},
		"flag, a foreign one":         {args: []string{"run", "--colour"}, want: []string{"unknown flag --colour; --help"}},
		"flag before the command":     {args: []string{"--interval=1s", "run"}, want: []string{"--interval before the command", "healthactors run --interval"}},
		"typo before the command":     {args: []string{"--intervall=1s", "run"}, want: []string{"--intervall", `did you mean "--interval"?`}},
		"command with a typo":         {args: []string{"rnu"}, want: []string{"rnu", `did you mean "run"?`}},
		"missing value":               {args: []string{"run", "--interval"}, want: []string{"--interval: has no value; want --interval=VALUE"}},
		"missing before a flag":       {args: []string{"run", "--interval", "--http="}, want: []string{"--interval: has no value; want --interval=VALUE"}},
		"http, unknown host":          {args: []string{"run", "--http=no.such.host.invalid:80", "--journal=memory:"}, want: []string{"--http", "no.such.host.invalid:80", "not an address", "127.0.0.1:8080"}},
		"http, impossible":            {args: []string{"run", "--http=300.1.1.1:80", "--journal=memory:"}, want: []string{"--http", "300.1.1.1:80", "not an address"}},
		"http, another machine's":     {args: []string{"run", "--http=192.0.2.1:80", "--journal=memory:"}, want: []string{"--http", "192.0.2.1:80", "not an address"}},
		"no duration":                 {args: []string{"run", "--interval=10"}, want: []string{"--interval", `"10"`, "10s"}},
		"zero duration":               {args: []string{"run", "--interval=0s"}, want: []string{"--interval", `"0s"`, "positive"}},
		"negative duration":           {args: []string{"run", "--drain-timeout=-1s"}, want: []string{"--drain-timeout", `"-1s"`, "positive"}},
		"overflowing duration":        {args: []string{"run", "--list-timeout=9999999h"}, want: []string{"--list-timeout", "9999999h"}},
		"zero timeout":                {args: []string{"run", "--inspect-timeout=0"}, want: []string{"--inspect-timeout", "positive"}},
		"zero retention":              {args: []string{"run", "--journal-retention=0"}, want: []string{"--journal-retention", "positive"}},
		"no concurrency":              {args: []string{"run", "--inspect-concurrency=0"}, want: []string{"--inspect-concurrency", `"0"`, "at least 1"}},
		"concurrency in words":        {args: []string{"run", "--inspect-concurrency=few"}, want: []string{"--inspect-concurrency", `"few"`, "at least 1"}},
		"emit":                        {args: []string{"run", "--emit=never"}, want: []string{"--emit", `"never"`, "every-tick", "on-change"}},
		"log format":                  {args: []string{"run", "--log-format=xml"}, want: []string{"--log-format", `"xml"`, "text", "json"}},
		"log level":                   {args: []string{"run", "--log-level=loud"}, want: []string{"--log-level", `"loud"`, "debug"}},
		"http without port":           {args: []string{"run", "--http=localhost"}, want: []string{"--http", `"localhost"`, "HOST:PORT"}},
		"http with a wrong port":      {args: []string{"run", "--http=localhost:99999"}, want: []string{"--http", "HOST:PORT"}},
		"topic":                       {args: []string{"run", "--topic=a b"}, want: []string{"--topic", `"a b"`, "a-z"}},
		"empty topic":                 {args: []string{"run", "--topic="}, want: []string{"--topic", `""`}},
		"running list":                {args: []string{"run", "--running-list=games.json"}, want: []string{"--running-list", `"games.json"`, "file:PATH"}},
		"running list, database":      {args: []string{"run", "--running-list=" + database}, want: []string{"--running-list", "app:xxxxx@db"}},
		"running list, an @ in it":    {args: []string{"run", "--running-list=postgres://app:pa@s3cret@db/games"}, want: []string{`--running-list "postgres://app:xxxxx@db/games"`, "percent-encoded"}},
		"running list, a / in it":     {args: []string{"run", "--running-list=postgres://app:/s3cret@db/games"}, want: []string{`--running-list "postgres://app:xxxxx@db/games"`, "percent-encoded"}},
		"journal, an @ in it":         {args: []string{"run", "--journal=postgres://app:pa@s3cret@db/games"}, want: []string{`--journal "postgres://app:xxxxx@db/games"`, "percent-encoded"}},
		"empty query":                 {args: []string{"run", "--running-list=postgres://db/games", "--running-query="}, want: []string{"--running-query"}},
		"docker host":                 {args: []string{"run", "--docker-host=http://h"}, want: []string{"--docker-host", `"http://h"`, "unix://PATH"}},
		"DOCKER_HOST":                 {args: []string{"run"}, env: []string{"DOCKER_HOST=http://h"}, want: []string{"DOCKER_HOST", `"http://h"`, "unix://PATH"}},
		"docker host, secret":         {args: []string{"run", "--docker-host=u:s3cret@h"}, want: []string{"--docker-host", `"u:xxxxx@h"`, "no scheme"}},
		"http with a secret":          {args: []string{"run", "--http=u:s3cret@h"}, want: []string{"--http", `"u:xxxxx@h"`, "HOST:PORT"}},
		"engine with a token":         {args: []string{"run", "--engine=a=tcp://h:1?token=s3cret"}, want: []string{"--engine", `"a=tcp://h:1?token=xxxxx"`, "NAME=HOST"}},
		"engine with a password":      {args: []string{"run", "--engine=a=u:s3cret@h,/x"}, want: []string{"--engine", `"a=u:xxxxx@h,/x"`, "NAME=HOST"}},
		"engine without a name":       {args: []string{"run", "--engine=u:s3cret@h"}, want: []string{"--engine", `"u:xxxxx@h"`, "NAME=HOST"}},
		"DOCKER_HOST, token":          {args: []string{"run"}, env: []string{"DOCKER_HOST=tcp://h:1?token=s3cret"}, want: []string{"DOCKER_HOST", `"tcp://h:1?token=xxxxx"`}},
		"journal without //":          {args: []string{"run", "--journal=postgres:u:s3cret@h"}, want: []string{"--journal", `"postgres:xxxxx@h"`, "lacks //"}},
		"journal without scheme":      {args: []string{"run", "--journal=u:s3cret@h"}, want: []string{"--journal", "xxxxx@h", "scheme"}},
		"running list without //":     {args: []string{"run", "--running-list=postgres:u:s3cret@h/db"}, want: []string{"--running-list", `"postgres:xxxxx@h/db"`}},
		"publish with a token":        {args: []string{"run", "--publish=kafka://h:1?token=s3cret"}, want: []string{"--publish", `"kafka://h:1?token=xxxxx"`}},
		"root certificate":            {args: []string{"run", "--journal=postgres://h/db?sslmode=verify-full&sslrootcert=/no/such.pem"}, want: []string{"--journal", "open /no/such.pem"}},
		"engine without host":         {args: []string{"run", "--engine=a"}, want: []string{"--engine", `"a"`, "NAME=HOST"}},
		"engine twice":                {args: []string{"run", "--engine=a=tcp://h:1", "--engine=a=tcp://h:2"}, want: []string{"--engine", `"a=tcp://h:2"`, "taken"}},
		"default engine twice":        {args: []string{"run", "--engine=default=tcp://h:1", "--docker-host=tcp://h:2"}, want: []string{"--engine", "default=tcp://h:1", "taken"}},
		"engine's certificates":       {args: []string{"run", "--engine=a=tcp://h:1,/no/such/folder"}, want: []string{"--engine", "/no/such/folder", "ca.pem"}},
		"journal":                     {args: []string{"run", "--journal=healthactors.db"}, want: []string{"--journal", "healthactors.db", "sqlite:PATH"}},
		"journal, database":           {args: []string{"run", "--journal=" + database}, want: []string{"--journal", "app:xxxxx@db"}},
		"journal, environment":        {args: []string{"run"}, env: []string{"HEALTHACTORS_JOURNAL=" + database}, want: []string{"--journal", "HEALTHACTORS_JOURNAL", "app:xxxxx@db"}},
		"publish":                     {args: []string{"run", "--publish=nats://h"}, want: []string{"--publish", "nats://h", "kafka://HOST:PORT", "stdout:"}},
		"publish with a password":     {args: []string{"run", "--publish=kafka://app:s3cret@h:1"}, want: []string{"--publish", "--kafka-password-file"}},
		"sasl":                        {args: []string{"run", "--publish=kafka://h:1", "--kafka-sasl=gssapi"}, want: []string{"--kafka-sasl", `"gssapi"`, "scram-sha-256"}},
		"publish, half an address":    {args: []string{"run", "--publish=kafka://h:1,h2"}, want: []string{"--publish", "names a broker (2 of 2) that has no port"}},
		"several Engines at once":     {args: []string{"run"}, env: []string{"HEALTHACTORS_ENGINE=a=tcp://h:1;b"}, want: []string{`--engine "b" (from HEALTHACTORS_ENGINE)`, "NAME=HOST"}},
		"a bool":                      {args: []string{"run"}, env: []string{"HEALTHACTORS_CLUSTER_INSECURE=maybe"}, want: []string{`--cluster-insecure "maybe" (from HEALTHACTORS_CLUSTER_INSECURE)`, "true or false"}},
		"demo's seed":                 {args: []string{"demo", "--seed=x"}, want: []string{`--seed "x"`, "whole number"}},
		"a context of the Docker CLI": {args: []string{"run"}, env: []string{"DOCKER_CONTEXT=nowhere"}, want: []string{"--docker-host: ", `context "nowhere"`}},
		"a version of the API":        {args: []string{"run"}, env: []string{"DOCKER_API_VERSION=one"}, want: []string{`DOCKER_API_VERSION "one": is not a version`}},
		"tracing":                     {args: []string{"run"}, env: []string{"OTEL_TRACES_EXPORTER=jaeger"}, want: []string{`OTEL_TRACES_EXPORTER "jaeger"`, "otlp, console or none"}},
		"tracing, secret headers":     {args: []string{"run"}, env: []string{"OTEL_TRACES_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_HEADERS=s3cret"}, want: []string{`OTEL_EXPORTER_OTLP_HEADERS "xxxxx"`, "pairs such as"}},
		"tracing, attributes":         {args: []string{"run"}, env: []string{"OTEL_TRACES_EXPORTER=otlp", "OTEL_RESOURCE_ATTRIBUTES=host"}, want: []string{`OTEL_RESOURCE_ATTRIBUTES "host"`, "pairs such as"}},
		"sasl without user":           {args: []string{"run", "--publish=kafka://h:1", "--kafka-sasl=plain"}, want: []string{"--kafka-sasl", "--kafka-user"}},
		"user without sasl":           {args: []string{"run", "--publish=kafka://h:1", "--kafka-user=app"}, want: []string{"--kafka-user", "--kafka-sasl"}},
		"certificate without key":     {args: []string{"run", "--publish=kafka://h:1", "--kafka-tls-cert=c.pem"}, want: []string{`--kafka-tls-cert "c.pem": is given without --kafka-tls-key`}},
		"missing certificates":        {args: []string{"run", "--publish=kafka://h:1", "--kafka-tls-ca=no.pem"}, want: []string{"--kafka-tls-ca", "no.pem"}},
		"certificates of no kind":     {args: []string{"run", "--publish=kafka://h:1", "--kafka-tls-ca=settings.yaml"}, file: "{}", want: []string{"--kafka-tls-ca", "settings.yaml", "PEM"}},
		"missing password file": {
			args: []string{"run", "--publish=kafka://h:1", "--kafka-sasl=plain", "--kafka-user=app", "--kafka-password-file=no.txt"},
			want: []string{"--kafka-password-file", "no.txt"},
		},
		"environment":               {args: []string{"run"}, env: []string{"HEALTHACTORS_INTERVAL=soon"}, want: []string{"HEALTHACTORS_INTERVAL", `"soon"`, "10s"}},
		"environment, a choice":     {args: []string{"run"}, env: []string{"HEALTHACTORS_EMIT=foo"}, want: []string{"--emit", "HEALTHACTORS_EMIT", `"foo"`, "on-change"}},
		"environment, a file":       {args: []string{"run", "--publish=kafka://h:1"}, env: []string{"HEALTHACTORS_KAFKA_TLS_CA=no.pem"}, want: []string{"--kafka-tls-ca", "no.pem", "HEALTHACTORS_KAFKA_TLS_CA"}},
		"missing file":              {args: []string{"run", "--config=no.yaml"}, want: []string{"--config", "no.yaml", "no such file"}},
		"missing, environment":      {args: []string{"run"}, env: []string{"HEALTHACTORS_CONFIG=no.yaml"}, want: []string{`--config "no.yaml" (from HEALTHACTORS_CONFIG)`, "no such file"}},
		"a folder as the file":      {args: []string{"run", "--config=."}, want: []string{"--config", `"."`, "directory"}},
		"cluster without Postgres":  {args: []string{"run", "--cluster=c"}, want: []string{`--cluster "c"`, "--journal", "postgres://", "sqlite:healthactors.db"}},
		"cluster with a wrong name": {args: []string{"run", "--cluster=a b"}, want: []string{"--cluster", `"a b"`}},
		"cluster with a wrong node": {args: []string{"run", "--node=a/b"}, want: []string{"--node", `"a/b"`}},
		"cluster with an unnamed Engine": {
			args: []string{"run", "--cluster=c", "--journal=postgres://db/games", "--docker-host=unix:///run/docker.sock"},
			want: []string{`--cluster "c"`, "--engine NAME=unix://"},
		},
		"cluster in the open": {
			args: []string{"run", "--cluster=c", "--journal=postgres://db/games", "--docker-host=tcp://h:1", "--cluster-listen=0.0.0.0:7400"},
			want: []string{`--cluster-listen "0.0.0.0:7400"`, "--cluster-tls-ca", "--cluster-insecure"},
		},
		"cluster with half of TLS": {
			args: []string{"run", "--cluster=c", "--journal=postgres://db/games", "--docker-host=tcp://h:1", "--cluster-tls-ca=ca.pem"},
			want: []string{`--cluster-tls-ca "ca.pem"`, "is given without --cluster-tls-cert"},
		},
		"cluster without its files": {
			args: []string{
				"run", "--cluster=c", "--journal=postgres://db/games", "--docker-host=tcp://h:1",
				"--cluster-tls-ca=ca.pem", "--cluster-tls-cert=cert.pem", "--cluster-tls-key=key.pem",
			},
			want: []string{"--cluster-tls-ca", "ca.pem", "no such file"},
		},
		"cluster's address": {
			args: []string{"run", "--cluster=c", "--journal=postgres://db/games", "--docker-host=tcp://h:1", "--cluster-listen=here"},
			want: []string{`--cluster-listen "here": has no port; want HOST:PORT`},
		},
		"cluster's files alone": {args: []string{"run", "--cluster-tls-ca=ca.pem"}, want: []string{`--cluster-tls-ca "ca.pem"`, "--cluster NAME"}},
		"no lease":              {args: []string{"run", "--lease=0s"}, want: []string{"--lease", `"0s"`, "at least 500ms"}},
		"too short a lease":     {args: []string{"run"}, env: []string{"HEALTHACTORS_LEASE=499ms"}, want: []string{"HEALTHACTORS_LEASE", `"499ms"`, "at least 500ms", "3s"}},
		"demo":                  {args: []string{"demo", "--games=0"}, want: []string{"--games", `"0"`, "at least 1"}},
		"demo's length":         {args: []string{"demo", "--for=-1s"}, want: []string{"--for", `"-1s"`, "15s"}},
		"check validates too":   {args: []string{"check", "--interval=0s"}, want: []string{"--interval", `"0s"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tc.file != "" {
				if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte(tc.file), 0o600); err != nil {
					t.Fatal(err)
				}
				tc.args = append(tc.args, "--config=settings.yaml")
				if tc.file == "{}" {
					tc.args = tc.args[:len(tc.args)-1]
				}
			}
			code, stdout, stderr := output(t, dir, tc.env, tc.args...)
			if code != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
			}
			for _, want := range tc.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is not in: %s", want, stderr)
				}
			}
			if !grammar.MatchString(stderr) && !asAWhole.MatchString(stderr) {
				t.Errorf("not in the grammar of all: %s", stderr)
			}
			if strings.Contains(stderr, "s3cret") {
				t.Errorf("the password is shown: %s", stderr)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "healthactors*")); len(left) > 0 {
				t.Errorf("it wrote %v", left)
			}
		})
	}
}
