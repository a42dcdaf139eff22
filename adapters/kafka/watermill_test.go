package kafka

import (
	"testing"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"github.com/twmb/franz-go/pkg/kfake"
)

// The tests of Watermill's own suite that say something of a publisher: consumers that use Watermill's subscriber get
// what it publishes.
func TestWatermill(t *testing.T) {
	f := newFake(t, kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(1))
	pubSub := func(t *testing.T) (message.Publisher, message.Subscriber) {
		p, err := open(Config{Brokers: []string{f.addr}}, quick)
		if err != nil {
			t.Fatal(err)
		}
		conf := wmkafka.DefaultSaramaSubscriberConfig()
		conf.Consumer.Offsets.Initial = sarama.OffsetOldest
		conf.Metadata.RefreshFrequency = 0 // the subscriber forgets clients whose subscription failed
		s, err := wmkafka.NewSubscriber(wmkafka.SubscriberConfig{
			Brokers: []string{f.addr}, OverwriteSaramaConfig: conf,
			InitializeTopicDetails: &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1},
		}, watermill.NopLogger{})
		if err != nil {
			t.Fatal(err)
		}
		return p, s
	}
	features := tests.Features{Persistent: true, ForceShort: true}
	for name, test := range map[string]func(*testing.T, tests.TestContext, tests.PubSubConstructor){
		"publish and subscribe": tests.TestPublishSubscribe,
		"topics":                tests.TestTopic,
		"close":                 tests.TestPublisherClose,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, tests.TestContext{TestID: tests.NewTestID(), Features: features}, pubSub)
		})
	}
}
