package kafka

import (
	"testing"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"galaxy/healthactors/actors/porttest"
)

// The hashes are those of Apache Kafka's own test of its Utils.murmur2.
func TestKeysLandWhereJavaPutsThem(t *testing.T) {
	for key, hash := range map[string]int32{
		"21":                         -973932308,
		"foobar":                     -790332482,
		"a-little-bit-long-string":   -985981536,
		"a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		for _, partitions := range []int32{1, 2, 3, 10, 50, 1000} {
			if got, want := partition(t, key, partitions), hash&0x7fffffff%partitions; got != want {
				t.Errorf("%q over %d partitions: %d, want %d", key, partitions, got, want)
			}
		}
	}
	reference := kgo.StickyKeyPartitioner(nil).ForTopic(topic)
	for _, key := range []string{"game-7", "Spiel-ä", "игра-1", "ゲーム", "🎮", "a", "ab", "abc", "abcd", "abcde"} {
		want := reference.Partition(&kgo.Record{Key: []byte(key)}, 10)
		if got := partition(t, key, 10); got != int32(want) {
			t.Errorf("%q: %d, want %d as franz-go, which follows Java", key, got, want)
		}
	}
}

func partition(t *testing.T, key string, partitions int32) int32 {
	t.Helper()
	conf, err := saramaConfig(t.Context(), Config{Brokers: []string{"127.0.0.1:1"}}, quick)
	if err != nil {
		t.Fatal(err)
	}
	record, err := marshaler{}.Marshal(topic, porttest.BrokerEvent(key, 1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := conf.Producer.Partitioner(topic).Partition(record, partitions)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Key, value and headers are the same bytes on every delivery, in the same order.
func TestRecordsAreTheSameBytes(t *testing.T) {
	first, err := marshaler{}.Marshal(topic, porttest.BrokerEvent("game-1", 1))
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		again, err := marshaler{}.Marshal(topic, porttest.BrokerEvent("game-1", 1))
		if err != nil {
			t.Fatal(err)
		}
		if text(t, again) != text(t, first) {
			t.Fatalf("two deliveries differ:\n%s\n%s", text(t, first), text(t, again))
		}
	}
}

func text(t *testing.T, record *sarama.ProducerMessage) string {
	t.Helper()
	key, err := record.Key.Encode()
	if err != nil {
		t.Fatal(err)
	}
	value, err := record.Value.Encode()
	if err != nil {
		t.Fatal(err)
	}
	s := string(key) + "\n" + string(value)
	for _, h := range record.Headers {
		s += "\n" + string(h.Key) + ": " + string(h.Value)
	}
	return s
}
