package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/twmb/franz-go/pkg/kfake"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/protobuf/types/known/timestamppb"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/kafka"
	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

var (
	benchGames  = flag.Int("bench.games", 10_000, "games in the journal of BenchmarkStart")
	benchEvents = flag.Int("bench.events", 1_000_000, "events in the journal of BenchmarkStart")
)

// BenchmarkStart is how long a node with a long history takes from its start until its first tick has ended. One game in ten
// flaps and has nearly all the events, all delivered; the others were observed once.
func BenchmarkStart(b *testing.B) {
	path := filepath.Join(b.TempDir(), "journal.db")
	j := benchJournal(b, path)
	flapping := *benchGames / 10
	restarts := (*benchEvents - *benchGames) / flapping / 2
	fill(b, *benchGames, func(n int) error {
		w := newBenchStream(j, n)
		if err := w.observe(0, false); err != nil || n%10 != 0 {
			return err
		}
		for count := range restarts {
			if err := errors.Join(w.observe(int64(count+1), true), w.mark()); err != nil {
				return err
			}
		}
		return nil
	})
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		j := benchJournal(b, path)
		node := startBenchNode(b, j, benchDiscard{}, metricnoop.NewMeterProvider(), *benchGames, func(container string) int64 {
			if container[len(container)-1] == '0' {
				return int64(restarts)
			}
			return 0
		})
		for !node.Ready() {
			time.Sleep(time.Millisecond)
		}
		b.StopTimer()
		node.Stop(b.Context())
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

// BenchmarkBacklog is how fast a node publishes what gathered in its SQLite journal while Kafka was away: 20 events of each of
// 10,000 games, to an in-process broker.
func BenchmarkBacklog(b *testing.B) {
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(10, messages.DefaultTopic), kfake.BlackholeProduce())
	if err != nil {
		b.Fatal(err)
	}
	defer broker.Close()
	publishBacklog(b, broker.ListenAddrs())
}

