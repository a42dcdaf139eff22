package main

import (
	"strings"
	"testing"
)

// An address that the others can't use makes their view of the cluster silently wrong. What a node listens on alone doesn't tell
// where they find it when it listens on all of its machine's.
func TestClusterAddresses(t *testing.T) {
	clustered := func(more ...string) []string {
		return append([]string{
			"--cluster=c", "--cluster-insecure", "--journal=postgres://127.0.0.1:1/games?connect_timeout=1", "--docker-host=tcp://127.0.0.1:1", "--http=",
		}, more...)
	}
	for name, tc := range map[string]struct {
		args []string
		want []string // nothing where the addresses are right
	}{
		"all of IPv4":                {args: []string{"--cluster-listen=0.0.0.0:0"}, want: []string{`--cluster-listen "0.0.0.0:0"`, "--cluster-advertise HOST:PORT", "10.0.0.1:7400"}},
		"all of IPv6":                {args: []string{"--cluster-listen=[::]:0"}, want: []string{`--cluster-listen "[::]:0"`, "--cluster-advertise HOST:PORT"}},
		"all, mapped":                {args: []string{"--cluster-listen=[::ffff:0.0.0.0]:0"}, want: []string{"--cluster-advertise HOST:PORT"}},
		"all, by no name":            {args: []string{"--cluster-listen=:0"}, want: []string{`--cluster-listen ":0"`, "--cluster-advertise HOST:PORT"}},
		"all are advertised":         {args: []string{"--cluster-listen=127.0.0.1:0", "--cluster-advertise=0.0.0.0:7400"}, want: []string{"--cluster-advertise", `"0.0.0.0:7400"`, "10.0.0.1:7400"}},
		"all of IPv6 are advertised": {args: []string{"--cluster-advertise=[::]:7400"}, want: []string{"--cluster-advertise", `"[::]:7400"`}},
		"no host is advertised":      {args: []string{"--cluster-advertise=:7400"}, want: []string{"--cluster-advertise", `":7400"`}},
		"no port is advertised":      {args: []string{"--cluster-advertise=node-1"}, want: []string{"--cluster-advertise", `"node-1"`}},
		"an empty port":              {args: []string{"--cluster-advertise=node-1:"}, want: []string{"--cluster-advertise", `"node-1:"`}},
		"port 0 is advertised":       {args: []string{"--cluster-advertise=node-1:0"}, want: []string{"--cluster-advertise", `"node-1:0"`}},
		"a port beyond all":          {args: []string{"--cluster-advertise=node-1:65536"}, want: []string{"--cluster-advertise", `"node-1:65536"`}},
		"a URL is advertised":        {args: []string{"--cluster-advertise=http://node-1:7400"}, want: []string{"--cluster-advertise", "http://node-1:7400"}},
		"another machine's":          {args: []string{"--cluster-listen=192.0.2.1:0"}, want: []string{`--cluster-listen "192.0.2.1:0"`, "not an address of this machine"}},
		"all, and one advertised":    {args: []string{"--cluster-listen=0.0.0.0:0", "--cluster-advertise=node-1:7400"}},
		"one":                        {args: []string{"--cluster-listen=127.0.0.1:0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := output(t, t.TempDir(), nil, append([]string{"run"}, clustered(tc.args...)...)...)
			if tc.want == nil {
				if code != 1 || !strings.Contains(stderr, "open the journal") {
					t.Errorf("exit code %d, stderr %q, want it to get to the journal", code, stderr)
				}
				return
			}
			if code != 2 || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, stderr %q", code, stderr)
			}
			for _, want := range tc.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q is not in: %s", want, stderr)
				}
			}
		})
	}
}
