package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
)

// wantRefused publishes and holds that the error says why.
func wantRefused(t *testing.T, p *Publisher, why string) {
	t.Helper()
	err := p.Publish(topic, porttest.BrokerEvent("game-1", 1))
	if err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("Publish: %v, want an error with %q", err, why)
	}
}

// wantPublished publishes until it succeeds: a broker that came back needs real time.
func wantPublished(t *testing.T, p *Publisher, msg *message.Message) (failures int) {
	t.Helper()
	return publishWhen(t, p, topic, msg)
}

func publishWhen(t *testing.T, p *Publisher, topic string, msg *message.Message) (failures int) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := p.Publish(topic, msg)
		if err == nil {
			return failures
		}
		failures++
		if time.Now().After(deadline) {
			t.Fatalf("Publish %s has not succeeded yet: %v", msg.UUID, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestStartWithoutBroker(t *testing.T) {
	f := newFake(t)
	up := f.down(t)
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	wantRefused(t, p, "connection refused")
	up()
	wantPublished(t, p, porttest.BrokerEvent("game-1", 1))
	if n := len(f.arrived(t)); n != 1 {
		t.Errorf("%d messages arrived, want 1", n)
	}
}

// S8: a stop doesn't wait for what sarama tries again in vain, one message after the other.
func TestCloseWhileTheBrokerIsAway(t *testing.T) {
	f := newFake(t)
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	wantPublished(t, p, porttest.BrokerEvent("game-0", 0))
	defer f.down(t)()
	failed := make(chan error, 64)
	for n := range cap(failed) {
		go func() { failed <- p.Publish(topic, porttest.BrokerEvent("game-"+strconv.Itoa(n), 1)) }()
	}
	if err := <-failed; err == nil { // the others are still being tried
		t.Error("a broker that is away acknowledges")
	}
	begin := time.Now()
	if err := p.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("Close took %v", took)
	}
	for range cap(failed) - 1 {
		<-failed
	}
}

func TestFirstBrokerIsDead(t *testing.T) {
	f := newFake(t)
	p := newPublisher(t, Config{Brokers: []string{"127.0.0.1:1", f.addr}})
	if err := p.Publish(topic, porttest.BrokerEvent("game-1", 1)); err != nil {
		t.Error(err)
	}
}

// A broker that has just started gives out no producer ids for a moment.
func TestBrokerIsLoading(t *testing.T) {
	f := newFake(t)
	loading := f.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.InitProducerID}, TopLevel: true, Err: kerr.CoordinatorLoadInProgress, Count: 2,
	})
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	if err := p.Publish(topic, porttest.BrokerEvent("game-1", 1)); err != nil {
		t.Error(err)
	}
	if loading.Hits() != 2 {
		t.Errorf("%d answers said that the broker is loading, want 2", loading.Hits())
	}
}

// The circuit breaker in sarama and its cached metadata must not outlive the topic's absence.
func TestTopicAppearsLater(t *testing.T) {
	f := newFake(t)
	if err := f.DeleteTopic(topic); err != nil {
		t.Fatal(err)
	}
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	for range 5 {
		wantRefused(t, p, "")
	}
	if err := f.CreateTopic(topic, 3, nil); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	wantPublished(t, p, porttest.BrokerEvent("game-1", 1))
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("it took %v to find the topic, as if sarama's breaker were waited for", took)
	}
}

// P2, P3: acknowledgements that get lost, until sarama gives up and we publish again: each event arrives at least
// once, under its one id, and in order.
func TestLostAcknowledgements(t *testing.T) {
	f := newFake(t)
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	var want []string
	failures := 0
	for n := range 4 {
		if n > 0 {
			f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Err: kerr.RequestTimedOut, Count: 6})
		}
		msg := porttest.BrokerEvent("game-1", n)
		failures += wantPublished(t, p, msg)
		want = append(want, msg.UUID)
	}
	if failures == 0 {
		t.Error("no Publish failed, so nothing was tested")
	}
	var first []string
	seen := map[string]bool{}
	for _, a := range f.arrived(t) {
		if !seen[a.UUID] {
			first = append(first, a.UUID)
		}
		seen[a.UUID] = true
	}
	if strings.Join(first, " ") != strings.Join(want, " ") {
		t.Errorf("first deliveries: %v, want %v", first, want)
	}
}

func TestLeaderMoves(t *testing.T) {
	f := newFake(t, kfake.NumBrokers(3), kfake.SeedTopics(1, topic))
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	for n := range 6 {
		if err := f.MoveTopicPartition(topic, 0, int32(n%3)); err != nil {
			t.Fatal(err)
		}
		if err := p.Publish(topic, porttest.BrokerEvent("game-1", n)); err != nil {
			t.Errorf("event %d: %v", n, err)
		}
	}
	for n, a := range f.arrived(t) {
		if want := porttest.BrokerEvent("game-1", n).UUID; a.UUID != want {
			t.Errorf("message %d is %s, want %s", n, a.UUID, want)
		}
	}
}

// One partition without enough replicas costs the others nothing but a new connection.
func TestOnePartitionFails(t *testing.T) {
	f := newFake(t)
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	sick := partition(t, "game-1", 10)
	f.Fault(kfake.Fault{
		Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Partitions: []int32{sick},
		Err: kerr.NotEnoughReplicas, Count: -1,
	})
	other := "game-2"
	if partition(t, other, 10) == sick {
		t.Fatal("both games are on one partition")
	}
	for n := range 3 {
		wantRefused(t, p, "replicas")
		if err := p.Publish(topic, porttest.BrokerEvent(other, n)); err != nil {
			t.Errorf("a game on another partition: %v", err)
		}
	}
}

