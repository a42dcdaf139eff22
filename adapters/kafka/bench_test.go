package kafka

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"

	"galaxy/healthactors/actors/porttest"
)

// BenchmarkPublish sets our publisher beside sarama's own AsyncProducer with the same settings, at the same number of
// messages in flight, on an in-process broker that stores nothing.
func BenchmarkPublish(b *testing.B) {
	for _, inFlight := range []int{1, 64, 256, 1024} {
		b.Run(fmt.Sprintf("inflight=%d/publisher", inFlight), func(b *testing.B) { benchmarkPublisher(b, inFlight) })
		b.Run(fmt.Sprintf("inflight=%d/sarama", inFlight), func(b *testing.B) { benchmarkSarama(b, inFlight) })
	}
}

func benchBroker(b *testing.B) Config {
	f, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(10, topic), kfake.BlackholeProduce())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(f.Close)
	return Config{Brokers: f.ListenAddrs()}
}

func benchmarkPublisher(b *testing.B, inFlight int) {
	p := newPublisher(b, benchBroker(b))
	if err := p.Publish(topic, porttest.BrokerEvent("game-0", 0)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var callers sync.WaitGroup
	for caller := range inFlight {
		callers.Go(func() {
			msg := porttest.BrokerEvent(fmt.Sprintf("game-%d", caller), 0)
			for range share(b.N, inFlight, caller) {
				if err := p.Publish(topic, msg); err != nil {
					b.Error(err)
				}
			}
		})
	}
	callers.Wait()
	rate(b)
}

func benchmarkSarama(b *testing.B, inFlight int) {
	cfg := benchBroker(b)
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
		msg := porttest.BrokerEvent(fmt.Sprintf("game-%d", n%inFlight), 0)
		record, err := marshaler{}.Marshal(topic, msg)
		if err != nil {
			b.Fatal(err)
		}
		free <- struct{}{}
		producer.Input() <- record
	}
	producer.AsyncClose()
	readers.Wait()
	rate(b)
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
