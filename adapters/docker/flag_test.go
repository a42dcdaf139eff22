package docker_test

import (
	"strings"
	"testing"

	"galaxy/healthactors/adapters/docker"
)

func TestParseEngine(t *testing.T) {
	for _, c := range []struct{ value, name, host, certDir, err string }{
		{value: "a=unix:///run/a.sock", name: "a", host: "unix:///run/a.sock"},
		{value: "a-1.b_c=tcp://10.0.0.1:2376,/etc/certs/a", name: "a-1.b_c", host: "tcp://10.0.0.1:2376", certDir: "/etc/certs/a"},
		{value: "a=tcp://[::1]:2376,dir,with,commas", name: "a", host: "tcp://[::1]:2376", certDir: "dir,with,commas"},
		{value: "a=ssh://me@host/run/x=y.sock", name: "a", host: "ssh://me@host/run/x=y.sock"},
		{value: "default=10.0.0.1:2375", name: "default", host: "10.0.0.1:2375"},
		{value: "", err: "has no ="},
		{value: "tcp://10.0.0.1:2376", err: "has no ="},
		{value: "=tcp://10.0.0.1:2376", err: "has a name that"},
		{value: "a b=tcp://10.0.0.1:2376", err: "has a name that"},
		{value: "-a=tcp://10.0.0.1:2376", err: "has a name that"},
		{value: "a=", err: "has an empty host"},
		{value: "a=,/certs", err: "has an empty host"},
		{value: "a=tcp://10.0.0.1:2376,", err: "has an empty directory"},
		{value: "a=10.0.0.1", err: "has a host that has no scheme"},
		{value: "a=http://10.0.0.1", err: "has a host that can't be used"},
		{value: "a=tcp://me:hunter2@10.0.0.1:2376", err: "has a host that has more than host"},
	} {
		name, host, certDir, err := docker.ParseEngine(c.value)
		if name != c.name || host != c.host || certDir != c.certDir {
			t.Errorf("ParseEngine(%q) = %q, %q, %q, %v", c.value, name, host, certDir, err)
		}
		switch {
		case c.err == "" && err != nil:
			t.Errorf("ParseEngine(%q): %v", c.value, err)
		case c.err == "":
		case err == nil || !strings.HasPrefix(err.Error(), c.err) || !strings.Contains(err.Error(), "want NAME=HOST[,CERTDIR]"):
			t.Errorf("ParseEngine(%q): %v, want an error with %q", c.value, err, c.err)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("ParseEngine(%q) gives the password away: %v", c.value, err)
		}
	}
}
