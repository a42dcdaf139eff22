package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/IBM/sarama"
)

// Check asks for the topic, connects to the cluster as a publisher does, and writes nothing. Its error says whether no broker can
// be reached, TLS or the authentication fails, or the topic may not be written to or won't be there; a node that starts goes
// on all the same. found is what there is to say about a topic that can be written to, empty if it exists.
func Check(ctx context.Context, cfg Config, topic string) (found string, err error) {
	return check(ctx, cfg, topic, defaultLimits)
}

func check(ctx context.Context, cfg Config, topic string, lim limits) (found string, err error) {
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	conf, err := saramaConfig(ctx, cfg, lim)
	if err != nil {
		return "", err
	}
	conf.Metadata.AllowAutoTopicCreation = false
	setLog(cfg.Log)
	found, err = askTopic(cfg.Brokers, conf, topic)
	if err == nil {
		_, err = answering(ctx, cfg.Brokers, conf) // as a publisher does
	}
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return "", fmt.Errorf("check topic %q on Kafka at %s: %w", topic, strings.Join(cfg.Brokers, ","), connecting(err))
	}
	return found, nil
}

// askTopic says whether the topic can be written to, or will be made by the first event.
func askTopic(brokers []string, conf *sarama.Config, topic string) (found string, err error) {
	client, err := sarama.NewClient(brokers, conf)
	if err != nil {
		return "", err
	}
	defer client.Close()
	err = client.RefreshMetadata(topic)
	if errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		return willBeMade(client, topic)
	}
	if err != nil {
		return "", err
	}
	// Once more, for our rights, which the client doesn't ask for.
	answer, err := client.LeastLoadedBroker().GetMetadata(&sarama.MetadataRequest{
		Version: 8, Topics: []string{topic}, IncludeTopicAuthorizedOperations: true,
	})
	if err != nil {
		return "", err
	}
	for _, found := range answer.Topics {
		if !errors.Is(found.Err, sarama.ErrNoError) {
			return "", found.Err
		}
		if !mayWrite(found.TopicAuthorizedOperations) {
			return "", fmt.Errorf("not allowed to write to it: %w", sarama.ErrTopicAuthorizationFailed)
		}
	}
	return "", nil
}

// mayWrite reads the bit of the WRITE operation. A cluster without authorization answers with every bit, or with the
// least integer, which names no operation.
func mayWrite(operations int32) bool {
	const unknown = -1 << 31
	return operations == unknown || operations&(1<<sarama.AclOperationWrite) != 0
}

// willBeMade says whether the brokers make a topic that isn't there when the first event is published.
func willBeMade(client sarama.Client, topic string) (found string, err error) {
	admin, err := sarama.NewClusterAdminFromClient(client)
	if err != nil {
		return "", err
	}
	const unknown = sarama.ErrUnknownTopicOrPartition // alone in the chain, since that is what is wrong
	switch makes, err := madeBySetting(client, admin); {
	case err != nil:
		return "", fmt.Errorf("%w; whether the brokers make it isn't known: %s", unknown, err.Error())
	case !makes:
		return "", fmt.Errorf("%w, and the brokers don't make it", unknown)
	}
	// A creation that is only validated asks for the right to make the topic.
	err = admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, true)
	if errors.Is(err, sarama.ErrTopicAuthorizationFailed) || errors.Is(err, sarama.ErrClusterAuthorizationFailed) {
		return "", fmt.Errorf("%w, and it may not be made: %s", unknown, err.Error())
	}
	return "it isn't there yet, the broker makes it for the first event", nil
}

// autoCreate is the brokers' setting for topics that aren't there.
const autoCreate = "auto.create.topics.enable"

// madeBySetting asks a broker whether it makes topics that aren't there.
func madeBySetting(client sarama.Client, admin sarama.ClusterAdmin) (bool, error) {
	id := strconv.Itoa(int(client.LeastLoadedBroker().ID()))
	answers, err := admin.DescribeConfigs([]*sarama.ConfigResource{
		{Type: sarama.BrokerResource, Name: id, ConfigNames: []string{autoCreate}},
	}, sarama.DescribeConfigsOptions{})
	if err != nil {
		return false, fmt.Errorf("ask for %s: %w", autoCreate, err)
	}
	for _, a := range answers {
		if a.ErrorCode != sarama.ErrNoError {
			return false, fmt.Errorf("ask for %s: %w", autoCreate, a.ErrorCode)
		}
		for _, e := range a.Configs {
			if e.Name == autoCreate {
				return e.Value == "true", nil
			}
		}
	}
	return false, fmt.Errorf("ask for %s: the broker doesn't say", autoCreate)
}
