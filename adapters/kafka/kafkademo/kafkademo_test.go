package kafkademo

import (
	"context"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"go.uber.org/goleak"

	"galaxy/healthactors/actors/porttest"
	"galaxy/healthactors/adapters/kafka"
	"galaxy/healthactors/messages"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConsume(t *testing.T) {
	broker, err := Start(messages.DefaultTopic)
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	publisher, err := kafka.New(kafka.Config{Brokers: []string{broker.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	defer publisher.Close()
	publish := func(msg *message.Message) {
		t.Helper()
		if err := publisher.Publish(messages.DefaultTopic, msg); err != nil {
			t.Error(err)
		}
	}

	publish(porttest.BrokerEvent("game-1", 0)) // before anybody consumes
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ids := make(chan string)
	ended := make(chan error)
	go func() {
		ended <- Consume(ctx, broker.Addr(), messages.DefaultTopic, func(e messages.HealthEvent, h map[string]string) {
			if h[messages.HeaderSubject] != e.GameID {
				t.Errorf("headers of %s: %v", e.EventID, h)
			}
			ids <- e.EventID
		})
	}()
	for n := range 3 {
		if n > 0 {
			publish(message.NewMessage("", []byte("no event")))
			publish(porttest.BrokerEvent("game-1", n))
		}
		want := porttest.BrokerEvent("game-1", n).UUID
		select {
		case got := <-ids:
			if got != want {
				t.Errorf("event %s arrives, want %s", got, want)
			}
		case err := <-ended:
			t.Fatalf("Consume has ended before %s: %v", want, err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Consume: %v", err)
	}
}

func TestConsumeWithoutBroker(t *testing.T) {
	broker, err := Start(messages.DefaultTopic)
	if err != nil {
		t.Fatal(err)
	}
	broker.Close()
	err = Consume(t.Context(), broker.Addr(), messages.DefaultTopic, func(messages.HealthEvent, map[string]string) {})
	if err == nil {
		t.Error("Consume without a broker: no error")
	}
}