func TestTooLargeForTheClient(t *testing.T) {
	f := newFake(t)
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	msg := porttest.BrokerEvent("game-1", 1)
	msg.Payload = make([]byte, maxMessageBytes+1)
	if err := p.Publish(topic, msg); !errors.Is(err, actors.ErrTooLarge) {
		t.Errorf("Publish: %v, want actors.ErrTooLarge", err)
	}
}

// A stuck producer is replaced: what is published after the watchdog needs no help from the broker's old connections.
func TestSilentBroker(t *testing.T) {
	f := newFake(t)
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	wantPublished(t, p, porttest.BrokerEvent("game-1", 0))
	stuck := make(chan struct{})
	f.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		f.DropControl()
		close(stuck)
		return nil, nil, true // this one is never answered, and blocks its connection forever
	})
	p.lim.publish = 300 * time.Millisecond
	begin := time.Now()
	wantRefused(t, p, "no acknowledgement from Kafka within")
	<-stuck
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("Publish took %v", took)
	}
	p.lim.publish = 10 * time.Second
	wantPublished(t, p, porttest.BrokerEvent("game-1", 1))
}

func TestCheck(t *testing.T) {
	f := newFake(t)
	cfg := Config{Brokers: []string{f.addr}}
	if _, err := check(t.Context(), cfg, topic, quick); err != nil {
		t.Error(err)
	}
	wantCheck(t, cfg, "nowhere", "the topic is unknown")
	if f.TopicInfo("nowhere") != nil {
		t.Error("Check has made a topic")
	}
	if n := len(f.arrived(t)); n != 0 {
		t.Errorf("Check has written %d messages", n)
	}
	end := f.silence(t)
	wantCheck(t, cfg, topic, "no broker can be reached")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := check(ctx, cfg, topic, quick); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Check beyond its context: %v", err)
	}
	end()
	up := f.down(t)
	wantCheck(t, cfg, topic, "no broker can be reached: ")
	wantCheck(t, cfg, topic, "connection refused")
	wantCheck(t, Config{Brokers: []string{f.addr}, SASL: "x"}, topic, "SASL is not a mechanism")
	up()
}

func wantCheck(t *testing.T, cfg Config, topic, why string) {
	t.Helper()
	_, err := check(t.Context(), cfg, topic, quick)
	if err == nil || !strings.Contains(err.Error(), why) || strings.Contains(err.Error(), "\n") {
		t.Errorf("Check: %v, want one line with %q", err, why)
	}
}

// A topic that isn't there is the brokers' to make, if they do and the user may have it made; a node that starts says no word
// then.
func TestCheckOfATopicThatIsNotThere(t *testing.T) {
	for name, tc := range map[string]struct {
		setting string // empty: the broker doesn't say
		code    int16
		denied  bool
		want    string
		wrong   bool
	}{
		"made":                 {setting: "true", want: "the broker makes it"},
		"not made":             {setting: "false", wrong: true, want: "the brokers don't make it"},
		"not told":             {code: kerr.ClusterAuthorizationFailed.Code, wrong: true, want: "whether the brokers make it isn't known: ask for auto.create.topics.enable"},
		"not known":            {wrong: true, want: "whether the brokers make it isn't known: ask for auto.create.topics.enable"},
		"made, but not for us": {setting: "true", denied: true, wrong: true, want: "it may not be made"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.ControlKey(int16(kmsg.DescribeConfigs), func(r kmsg.Request) (kmsg.Response, error, bool) {
				f.KeepControl()
				if tc.setting == "" && tc.code == 0 {
					return nil, nil, false
				}
				answer := r.ResponseKind().(*kmsg.DescribeConfigsResponse)
				answer.Resources = []kmsg.DescribeConfigsResponseResource{{
					ResourceType: kmsg.ConfigResourceTypeBroker, ResourceName: "0", ErrorCode: tc.code,
					Configs: []kmsg.DescribeConfigsResponseResourceConfig{{Name: autoCreate, Value: &tc.setting}},
				}}
				return answer, nil, true
			})
			f.ControlKey(int16(kmsg.CreateTopics), func(r kmsg.Request) (kmsg.Response, error, bool) {
				f.KeepControl()
				if !tc.denied {
					return nil, nil, false
				}
				answer := r.ResponseKind().(*kmsg.CreateTopicsResponse)
				answer.Topics = []kmsg.CreateTopicsResponseTopic{{Topic: "nowhere", ErrorCode: kerr.TopicAuthorizationFailed.Code}}
				return answer, nil, true
			})
			found, err := check(t.Context(), Config{Brokers: []string{f.addr}}, "nowhere", quick)
			if got := fmt.Sprint(found, err); !strings.Contains(got, tc.want) || tc.wrong != (err != nil) ||
				tc.wrong && !strings.Contains(got, "the topic is unknown") {
				t.Errorf("found %q, error %v, want %q", found, err, tc.want)
			}
			if f.TopicInfo("nowhere") != nil {
				t.Error("Check has made the topic")
			}
		})
	}
}
