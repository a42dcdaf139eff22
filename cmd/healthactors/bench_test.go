package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/stdout"
)

// BenchmarkPass is a node's pass over 2,000 containers that take 2 ms to inspect, one inspect after the other and 16 at
// once. The journal is on, and one game in twenty was restarted since the pass before.
func BenchmarkPass(b *testing.B) {
	sim, list := benchFleet(b, 2000)
	var serial, parallel time.Duration
	for b.Loop() {
		serial += secondPass(b, sim, list, 1)
		parallel += secondPass(b, sim, list, 16)
	}
	inspects := float64(len(list)) * float64(b.N)
	b.ReportMetric(inspects/serial.Seconds(), "serial-inspects/s")
	b.ReportMetric(inspects/parallel.Seconds(), "inspects/s")
	b.ReportMetric(serial.Seconds()/parallel.Seconds(), "times-as-fast")
}

// benchEngine is a simulated Engine and where it listens.
type benchEngine struct {
	*dockersim.Engine
	host string
}

func benchFleet(b *testing.B, containers int) (benchEngine, benchList) {
	b.Helper()
	sim := dockersim.New()
	b.Cleanup(sim.Close)
	host, err := sim.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	list := make(benchList, containers)
	for n := range list {
		list[n] = actors.Entry{GameID: fmt.Sprint("game-", n), ContainerID: dockersim.NewID(n)}
		sim.Put(dockersim.Container{
			ID: list[n].ContainerID, Name: list[n].GameID, Status: "running", Health: "healthy",
			Fault: dockersim.Fault{Delay: 2 * time.Millisecond},
		})
	}
	return benchEngine{sim, host}, list
}

type benchList []actors.Entry

func (l benchList) Read(context.Context) (actors.Listing, error) {
	return actors.Listing{Entries: l}, nil
}

// secondPass runs a node on a fresh journal and returns how long its second tick took.
func secondPass(b *testing.B, sim benchEngine, list benchList, concurrency int) time.Duration {
	b.Helper()
	engine, err := docker.New(docker.Config{Name: actors.DefaultEngine, Host: sim.host, Concurrency: concurrency})
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Close()
	log := slog.New(slog.NewTextHandler(b.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	j, err := journal.Open(b.Context(), journal.Config{
		URL: "sqlite:" + filepath.Join(b.TempDir(), "journal.db"), Retention: time.Hour, Holder: "bench", Log: log, Clock: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	ticks := metric.NewManualReader()
	node, err := actors.Start(actors.Config{
		Interval: 10 * time.Second, InspectTimeout: 5 * time.Second, InspectConcurrency: concurrency,
		ListTimeout: time.Minute, Emit: actors.EmitEveryTick, Topic: "bench",
	}, actors.Ports{
		RunningList: list,
		Engines:     map[string]actors.Engine{actors.DefaultEngine: engine},
		Journal:     j,
		Broker:      stdout.New(io.Discard),
		Clock:       time.Now,
		Log:         log,
		Meter:       metric.NewMeterProvider(metric.WithReader(ticks)),
		Tracer:      tracenoop.NewTracerProvider(),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer node.Stop(context.Background())
	first := afterTicks(b, ticks, 1)
	for n := 0; n < len(list); n += 20 {
		sim.Update(list[n].ContainerID, func(c *dockersim.Container) { c.RestartCount++ })
	}
	return afterTicks(b, ticks, 2) - first
}

// afterTicks waits until so many ticks are completed, and returns how long they took together.
func afterTicks(b *testing.B, ticks *metric.ManualReader, n uint64) time.Duration {
	b.Helper()
	for ; ; time.Sleep(10 * time.Millisecond) {
		var all metricdata.ResourceMetrics
		if err := ticks.Collect(b.Context(), &all); err != nil {
			b.Fatal(err)
		}
		for _, scope := range all.ScopeMetrics {
			for _, m := range scope.Metrics {
				took, ok := m.Data.(metricdata.Histogram[float64])
				if ok && m.Name == "healthactors_tick_duration" && took.DataPoints[0].Count == n {
					return time.Duration(took.DataPoints[0].Sum * float64(time.Second))
				}
			}
		}
	}
}
