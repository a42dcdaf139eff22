package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"galaxy/healthactors/messages"
)

// partitions of the topic, in either broker.
const partitions = 3

// broker is a Kafka whose outages a scenario controls. It keeps what it has stored.
type broker interface {
	addr() string
	// down stops it, up has it come back at the same address.
	down() error
	up() error
	// beSilent has it accept connections and answer nobody, until it ends.
	beSilent() (end func(), err error)
	close()
}

// fakeBroker is a Kafka in this process, behind a proxy.
type fakeBroker struct {
	*proxy
	cluster *kfake.Cluster
}

// advertised is a listener that goes by the address of the proxy before it.
type advertised struct {
	net.Listener
	as net.Addr
}

func (a advertised) Addr() net.Addr { return a.as }

func newFakeBroker(opts ...kfake.Opt) (*fakeBroker, error) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as the fake Kafka: %w", err)
	}
	p, err := newProxy(inner.Addr().String())
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	as := p.listener.Addr()
	cluster, err := kfake.NewCluster(append([]kfake.Opt{
		kfake.NumBrokers(1), kfake.SeedTopics(partitions, messages.DefaultTopic), kfake.DefaultNumPartitions(partitions),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return advertised{inner, as}, nil }),
	}, opts...)...)
	if err != nil {
		p.close()
		return nil, errors.Join(fmt.Errorf("start the fake Kafka: %w", err), inner.Close())
	}
	return &fakeBroker{p, cluster}, nil
}

func (b *fakeBroker) addr() string { return b.address }

func (b *fakeBroker) down() error {
	b.refuse()
	return nil
}

func (b *fakeBroker) up() error { return b.accept() }

func (b *fakeBroker) beSilent() (end func(), err error) { return b.proxy.beSilent(), nil }

// beSlow has it take so long for each batch of messages, for good.
func (b *fakeBroker) beSlow(by time.Duration) {
	b.cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.SleepControl(func() { time.Sleep(by) })
		return nil, nil, false
	})
}

func (b *fakeBroker) close() {
	b.proxy.close()
	b.cluster.Close()
}

// brokers in a cluster of which the leaders move.
const brokers = 3

// newFakeBrokers are some in this process, which are reached directly: no scenario takes them away.
func newFakeBrokers() (*fakeBroker, error) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(brokers), kfake.SeedTopics(partitions, messages.DefaultTopic))
	if err != nil {
		return nil, fmt.Errorf("start the fake Kafka: %w", err)
	}
	return &fakeBroker{&proxy{address: cluster.ListenAddrs()[0]}, cluster}, nil
}

// realBroker is an Apache Kafka of its own.
type realBroker struct{ dir, address string }

func newRealBroker(dir string) (*realBroker, error) {
	b := &realBroker{dir: filepath.Join(dir, "kafka")}
	return b, b.up()
}

func (b *realBroker) addr() string { return b.address }

func (b *realBroker) down() error { return component("kafka", "stop", b.dir, nil) }

func (b *realBroker) up() error { return component("kafka", "start", b.dir, &b.address) }

// beSilent stops the process: the system still accepts connections for it.
func (b *realBroker) beSilent() (end func(), err error) {
	text, err := os.ReadFile(filepath.Join(b.dir, "pid"))
	if err != nil {
		return nil, err
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		return nil, err
	}
	return func() { _ = syscall.Kill(pid, syscall.SIGCONT) }, syscall.Kill(pid, syscall.SIGSTOP)
}

func (b *realBroker) close() { _ = component("kafka", "remove", b.dir, nil) }

// component calls one of the scripts that run real servers, and keeps what it prints.
func component(name, verb, dir string, output *string, more ...string) error {
	text, err := command(filepath.Join(".ci", "components", name), append([]string{verb, dir}, more...)...)
	if err != nil {
		return fmt.Errorf("%s %s: %w", name, verb, err)
	}
	if output != nil {
		*output = strings.TrimSpace(text)
	}
	return nil
}

// arrived reads the topic from its beginning to its present end.
func arrived(addr string) ([]Delivery, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.ConsumeTopics(messages.DefaultTopic), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("read the topic: %w", err)
	}
	defer client.Close()
	missing, err := stored(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("read the topic's ends: %w", err)
	}
	var all []Delivery
	for missing > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, fmt.Errorf("read the topic: %w", err)
		}
		for record := range fetches.RecordsAll() {
			d, err := delivery(record)
			if err != nil {
				return nil, err
			}
			all = append(all, d)
			missing--
		}
	}
	return all, nil
}

func delivery(record *kgo.Record) (Delivery, error) {
	e, err := messages.Decode(record.Value)
	if err != nil || e.GameID != string(record.Key) {
		return Delivery{}, fmt.Errorf("message %d of partition %d with the key %q is no event of ours: %w", record.Offset, record.Partition, record.Key, err)
	}
	sum := sha256.New()
	for _, part := range [][]byte{record.Key, record.Value} {
		fmt.Fprintf(sum, "%d %s", len(part), part)
	}
	for _, header := range record.Headers {
		fmt.Fprintf(sum, "%q %q", header.Key, header.Value)
	}
	return Delivery{
		Partition: record.Partition, ID: e.EventID, Type: e.EventType, Game: e.GameID, Container: e.ContainerID,
		At: e.OccurredAt, Reasons: e.Reasons, Restarts: e.Details.RestartCount, State: e.Details.State, Health: e.Details.Health,
		Sum: [32]byte(sum.Sum(nil)),
	}, nil
}

// setLimit says how large a message may be.
func setLimit(addr string, bytes int) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	value := strconv.Itoa(bytes)
	ask := kmsg.NewPtrIncrementalAlterConfigsRequest()
	topic := kmsg.NewIncrementalAlterConfigsRequestResource()
	topic.ResourceType, topic.ResourceName = kmsg.ConfigResourceTypeTopic, messages.DefaultTopic
	limit := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	limit.Name, limit.Value = "max.message.bytes", &value
	topic.Configs = append(topic.Configs, limit)
	ask.Resources = append(ask.Resources, topic)
	answer, err := ask.RequestWith(ctx, client)
	if err == nil {
		err = kerr.ErrorForCode(answer.Resources[0].ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("set the topic's limit: %w", err)
	}
	return nil
}

// stored counts the messages in the topic.
func stored(ctx context.Context, client *kgo.Client) (count int64, err error) {
	ask := kmsg.NewPtrListOffsetsRequest()
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = messages.DefaultTopic
	for n := range int32(partitions) {
		end := kmsg.NewListOffsetsRequestTopicPartition()
		end.Partition, end.Timestamp = n, -1
		topic.Partitions = append(topic.Partitions, end)
	}
	ask.Topics = append(ask.Topics, topic)
	for _, shard := range client.RequestSharded(ctx, ask) {
		if shard.Err != nil {
			return 0, shard.Err
		}
		for _, topic := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range topic.Partitions {
				count += p.Offset
			}
		}
	}
	return count, nil
}
