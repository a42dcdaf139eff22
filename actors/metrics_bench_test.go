package actors_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors"
)

// BenchmarkScrape shows how long the gauges of a node with very many games take, while its supervisor is busy with a tick
// each second.
func BenchmarkScrape(b *testing.B) {
	const games = 300_000
	entries := make([]actors.Entry, games)
	for i := range entries {
		entries[i] = actors.Entry{GameID: fmt.Sprintf("game-%06d", i), ContainerID: fmt.Sprintf("%064x", i)}
	}
	reader := metric.NewManualReader()
	node, err := actors.Start(actors.Config{
		Interval: time.Second, InspectTimeout: time.Second, InspectConcurrency: 16, ListTimeout: time.Second,
		Emit: actors.EmitEveryTick, Topic: "topic",
	}, actors.Ports{
		RunningLists: map[string]actors.RunningList{"": constantList(entries)},
		Engines:      map[string]actors.Engine{actors.DefaultEngine: healthyEngine{}},
		Journal:      forgetfulJournal{},
		Broker:       silentBroker{},
		Clock:        time.Now,
		Log:          slog.New(slog.DiscardHandler),
		Meter:        metric.NewMeterProvider(metric.WithReader(reader)),
		Tracer:       tracenoop.NewTracerProvider(),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer node.Stop(context.Background())
	var longest time.Duration
	missing := 0
	for b.Loop() {
		began := time.Now()
		var all metricdata.ResourceMetrics
		_ = reader.Collect(context.Background(), &all)
		longest = max(longest, time.Since(began))
		if !has(all, "healthactors_games") {
			missing++
		}
		time.Sleep(50 * time.Millisecond) // scrapes are not one after the other
	}
	b.ReportMetric(longest.Seconds()*1e3, "ms/longest")
	b.ReportMetric(float64(missing), "without-games")
}

func has(all metricdata.ResourceMetrics, name string) bool {
	for _, scope := range all.ScopeMetrics {
		for _, instrument := range scope.Metrics {
			if instrument.Name == name {
				return true
			}
		}
	}
	return false
}
