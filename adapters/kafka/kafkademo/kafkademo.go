// Package kafkademo is a Kafka for demonstrations: a broker inside this process, and a consumer. Any Kafka client can
// reach the broker too.
package kafkademo

import (
	"context"
	"fmt"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/twmb/franz-go/pkg/kfake"

	"galaxy/healthactors/messages"
)

// partitions of the topic.
const partitions = 3

// Broker is a running broker. It keeps everything in memory.
type Broker struct {
	cluster *kfake.Cluster
	addr    string
}

// Start starts a broker on a free port of the loopback address, with an empty topic.
func Start(topic string) (*Broker, error) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, topic))
	if err != nil {
		return nil, fmt.Errorf("start the in-process Kafka: %w", err)
	}
	return &Broker{cluster: cluster, addr: cluster.ListenAddrs()[0]}, nil
}

// Addr is where Kafka clients find the broker, host:port.
func (b *Broker) Addr() string { return b.addr }

// Close stops the broker and forgets its messages.
func (b *Broker) Close() { b.cluster.Close() }

// Consume hands over each event of a topic with its headers, from the first one on, until ctx ends; then it returns
// nil. The events of one game come in order. Messages that are not events are left out: anybody may send some.
func Consume(ctx context.Context, addr, topic string, handle func(messages.HealthEvent, map[string]string)) error {
	conf := wmkafka.DefaultSaramaSubscriberConfig()
	conf.Consumer.Offsets.Initial = sarama.OffsetOldest
	conf.Consumer.Return.Errors = false // nobody would read them; sarama retries
	subscriber, err := wmkafka.NewSubscriber(wmkafka.SubscriberConfig{
		Brokers: []string{addr}, OverwriteSaramaConfig: conf,
	}, watermill.NopLogger{})
	if err != nil {
		return fmt.Errorf("consume topic %q: %w", topic, err)
	}
	defer subscriber.Close()
	arriving, err := subscriber.Subscribe(ctx, topic)
	if err != nil {
		return fmt.Errorf("consume topic %q: %w", topic, err)
	}
	for msg := range arriving {
		if event, err := messages.Decode(msg.Payload); err == nil {
			handle(event, msg.Metadata)
		}
		msg.Ack()
	}
	return nil
}
