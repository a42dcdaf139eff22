package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/httpapi"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/runninglist"
	"galaxy/healthactors/adapters/stdout"
)

// A game that is just being handed over is in two lists: the newest observation counts, and none counts least.
func TestMergeGames(t *testing.T) {
	early := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	late := early.Add(time.Second)
	game := func(id, node string, at *time.Time) actors.GameStatus {
		return actors.GameStatus{GameID: id, Node: node, ObservedAt: at}
	}
	got := mergeGames([][]actors.GameStatus{
		{game("b", "one", &early), game("d", "one", nil)},
		{game("a", "two", nil), game("b", "two", &late), game("c", "two", nil), game("d", "two", &early)},
		nil,
	})
	var is []string
	for _, g := range got {
		is = append(is, g.GameID+" of "+g.Node)
	}
	if diff := cmp.Diff([]string{"a of two", "b of two", "c of two", "d of two"}, is); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestClusterStatusForPeople(t *testing.T) {
	since := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	var out strings.Builder
	err := printStatus(&out, httpapi.ClusterStatus{Cluster: "eu", Node: "a", Members: []httpapi.MemberStatus{
		{Node: "a", Address: "10.0.0.1:7400", Engines: []string{"east", "west"}, Games: 2, Since: since},
		{Node: "b", Address: "10.0.0.2:7400", Engines: []string{"east"}, Games: 1, Since: since},
	}}, []actors.GameStatus{
		{GameID: "1", Node: "a", Reasons: []string{"not_running"}, EventsPending: 3},
		{GameID: "2", Node: "a", LastError: "no answer within 5s"},
		{GameID: "3", Node: "b", LastError: `member "b" at 10.0.0.2:7400: it can't be reached`},
	})
	want := `cluster eu, as node a sees it: 2 members, 3 games, 3 events pending

NODE  ADDRESS        GAMES  UNHEALTHY  SINCE                 ENGINES    
a     10.0.0.1:7400  2      1          2026-11-23T08:00:00Z  east,west  
b     10.0.0.2:7400  1      ?          2026-11-23T08:00:00Z  east       member "b" at 10.0.0.2:7400: it can't be reached
`
	if diff := cmp.Diff(want, out.String()); diff != "" || err != nil {
		t.Errorf("error %v, -want +got:\n%s", err, diff)
	}
}

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
		"all of IPv4":                {args: []string{"--cluster-listen=0.0.0.0:0"}, want: []string{"--cluster-listen=0.0.0.0:0", "--cluster-advertise HOST:PORT", "10.0.0.1:7400"}},
		"all of IPv6":                {args: []string{"--cluster-listen=[::]:0"}, want: []string{"--cluster-listen=[::]:0", "--cluster-advertise HOST:PORT"}},
		"all, mapped":                {args: []string{"--cluster-listen=[::ffff:0.0.0.0]:0"}, want: []string{"--cluster-advertise HOST:PORT"}},
		"all, by no name":            {args: []string{"--cluster-listen=:0"}, want: []string{"--cluster-listen=:0", "--cluster-advertise HOST:PORT"}},
		"all are advertised":         {args: []string{"--cluster-listen=127.0.0.1:0", "--cluster-advertise=0.0.0.0:7400"}, want: []string{"--cluster-advertise", `"0.0.0.0:7400"`, "10.0.0.1:7400"}},
		"all of IPv6 are advertised": {args: []string{"--cluster-advertise=[::]:7400"}, want: []string{"--cluster-advertise", `"[::]:7400"`}},
		"no host is advertised":      {args: []string{"--cluster-advertise=:7400"}, want: []string{"--cluster-advertise", `":7400"`}},
		"no port is advertised":      {args: []string{"--cluster-advertise=node-1"}, want: []string{"--cluster-advertise", `"node-1"`}},
		"an empty port":              {args: []string{"--cluster-advertise=node-1:"}, want: []string{"--cluster-advertise", `"node-1:"`}},
		"port 0 is advertised":       {args: []string{"--cluster-advertise=node-1:0"}, want: []string{"--cluster-advertise", `"node-1:0"`}},
		"a port beyond all":          {args: []string{"--cluster-advertise=node-1:65536"}, want: []string{"--cluster-advertise", `"node-1:65536"`}},
		"a URL is advertised":        {args: []string{"--cluster-advertise=http://node-1:7400"}, want: []string{"--cluster-advertise", "http://node-1:7400"}},
		"another machine's":          {args: []string{"--cluster-listen=192.0.2.1:0"}, want: []string{"--cluster-listen=192.0.2.1:0", "not an address of this machine"}},
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

// Another member may ask from the moment the port is open, while the node is still starting.
func TestMemberAsksWhileTheNodeStarts(t *testing.T) {
	const members = 8
	node := &lateNode{}
	var asked sync.WaitGroup
	asked.Add(members)
	answered := make(chan error, members)
	for range members {
		go func() {
			_, err := node.Games(t.Context())
			if !errors.Is(err, errStarting) || node.Ready() || node.Alive(t.Context()) == nil {
				t.Errorf("before the node is there: %v", err)
			}
			asked.Done()
			for errors.Is(err, errStarting) {
				_, err = node.Games(t.Context())
			}
			answered <- err
		}()
	}
	started := startBareNode(t)
	asked.Wait()
	node.set(started)
	for range members {
		if err := <-answered; err != nil {
			t.Error(err)
		}
	}
}

// startBareNode starts a node without games.
func startBareNode(t *testing.T) *actors.Node {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	j, err := journal.Open(t.Context(), journal.Config{
		URL: "memory:", Retention: time.Hour, Holder: "a", Log: log, Clock: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	started, err := actors.Start(actors.Config{
		Interval: time.Hour, InspectTimeout: time.Second, InspectConcurrency: 1, ListTimeout: time.Second, Emit: actors.EmitEveryTick, Node: "a",
	}, actors.Ports{
		RunningLists: map[string]actors.RunningList{"": runninglist.NewFile("no.json", log)},
		Journal:      j, Broker: stdout.New(io.Discard), Clock: time.Now, Log: log,
		Meter: metricnoop.NewMeterProvider(), Tracer: tracenoop.NewTracerProvider(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		started.Stop(t.Context())
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return started
}

// Which node of which cluster writes a log is in its first line (S9).
func TestS9TheStartNamesNodeAndCluster(t *testing.T) {
	for cluster, want := range map[string][]string{"": {"node=a "}, "east": {"node=a ", "cluster=east ", "address=127.0.0.1:", "lease=3s "}} {
		var log bytes.Buffer
		s := &settings{}
		s.Cluster, s.ClusterListen, s.Lease = name(cluster), "127.0.0.1:0", lease(3*time.Second)
		p := &parts{log: slog.New(slog.NewTextHandler(&log, nil))}
		members, err := join(t.Context(), s, "a", &lateNode{}, p.log)
		if err != nil {
			t.Fatal(err)
		}
		logStart(s, p, "a", members, &api{})
		members.close()
		for _, attr := range want {
			if !strings.Contains(log.String(), attr) {
				t.Errorf("%q is not in %s", attr, log.String())
			}
		}
		if strings.Contains(log.String(), "cluster=") != (cluster != "") {
			t.Errorf("cluster %q: %s", cluster, log.String())
		}
	}
}
