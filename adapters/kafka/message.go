package kafka

import (
	"bytes"
	"slices"

	"github.com/IBM/sarama"
	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/messages"
)

// marshaler turns a message into a Kafka record: the subject is the key, the metadata and Watermill's UUID are the
// headers. Headers are sorted, so that every delivery of one event is the same bytes.
type marshaler struct {
	wmkafka.DefaultMarshaler
}

// Marshal implements Watermill's Marshaler.
func (m marshaler) Marshal(topic string, msg *message.Message) (*sarama.ProducerMessage, error) {
	record, err := m.DefaultMarshaler.Marshal(topic, msg)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(record.Headers, func(a, b sarama.RecordHeader) int { return bytes.Compare(a.Key, b.Key) })
	if subject := msg.Metadata.Get(messages.HeaderSubject); subject != "" {
		record.Key = sarama.StringEncoder(subject)
	}
	return record, nil
}
