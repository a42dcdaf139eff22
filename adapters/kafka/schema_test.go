package kafka

import (
	"fmt"
	"maps"
	"testing"
	"time"

	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/messages"
	"galaxy/healthactors/messages/messagestest"
)

// Messages that were really published, as any consumer reads them, keep to the AsyncAPI document.
func TestPublishedMessagesKeepToTheDocument(t *testing.T) {
	f := newFake(t)
	p := newPublisher(t, Config{Brokers: []string{f.addr}})
	events := publishEveryKind(t, p, topic)
	schema, err := messagestest.Published()
	if err != nil {
		t.Fatal(err)
	}
	arrived := f.arrived(t)
	if len(arrived) != len(events) {
		t.Errorf("%d messages arrived, want %d", len(arrived), len(events))
	}
	for _, a := range arrived {
		headers := maps.Clone(a.Headers)
		headers[wmkafka.UUIDHeaderKey] = a.UUID
		if err := schema.Validate(a.Key, headers, a.Value); err != nil {
			t.Errorf("%s: %v", a.Value, err)
		}
	}
}

// publishEveryKind publishes events that differ in all that can differ, and returns them by game.
func publishEveryKind(t *testing.T, p *Publisher, topic string) map[string]messages.HealthEvent {
	t.Helper()
	events := map[string]messages.HealthEvent{}
	for _, event := range []messages.HealthEvent{
		{EventType: messages.InspectRecovered, GameID: "g", ContainerID: "c"},
		{
			EventType: messages.InspectUnhealthy, GameID: "Spiel-ä/1?#%", ContainerID: "b3f1",
			Reasons: []string{messages.ReasonNotRunning},
			Details: messages.Details{State: "exited"},
		},
		{
			EventType: messages.InspectUnhealthy, GameID: "ゲーム🎮", ContainerID: "Name_1.2-3",
			Reasons: []string{
				messages.ReasonRestartCountIncreased, messages.ReasonNotRunning, messages.ReasonHealthcheckUnhealthy,
			},
			Details: messages.Details{RestartCount: 1 << 40, State: "restarting", Health: "unhealthy"},
		},
	} {
		event.EventID = "id of " + event.GameID
		event.OccurredAt = time.Date(2026, 11, 23, 8, 20, 18, len(events), time.UTC)
		value, err := event.Encode()
		if err != nil {
			t.Fatal(err)
		}
		traceparent := ""
		if len(events) > 0 {
			traceparent = fmt.Sprintf("00-%032x-%016x-01", len(events), len(events))
		}
		msg := message.NewMessage(event.EventID, value)
		msg.Metadata = messages.Headers(event.EventID, event.EventType, event.GameID, messages.Source, traceparent, event.OccurredAt)
		if err := p.Publish(topic, msg); err != nil {
			t.Fatal(err)
		}
		events[event.GameID] = event
	}
	return events
}
