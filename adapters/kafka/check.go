package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/IBM/sarama"
)

// Check connects to the cluster, asks for the topic and writes nothing. Its error says whether no broker can be
// reached, TLS or the authentication fails, or the topic doesn't exist or may not be written to.
func Check(ctx context.Context, cfg Config, topic string) error {
	return check(ctx, cfg, topic, defaultLimits)
}

func check(ctx context.Context, cfg Config, topic string, lim limits) error {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	conf, err := saramaConfig(ctx, cfg, lim)
	if err != nil {
		return err
	}
	conf.Metadata.AllowAutoTopicCreation = false
	setLog(cfg.Log)
	if err := askTopic(cfg.Brokers, conf, topic); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("check topic %q on Kafka at %s: %w", topic, strings.Join(cfg.Brokers, ","), connecting(err))
	}
	return nil
}

func askTopic(brokers []string, conf *sarama.Config, topic string) error {
	client, err := sarama.NewClient(brokers, conf)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.RefreshMetadata(topic); err != nil {
		return err
	}
	// Once more for our rights, which the client doesn't ask for.
	answer, err := client.LeastLoadedBroker().GetMetadata(&sarama.MetadataRequest{
		Version: 8, Topics: []string{topic}, IncludeTopicAuthorizedOperations: true,
	})
	if err != nil {
		return err
	}
	for _, found := range answer.Topics {
		if !errors.Is(found.Err, sarama.ErrNoError) {
			return found.Err
		}
		if !mayWrite(found.TopicAuthorizedOperations) {
			return fmt.Errorf("not allowed to write to it: %w", sarama.ErrTopicAuthorizationFailed)
		}
	}
	return nil
}

// mayWrite reads the bit of the WRITE operation. A cluster without authorization answers with every bit or with none
// that it could name, the least integer.
func mayWrite(operations int32) bool {
	const unknown = -1 << 31
	return operations == unknown || operations&(1<<sarama.AclOperationWrite) != 0
}