func publishBacklog(b *testing.B, brokers []string) {
	const games, events = 10_000, 20
	for b.Loop() {
		b.StopTimer()
		j := benchJournal(b, filepath.Join(b.TempDir(), "journal.db"))
		fill(b, games, func(n int) error {
			w := newBenchStream(j, n)
			err := w.observe(0, false)
			for count := range events {
				err = errors.Join(err, w.observe(int64(count+1), true))
			}
			return err
		})
		publisher, err := kafka.New(kafka.Config{Brokers: brokers, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		reader := sdkmetric.NewManualReader()
		b.StartTimer()
		began := time.Now()
		node := startBenchNode(b, j, publisher, sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), games, func(string) int64 { return events })
		for published(b, reader) < games*events {
			time.Sleep(20 * time.Millisecond)
		}
		b.ReportMetric(games*events/time.Since(began).Seconds(), "events/s")
		b.StopTimer()
		node.Stop(b.Context())
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func benchJournal(b *testing.B, path string) *journal.Journal {
	b.Helper()
	j, err := journal.Open(b.Context(), journal.Config{
		URL: "sqlite:" + path, Retention: 365 * 24 * time.Hour, Holder: "bench", Log: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	return j
}

// fill writes the games' streams, many at once so that they share commits.
func fill(b *testing.B, games int, write func(n int) error) {
	b.Helper()
	const writers = 2000
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := w; n < games; n += writers {
				if err := write(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// benchStream writes a game's history as an inspector does, snapshots included.
type benchStream struct {
	journal *journal.Journal
	game    string
	next    int64
	// snapshotAt is the index from which the next mark is followed by a snapshot.
	snapshotAt int64
	last       *v1.Observed
	delivery   *v1.DeliveryMarked
}

func newBenchStream(j *journal.Journal, n int) *benchStream {
	return &benchStream{journal: j, game: fmt.Sprint("game-", n), snapshotAt: 64, delivery: &v1.DeliveryMarked{Through: -1}}
}

func (s *benchStream) observe(restarts int64, detected bool) error {
	container := fmt.Sprintf("%064s", s.game)
	o := &v1.Observed{
		ContainerId: container, Engine: actors.DefaultEngine, EngineContainerId: container, RestartCount: restarts,
		State: "running", ObservedAt: timestamppb.Now(), BeginsLifecycle: s.next == 0,
	}
	if detected {
		o.Reasons = []v1.Reason{v1.Reason_REASON_RESTART_COUNT_INCREASED}
		event := messages.HealthEvent{
			EventID: uuid.NewString(), EventType: messages.InspectUnhealthy, GameID: s.game, ContainerID: container,
			OccurredAt: time.Now(), Reasons: []string{"restart_count_increased"},
			Details: messages.Details{RestartCount: restarts, State: "running"},
		}
		value, err := event.Encode()
		if err != nil {
			return err
		}
		o.Detection = &v1.Detection{EventId: event.EventID, EventType: event.EventType, Source: messages.Source, Value: value}
		for key, value := range messages.Headers(event.EventID, event.EventType, s.game, messages.Source, "", event.OccurredAt) {
			o.Detection.Headers = append(o.Detection.Headers, &v1.Header{Key: key, Value: value})
		}
	}
	s.last = o
	return s.append(&v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: o}})
}

func (s *benchStream) mark() error {
	s.delivery = &v1.DeliveryMarked{Through: s.next - 1}
	return s.append(&v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: s.delivery}})
}

func (s *benchStream) append(event *v1.JournalEvent) error {
	if err := s.journal.Append(context.Background(), s.game, s.next, event); err != nil {
		return err
	}
	s.next++
	if s.next < s.snapshotAt || event.GetDeliveryMarked() == nil { // all is delivered after a mark, so the snapshot is a simple one
		return nil
	}
	s.snapshotAt = s.next + 64
	last := &v1.Observed{
		ContainerId: s.last.GetContainerId(), Engine: s.last.GetEngine(), EngineContainerId: s.last.GetEngineContainerId(),
		RestartCount: s.last.GetRestartCount(), State: s.last.GetState(), ObservedAt: s.last.GetObservedAt(), Reasons: s.last.GetReasons(),
	}
	return s.journal.SaveSnapshot(context.Background(), s.game, s.next, s.next, &v1.Snapshot{Observed: last, Delivery: s.delivery}, &v1.GainedState{})
}

// startBenchNode starts a node whose Engine answers at once, with the restarts that the journal has last seen.
func startBenchNode(b *testing.B, j *journal.Journal, broker actors.Broker, meter metric.MeterProvider, games int, restarts func(container string) int64) *actors.Node {
	b.Helper()
	node, err := actors.Start(actors.Config{
		Interval: time.Hour, InspectTimeout: 5 * time.Second, InspectConcurrency: 16, ListTimeout: time.Minute,
		Emit: actors.EmitEveryTick, Topic: messages.DefaultTopic, Source: messages.Source, Node: "bench",
	}, actors.Ports{
		RunningLists: map[string]actors.RunningList{"": knownList(games)},
		Engines:      map[string]actors.Engine{actors.DefaultEngine: knownEngine(restarts)},
		Journal:      j, Broker: broker, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Meter: meter, Tracer: tracenoop.NewTracerProvider(),
	})
	if err != nil {
		b.Fatal(err)
	}
	return node
}

type knownList int

func (l knownList) Read(context.Context) ([]actors.Entry, error) {
	entries := make([]actors.Entry, l)
	for n := range entries {
		game := fmt.Sprint("game-", n)
		entries[n] = actors.Entry{GameID: game, ContainerID: fmt.Sprintf("%064s", game)}
	}
	return entries, nil
}

type knownEngine func(container string) int64

func (e knownEngine) Inspect(_ context.Context, id string) (actors.Observation, error) {
	return actors.Observation{ID: id, RestartCount: e(id), State: "running"}, nil
}

// benchDiscard is a broker that takes everything.
type benchDiscard struct{}

func (benchDiscard) Publish(string, ...*message.Message) error { return nil }
func (benchDiscard) Close() error                              { return nil }

// published is how many events the broker has acknowledged.
func published(b *testing.B, reader *sdkmetric.ManualReader) (n int64) {
	b.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(b.Context(), &all); err != nil {
		b.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == "healthactors_health_events" {
				for _, p := range sum.DataPoints {
					n += p.Value
				}
			}
		}
	}
	return n
}
