package actors_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// BenchmarkIdleGames shows what a game costs that is healthy: heap, and the time of a pass in which nothing happens. The
// doubles cost nothing per game, so that the figures are the node's own.
func BenchmarkIdleGames(b *testing.B) {
	const games = 100_000
	for b.Loop() {
		entries := make([]actors.Entry, games)
		for i := range entries {
			entries[i] = actors.Entry{GameID: fmt.Sprintf("game-%06d", i), ContainerID: fmt.Sprintf("%064x", i)}
		}
		before := heap()
		began := time.Now()
		node := startBench(b, entries)
		b.ReportMetric(time.Since(began).Seconds()*1e9/games, "ns/game-first-pass")
		b.ReportMetric(float64(heap()-before)/games, "B/game")
		node.Stop(context.Background())
	}
}

func startBench(b *testing.B, entries []actors.Entry) *actors.Node {
	b.Helper()
	node, err := actors.Start(actors.Config{
		Interval: time.Hour, InspectTimeout: time.Second, InspectConcurrency: 16, ListTimeout: time.Second,
		Emit: actors.EmitEveryTick, Topic: "topic",
	}, actors.Ports{
		RunningLists: map[string]actors.RunningList{"": constantList(entries)},
		Engines:      map[string]actors.Engine{actors.DefaultEngine: healthyEngine{}},
		Journal:      forgetfulJournal{},
		Broker:       silentBroker{},
		Clock:        time.Now,
		Log:          slog.New(slog.DiscardHandler),
		Meter:        metricnoop.NewMeterProvider(),
		Tracer:       tracenoop.NewTracerProvider(),
	})
	if err != nil {
		b.Fatal(err)
	}
	for !node.Ready() {
		time.Sleep(time.Millisecond)
	}
	return node
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

type constantList []actors.Entry

func (l constantList) Read(context.Context) ([]actors.Entry, error) {
	return l, nil
}

// healthyEngine answers with strings of its own, as an answer that was parsed does.
type healthyEngine struct{}

func (healthyEngine) Inspect(_ context.Context, containerID string) (actors.Observation, error) {
	id := []byte(containerID)
	return actors.Observation{ID: string(id), State: "running", Health: "healthy"}, nil
}

type forgetfulJournal struct{}

func (forgetfulJournal) Append(context.Context, string, int64, *v1.JournalEvent) error { return nil }

func (forgetfulJournal) Load(context.Context, string) (actors.Recovery, error) {
	return actors.Recovery{}, nil
}

func (forgetfulJournal) SaveSnapshot(context.Context, string, int64, int64, *v1.Snapshot, *v1.GainedState) error {
	return nil
}

func (forgetfulJournal) Pending(context.Context, string, int64, int) ([]actors.PendingDetection, error) {
	return nil, nil
}

func (forgetfulJournal) OpenStreams(context.Context) iter.Seq2[actors.OpenStream, error] {
	return func(func(actors.OpenStream, error) bool) {}
}

type silentBroker struct{}

func (silentBroker) Publish(string, ...*message.Message) error { return nil }
func (silentBroker) Close() error                              { return nil }
