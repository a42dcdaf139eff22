package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
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

// benchContainers is how many containers the benchmark's Engine has.
const benchContainers = 2000

// BenchmarkPass is a node's pass over 2,000 containers that take 2 ms to inspect, one inspect after the other and, the
// mean of eight passes, 16 at once. The journal is on, and one game in twenty was restarted since the pass before.
func BenchmarkPass(b *testing.B) {
	sim := startBenchEngine(b)
	var serial, parallel time.Duration
	for b.Loop() {
		serial += meanPass(b, sim, 1, 10*time.Second, 1)
		parallel += meanPass(b, sim, 16, time.Second, 8)
	}
	inspects := float64(benchContainers * b.N)
	b.ReportMetric(inspects/serial.Seconds(), "serial-inspects/s")
	b.ReportMetric(inspects/parallel.Seconds(), "inspects/s")
	b.ReportMetric(serial.Seconds()/parallel.Seconds(), "times-as-fast")
}

// asBenchEngine has the test binary be the benchmark's simulated Engine, in a process of its own as a real one is: in the
// node's process the two would wait for each other's goroutines, and the benchmark would measure that.
const asBenchEngine = "GO_TEST_AS_BENCH_ENGINE"

// benchEngine is the process of a simulated Engine and where it listens.
type benchEngine struct {
	host string
	in   io.Writer
	out  *bufio.Scanner
}

func startBenchEngine(b *testing.B) benchEngine {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), asBenchEngine+"=1")
	cmd.Stderr = b.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close() // This ends it.
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	e := benchEngine{in: in, out: bufio.NewScanner(out)}
	e.host = e.answer(b)
	return e
}

// answer is the next line that the Engine's process says.
func (e benchEngine) answer(b *testing.B) string {
	b.Helper()
	if !e.out.Scan() {
		b.Fatalf("the simulated Engine ended: %v", e.out.Err())
	}
	return e.out.Text()
}

// restart restarts one container in twenty.
func (e benchEngine) restart(b *testing.B) {
	b.Helper()
	if _, err := fmt.Fprintln(e.in); err != nil {
		b.Fatal(err)
	}
	e.answer(b)
}

// serveBenchEngine is the Engine's process: it says where it listens, and restarts one container in twenty for each line.
func serveBenchEngine() error {
	sim := dockersim.New()
	defer sim.Close()
	host, err := sim.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	for n := range benchContainers {
		sim.Put(dockersim.Container{
			ID: dockersim.NewID(n), Name: fmt.Sprint("game-", n), Status: "running", Health: "healthy",
			Fault: dockersim.Fault{Delay: 2 * time.Millisecond},
		})
	}
	fmt.Println(host)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		for n := 0; n < benchContainers; n += 20 {
			sim.Update(dockersim.NewID(n), func(c *dockersim.Container) { c.RestartCount++ })
		}
		fmt.Println("restarted")
	}
	return lines.Err()
}

// benchList lists the benchmark's games.
type benchList struct{}

func (benchList) Read(context.Context) ([]actors.Entry, error) {
	entries := make([]actors.Entry, benchContainers)
	for n := range entries {
		entries[n] = actors.Entry{GameID: fmt.Sprint("game-", n), ContainerID: dockersim.NewID(n)}
	}
	return entries, nil
}

// meanPass runs a node on a fresh journal and returns how long so many ticks after its first took, in the mean.
func meanPass(b *testing.B, sim benchEngine, concurrency int, interval time.Duration, passes int) time.Duration {
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
		Interval: interval, InspectTimeout: 5 * time.Second, InspectConcurrency: concurrency,
		ListTimeout: time.Minute, Emit: actors.EmitEveryTick, Topic: "bench",
	}, actors.Ports{
		RunningLists: map[string]actors.RunningList{"": benchList{}},
		Engines:      map[string]actors.Engine{actors.DefaultEngine: engine},
		Journal:      j,
		Broker:       stdout.New(io.Discard),
		Clock:        time.Now,
		Log:          log,
		Meter:        metric.NewMeterProvider(metric.WithReader(ticks)),
		Tracer:       tracenoop.NewTracerProvider(),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer node.Stop(context.Background())
	first := afterTicks(b, ticks, 1)
	sim.restart(b)
	for n := range passes - 1 {
		afterTicks(b, ticks, n+2)
		sim.restart(b)
	}
	return (afterTicks(b, ticks, passes+1) - first) / time.Duration(passes)
}

// afterTicks waits until so many ticks are completed, and returns how long they took together.
func afterTicks(b *testing.B, ticks *metric.ManualReader, n int) time.Duration {
	b.Helper()
	for ; ; time.Sleep(50 * time.Millisecond) {
		var all metricdata.ResourceMetrics
		if err := ticks.Collect(b.Context(), &all); err != nil {
			b.Fatal(err)
		}
		for _, scope := range all.ScopeMetrics {
			for _, m := range scope.Metrics {
				took, ok := m.Data.(metricdata.Histogram[float64])
				if ok && m.Name == "healthactors_tick_duration" && took.DataPoints[0].Count == uint64(n) {
					return time.Duration(took.DataPoints[0].Sum * float64(time.Second))
				}
			}
		}
	}
}
