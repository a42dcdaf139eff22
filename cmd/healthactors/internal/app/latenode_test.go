package app

import (
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/runninglist"
	"galaxy/healthactors/adapters/stdout"
)

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
