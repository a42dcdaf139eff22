package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"galaxy/healthactors/messages"
)

// R5: the journal's file is deleted while the broker is away. What the node had detected arrives all the same, as soon as the
// broker is there, and the node ends with exit code 1.
func TestRunPublishesWhatADeletedFileHolds(t *testing.T) {
	w := newWorld(t)
	games := []string{"one", "two", "three"}
	for _, game := range games {
		w.container(game, 0, "running", "unhealthy")
	}
	w.list(games...)
	port := unusedPort(t)
	broker := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	p := start(t, w.dir, w.args("--publish=kafka://"+broker, "--drain-timeout=15s")...)
	w.inspects(60)
	path := filepath.Join(w.dir, "healthactors.db")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	deleted := time.Now()
	p.logs("msg=stopping")
	if took := time.Since(deleted); took > 10*time.Second {
		t.Errorf("it took %v to notice", took)
	}
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.SeedTopics(1, messages.DefaultTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	if code := p.exits(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	saysThatItIsGone(t, p, path)

	// Each answer is an event but the last one of each game, which the stop may have cut off.
	inspects := int(w.engine.Counts().Inspects)
	arrived := consumeAtLeast(t, broker, inspects-len(games))
	if len(arrived) > inspects {
		t.Errorf("%d events of %d inspects", len(arrived), inspects)
	}
}

// A file that is deleted shortly before an orderly stop makes that one of failure, too.
func TestRunStoppedAfterItsFileWasDeleted(t *testing.T) { // R5
	w := newWorld(t)
	w.list()
	p := start(t, w.dir, w.args()...)
	p.logs("msg=started")
	path := filepath.Join(w.dir, "healthactors.db")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	saysThatItIsGone(t, p, path)
}

// saysThatItIsGone wants the last line to name the file.
func saysThatItIsGone(t *testing.T, p *process, path string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(p.err.String()), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "healthactors: ") || !strings.Contains(last, path+" was deleted") {
		t.Errorf("the last line is %q", last)
	}
}

// unusedPort is one that nobody listens on.
func unusedPort(t *testing.T) int {
	t.Helper()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	return nobody.Addr().(*net.TCPAddr).Port
}

// consumeAtLeast returns the ids of the events in a topic, once there are so many.
func consumeAtLeast(t *testing.T, broker string, want int) map[string]bool {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumeTopics(messages.DefaultTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	arrived := map[string]bool{}
	for len(arrived) < want && ctx.Err() == nil {
		for record := range client.PollFetches(ctx).RecordsAll() {
			event, err := messages.Decode(record.Value)
			if err != nil {
				t.Fatal(err)
			}
			arrived[event.EventID] = true
		}
	}
	if len(arrived) < want {
		t.Errorf("%d events have arrived of %d", len(arrived), want)
	}
	return arrived
}
