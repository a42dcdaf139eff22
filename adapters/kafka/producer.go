package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/actors"
)

// producer is one life of a connection to Kafka. Once something has gone wrong with it, it is replaced rather than
// repaired: a new one has read the credentials anew and has no stale metadata, open circuit breaker or pending answer.
type producer struct {
	born time.Time
	// failed is set when a message could not be published through it. The Publisher's lock guards it.
	failed bool

	// connected is closed when the attempt to connect has ended and either publisher or err is set.
	connected chan struct{}
	publisher *wmkafka.Publisher
	err       error

	// cut ends its connections, and everything that is under way over them.
	cut context.CancelFunc
	// busy counts the messages that it was given. Watermill's publisher must not be closed before they have come back.
	busy sync.WaitGroup
	// retired is closed when no more messages will come.
	retired chan struct{}
}

// run is the producer's life: it connects, serves until it is retired, and ends when what is under way has come back.
// For that it waits lim.publish at most, and not at all once ctx has ended.
func (d *producer) run(ctx context.Context, cfg Config, lim limits) {
	defer d.cut()
	d.publisher, d.err = connect(ctx, cfg, lim)
	close(d.connected)
	<-d.retired
	if d.err != nil {
		return
	}
	timer := time.AfterFunc(lim.publish, d.cut)
	defer timer.Stop()
	d.busy.Wait()
	_ = d.publisher.Close() // it waits for sarama, and its only error is that it was closed before
}

func (d *producer) publish(topic string, msg *message.Message) error {
	if d.err != nil {
		return d.err
	}
	err := d.publisher.Publish(topic, msg)
	if tooLarge(err) {
		return fmt.Errorf("%w: %w", actors.ErrTooLarge, err)
	}
	return explained(err)
}

// connect makes a Watermill publisher. It first asks for a producer id over a connection of its own: sarama leaves its
// client behind when a new producer doesn't get one, and asks only one of the brokers that it is given.
func connect(ctx context.Context, cfg Config, lim limits) (*wmkafka.Publisher, error) {
	conf, err := saramaConfig(ctx, cfg, lim)
	if err != nil {
		return nil, fmt.Errorf("connect to Kafka: %w", err)
	}
	broker, err := answering(ctx, cfg.Brokers, conf)
	if err != nil {
		return nil, fmt.Errorf("connect to Kafka: %w", connecting(err))
	}
	publisher, err := wmkafka.NewPublisher(wmkafka.PublisherConfig{
		Brokers:               []string{broker}, // which knows the others
		Marshaler:             marshaler{},
		OverwriteSaramaConfig: conf,
	}, watermill.NopLogger{}) // it would only trace each message
	if err != nil {
		return nil, fmt.Errorf("connect to Kafka: %w", connecting(err))
	}
	return publisher, nil
}

// answering returns the address of a broker that hands out producer ids. One that has just started needs a moment.
func answering(ctx context.Context, brokers []string, conf *sarama.Config) (string, error) {
	client, err := sarama.NewClient(brokers, conf)
	if err != nil {
		return "", err
	}
	defer client.Close()
	for tries := 0; ; tries++ {
		answer, err := client.InitProducerID()
		if err != nil {
			return "", err
		}
		if errors.Is(answer.Err, sarama.ErrNoError) {
			return client.LeastLoadedBroker().Addr(), nil
		}
		if !errors.Is(answer.Err, sarama.ErrOffsetsLoadInProgress) || tries == loadingTries {
			return "", answer.Err
		}
		select {
		case <-time.After(loadingPause):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
