package kafka

import (
	"context"
	"net"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"

	"galaxy/healthactors/actors/porttest"
)

const topic = "runtime.health_events"

// quick are limits that a test can wait for. A request to the fake takes well under a millisecond, so that they are
// still long on a loaded machine.
var quick = limits{
	dial: time.Second, answer: 2 * time.Second, publish: 4 * time.Second, rest: 10 * time.Millisecond, close: 10 * time.Second,
}

// fake is an in-process Kafka whose outages a test controls.
type fake struct {
	*kfake.Cluster
	opts   []kfake.Opt
	addr   string
	silent atomic.Bool
}

// newFake starts a broker with the topic, in ten partitions, unless opts say otherwise.
func newFake(t testing.TB, opts ...kfake.Opt) *fake {
	t.Helper()
	f := &fake{}
	f.opts = append([]kfake.Opt{
		kfake.NumBrokers(1), kfake.SeedTopics(10, topic), kfake.DataDir(t.TempDir()),
	}, opts...)
	f.start(t)
	f.addr = f.ListenAddrs()[0]
	t.Cleanup(func() { f.Close() })
	return f
}

func (f *fake) start(t testing.TB) {
	t.Helper()
	opts := f.opts
	if f.addr != "" {
		_, port, _ := net.SplitHostPort(f.addr)
		n, _ := strconv.Atoi(port)
		opts = append(slices.Clip(opts), kfake.Ports(n))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatalf("start the fake Kafka: %v", err)
	}
	f.Cluster = cluster
	cluster.Control(func(kmsg.Request) (kmsg.Response, error, bool) {
		if !f.silent.Load() {
			return nil, nil, false
		}
		f.KeepControl()
		return nil, nil, true // no answer, and the connection stays
	})
}

// down stops the broker until up is called; then it is back on the same port, with what it had stored.
func (f *fake) down(t testing.TB) (up func()) {
	f.Close()
	return func() { f.start(t) }
}

// silence lets the broker accept everything and answer nothing until end is called.
func (f *fake) silence(testing.TB) (end func()) {
	f.silent.Store(true)
	return func() { f.silent.Store(false) }
}

// arrived reads the topic from its beginning to its present end.
func (f *fake) arrived(t testing.TB, opts ...kgo.Opt) []porttest.Arrival {
	t.Helper()
	return readTopic(t, f.addr, topic, opts...)
}

func readTopic(t testing.TB, addr, topic string, opts ...kgo.Opt) []porttest.Arrival {
	t.Helper()
	var all []porttest.Arrival
	for _, record := range readRecords(t, addr, topic, opts...) {
		a := porttest.Arrival{Value: record.Value, Key: string(record.Key), Headers: map[string]string{}}
		for _, header := range record.Headers {
			if header.Key == wmkafka.UUIDHeaderKey {
				a.UUID = string(header.Value)
			} else {
				a.Headers[header.Key] = string(header.Value)
			}
		}
		all = append(all, a)
	}
	return all
}

func readRecords(t testing.TB, addr, topic string, opts ...kgo.Opt) []*kgo.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(addr), kgo.ConsumeTopics(topic), kgo.FetchMaxWait(100 * time.Millisecond),
	}, opts...)...)
	if err != nil {
		t.Fatalf("read the topic: %v", err)
	}
	defer client.Close()

	var records []*kgo.Record
	missing := stored(ctx, t, client, topic)
	for missing > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read the topic: %v", err)
		}
		records = append(records, fetches.Records()...)
		missing -= int64(fetches.NumRecords())
	}
	return records
}

// stored counts the records in a topic.
func stored(ctx context.Context, t testing.TB, client *kgo.Client, topic string) int64 {
	t.Helper()
	askMetadata := kmsg.NewPtrMetadataRequest()
	askTopic := kmsg.NewMetadataRequestTopic()
	askTopic.Topic = &topic
	askMetadata.Topics = append(askMetadata.Topics, askTopic)
	metadata, err := askMetadata.RequestWith(ctx, client)
	if err != nil {
		t.Fatalf("read the topic's partitions: %v", err)
	}
	askOffsets := kmsg.NewPtrListOffsetsRequest()
	ends := kmsg.NewListOffsetsRequestTopic()
	ends.Topic = topic
	for _, p := range metadata.Topics[0].Partitions {
		end := kmsg.NewListOffsetsRequestTopicPartition()
		end.Partition = p.Partition
		end.Timestamp = -1
		ends.Partitions = append(ends.Partitions, end)
	}
	askOffsets.Topics = append(askOffsets.Topics, ends)
	var count int64
	for _, shard := range client.RequestSharded(ctx, askOffsets) {
		if shard.Err != nil {
			t.Fatalf("read the topic's ends: %v", shard.Err)
		}
		for _, topic := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range topic.Partitions {
				count += p.Offset
			}
		}
	}
	return count
}

// newPublisher opens a publisher with quick limits, which is closed with the test.
func newPublisher(t testing.TB, cfg Config) *Publisher {
	t.Helper()
	p, err := open(cfg, quick)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return p
}
