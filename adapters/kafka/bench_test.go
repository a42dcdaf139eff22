package kafka

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/twmb/franz-go/pkg/kfake"

	"galaxy/healthactors/actors/porttest"
)

// benchGames is how many games' messages the benchmarks publish, one of a game at a time.
const benchGames = 10_000

// BenchmarkPublish sets our publisher beside sarama's SyncProducer, which watermill-kafka's Publish calls, and its
// AsyncProducer, all with the same settings and the same number of messages in flight, on an in-process broker that stores
// nothing.
func BenchmarkPublish(b *testing.B) {
	for _, inFlight := range []int{1, 64, 256, 1024} {
		benchmarkBeside(b, inFlight, func(b *testing.B) (Config, string) {
			f, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(10, topic), kfake.BlackholeProduce())
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(f.Close)
			return Config{Brokers: f.ListenAddrs()}, topic
		})
	}
}

// benchmarkBeside publishes to a broker of its own each time, with our publisher and with sarama's two producers.
func benchmarkBeside(b *testing.B, inFlight int, broker func(b *testing.B) (Config, string)) {
	messages := make([]*message.Message, benchGames)
	for n := range messages {
		messages[n] = porttest.BrokerEvent(fmt.Sprintf("game-%d", n), 0)
	}
	b.Run(fmt.Sprintf("inflight=%d/publisher", inFlight), func(b *testing.B) {
		cfg, topic := broker(b)
		benchmarkPublisher(b, cfg, topic, messages, inFlight)
	})
	b.Run(fmt.Sprintf("inflight=%d/sync", inFlight), func(b *testing.B) {
		cfg, topic := broker(b)
		benchmarkSync(b, cfg, topic, messages, inFlight)
	})
	b.Run(fmt.Sprintf("inflight=%d/async", inFlight), func(b *testing.B) {
		cfg, topic := broker(b)
		benchmarkAsync(b, cfg, topic, messages, inFlight)
	})
}

func benchmarkPublisher(b *testing.B, cfg Config, topic string, messages []*message.Message, inFlight int) {
	p := newPublisher(b, cfg)
	if err := p.Publish(topic, messages[0]); err != nil {
		b.Fatal(err)
	}
	benchmarkCallers(b, messages, inFlight, func(msg *message.Message) error { return p.Publish(topic, msg) })
}

func benchmarkSync(b *testing.B, cfg Config, topic string, messages []*message.Message, inFlight int) {
	conf, err := saramaConfig(context.Background(), cfg, quick)
	if err != nil {
		b.Fatal(err)
	}
	producer, err := sarama.NewSyncProducer(cfg.Brokers, conf)
	if err != nil {
		b.Fatal(err)
	}
	defer producer.Close()
	benchmarkCallers(b, messages, inFlight, func(msg *message.Message) error {
		record, err := marshaler{}.Marshal(topic, msg)
		if err == nil {
			_, _, err = producer.SendMessage(record)
		}
		return err
	})
}

// benchmarkCallers publishes with as many callers as messages shall be in flight, since each call waits for its message.
func benchmarkCallers(b *testing.B, messages []*message.Message, inFlight int, publish func(*message.Message) error) {
	b.ReportAllocs()
	b.ResetTimer()
	var callers sync.WaitGroup
	for caller := range inFlight {
		callers.Go(func() {
			for n := range share(b.N, inFlight, caller) {
				if err := publish(messages[(caller+n*inFlight)%len(messages)]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	callers.Wait()
	rate(b)
}

func benchmarkAsync(b *testing.B, cfg Config, topic string, messages []*message.Message, inFlight int) {
	conf, err := saramaConfig(context.Background(), cfg, quick)
	if err != nil {
		b.Fatal(err)
	}
	producer, err := sarama.NewAsyncProducer(cfg.Brokers, conf)
	if err != nil {
		b.Fatal(err)
	}
	free := make(chan struct{}, inFlight)
	var readers sync.WaitGroup
	readers.Go(func() {
		for range producer.Successes() {
			<-free
		}
	})
	readers.Go(func() {
		for err := range producer.Errors() {
			b.Error(err)
			<-free
		}
	})
	b.ReportAllocs()
	b.ResetTimer()
	for n := range b.N {
		record, err := marshaler{}.Marshal(topic, messages[n%len(messages)])
		if err != nil {
			b.Fatal(err)
		}
		free <- struct{}{}
		producer.Input() <- record
	}
	for range inFlight { // AsyncClose would refuse what it has not begun with
		free <- struct{}{}
	}
	rate(b)
	producer.AsyncClose()
	readers.Wait()
}

// share is how many of n messages one caller of many publishes.
func share(n, callers, caller int) int {
	if caller < n%callers {
		return n/callers + 1
	}
	return n / callers
}

func rate(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}
