//go:build integration

package kafka

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"

	"galaxy/healthactors/actors/porttest"
	"galaxy/healthactors/messages/messagestest"
)

// setting reads where a real component is. There is no doing without.
func setting(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set", name)
	}
	return value
}

// newTopic makes a topic that no other test uses.
func newTopic(t testing.TB, addr string, partitions int32, configs map[string]string) string {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	created := kmsg.NewCreateTopicsRequestTopic()
	created.Topic = fmt.Sprintf("test-%d", time.Now().UnixNano())
	created.NumPartitions = partitions
	created.ReplicationFactor = 1
	for name, value := range configs {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		config.Name, config.Value = name, &value
		created.Configs = append(created.Configs, config)
	}
	ask := kmsg.NewPtrCreateTopicsRequest()
	ask.Topics = append(ask.Topics, created)
	answer, err := ask.RequestWith(ctx, client)
	if err == nil {
		err = kerr.ErrorForCode(answer.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatalf("make a topic on Kafka at %s: %v", addr, err)
	}
	return created.Topic
}

// P2, P3, P4 on Apache Kafka. The publisher has the limits of production.
func TestRealBroker(t *testing.T) {
	addr := setting(t, "HEALTHACTORS_TEST_KAFKA")
	porttest.Broker(t, func(t *testing.T) porttest.BrokerFixture {
		topic := newTopic(t, addr, 3, map[string]string{"max.message.bytes": "20000"})
		p, err := New(Config{Brokers: []string{addr}})
		if err != nil {
			t.Fatal(err)
		}
		return porttest.BrokerFixture{
			Broker:   p,
			Topic:    topic,
			Arrived:  func(t testing.TB) []porttest.Arrival { return readTopic(t, addr, topic) },
			TooLarge: 25000,
		}
	})
}

// A broker of this test's own dies without warning and comes back at the same address.
func TestRealBrokerOutage(t *testing.T) {
	control := setting(t, "HEALTHACTORS_TEST_KAFKAD")
	dir := t.TempDir()
	command := func(verb string) string {
		t.Helper()
		var complaint bytes.Buffer
		cmd := exec.Command(control, verb, dir)
		cmd.Stderr = &complaint
		output, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %s: %v: %s", control, verb, err, &complaint)
		}
		return strings.TrimSpace(string(output))
	}
	addr := command("start")
	t.Cleanup(func() { command("remove") })
	topic := newTopic(t, addr, 3, nil)
	p, err := New(Config{Brokers: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()

	for n := range 2 {
		if n > 0 {
			command("kill")
			if err := p.Publish(topic, porttest.BrokerEvent("game-1", n)); err == nil {
				t.Error("Publish without a broker says that the message is acknowledged")
			}
			if _, err := Check(t.Context(), Config{Brokers: []string{addr}}, topic); err == nil {
				t.Error("Check without a broker has no error")
			}
			command("start")
		}
		publishWhen(t, p, topic, porttest.BrokerEvent("game-1", n))
	}
	var ids []string
	for _, a := range readTopic(t, addr, topic) {
		ids = append(ids, a.UUID)
	}
	if got := strings.Join(ids, " "); got != "game-1/0 game-1/1" {
		t.Errorf("arrived: %s", got)
	}
}

func TestRealCheck(t *testing.T) {
	cfg := Config{Brokers: []string{setting(t, "HEALTHACTORS_TEST_KAFKA")}}
	topic := newTopic(t, cfg.Brokers[0], 1, nil)
	if _, err := Check(t.Context(), cfg, topic); err != nil {
		t.Error(err)
	}
	for range 2 { // a topic that the first time has made would be known the second
		found, err := Check(t.Context(), cfg, topic+"-unknown")
		if err != nil || !strings.Contains(found, "the broker makes it") {
			t.Errorf("Check of a topic that is not there: %q, %v", found, err)
		}
	}
}

// Keys land on the partitions on which Kafka's own Java producer puts them.
func TestRealPartitionsLikeJava(t *testing.T) {
	addr := setting(t, "HEALTHACTORS_TEST_KAFKA")
	classpath := setting(t, "HEALTHACTORS_TEST_KAFKA_CLASSPATH")
	ours, javas := newTopic(t, addr, 13, nil), newTopic(t, addr, 13, nil)

	var keys []string
	for n := range 40 {
		keys = append(keys, fmt.Sprintf("game-%d", n*n*n))
	}
	keys = append(keys, "ä", "Spiel-Ü", "игра-1", "ゲーム", "游戏🎮", "é\u0301", "\u00a0x", strings.Repeat("z", 255), "a", "{}")
	cmd := exec.Command("java", "-Dfile.encoding=UTF-8", "-cp", classpath, "kafka.tools.ConsoleProducer",
		"--bootstrap-server", addr, "--topic", javas, "--property", "parse.key=true", "--property", "key.separator=\t")
	cmd.Stdin = strings.NewReader(strings.Join(keys, "\tx\n") + "\tx\n")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the console producer: %v: %s", err, output)
	}
	p, err := New(Config{Brokers: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, key := range keys {
		if err := p.Publish(ours, porttest.BrokerEvent(key, 0)); err != nil {
			t.Fatal(err)
		}
	}
	want, got := partitions(t, addr, javas), partitions(t, addr, ours)
	if len(want) != len(keys) {
		t.Errorf("the Java producer wrote %d keys, want %d", len(want), len(keys))
	}
	if !maps.Equal(got, want) {
		t.Errorf("partitions:\n ours %v\nJava's %v", got, want)
	}
}

// partitions says where a topic's keys are.
func partitions(t *testing.T, addr, topic string) map[string]int32 {
	t.Helper()
	found := map[string]int32{}
	for _, record := range readRecords(t, addr, topic) {
		found[string(record.Key)] = record.Partition
	}
	return found
}

// What is published keeps to the AsyncAPI document as two clients read it that aren't written in Go.
func TestRealForeignReaders(t *testing.T) {
	addr := setting(t, "HEALTHACTORS_TEST_KAFKA")
	python := setting(t, "HEALTHACTORS_TEST_PYTHON")
	topic := newTopic(t, addr, 1, nil)
	p, err := New(Config{Brokers: []string{addr}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	events := publishEveryKind(t, p, topic)

	for reader, cmd := range map[string]*exec.Cmd{
		"kcat":   exec.Command("kcat", "-C", "-b", addr, "-t", topic, "-e", "-q", "-J"),
		"python": exec.Command(python, "testdata/read.py", addr, topic, fmt.Sprint(len(events))),
	} {
		t.Run(reader, func(t *testing.T) {
			var complaint bytes.Buffer
			cmd.Stderr = &complaint
			output, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, &complaint)
			}
			checkRead(t, output, len(events))
		})
	}
}

// checkRead reads lines as kcat -J prints them.
func checkRead(t *testing.T, output []byte, want int) {
	t.Helper()
	schema, err := messagestest.Published()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(lines) != want {
		t.Errorf("%d messages, want %d:\n%s", len(lines), want, output)
	}
	for _, line := range lines {
		var read struct {
			Key, Payload string
			Headers      []string // names and values in turn
		}
		if err := json.Unmarshal([]byte(line), &read); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		headers := map[string]string{}
		for i := 0; i+1 < len(read.Headers); i += 2 {
			headers[read.Headers[i]] = read.Headers[i+1]
		}
		if err := schema.Validate(read.Key, headers, []byte(read.Payload)); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if headers[wmkafka.UUIDHeaderKey] == "" {
			t.Errorf("no UUID of Watermill's: %s", line)
		}
	}
}
