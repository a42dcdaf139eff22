package porttest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/messages"
)

// Arrival is a message as it arrived.
type Arrival struct {
	Value []byte
	// Bare says that there is nothing but the value: the other end knows no keys and no headers.
	Bare    bool
	Key     string
	Headers map[string]string
	UUID    string
}

// brokerPatience is how long the suite waits for what must happen.
const brokerPatience = 30 * time.Second

// checkFirstDeliveries holds that events 0 to n-1 of a game arrived, and the first delivery of each in that order (P3).
func checkFirstDeliveries(t *testing.T, arrived []Arrival, game string, n int) {
	t.Helper()
	var first []string
	for _, a := range arrived {
		event, err := messages.Decode(a.Value)
		if err != nil {
			t.Fatalf("what arrived is no event: %v: %q", err, a.Value)
		}
		if event.GameID == game && !slices.Contains(first, event.EventID) {
			first = append(first, event.EventID)
		}
	}
	var want []string
	for i := range n {
		want = append(want, BrokerEvent(game, i).UUID)
	}
	if !slices.Equal(first, want) {
		t.Errorf("first deliveries of %s:\n got %v\nwant %v", game, first, want)
	}
}

func checkArrival(t *testing.T, got Arrival, want *message.Message) {
	t.Helper()
	if string(got.Value) != string(want.Payload) {
		t.Errorf("value:\n got %s\nwant %s", got.Value, want.Payload)
	}
	if got.Bare {
		return
	}
	if subject := want.Metadata.Get(messages.HeaderSubject); got.Key != subject {
		t.Errorf("key: %q, want the subject %q", got.Key, subject)
	}
	if got.UUID != want.UUID {
		t.Errorf("UUID: %q, want %q", got.UUID, want.UUID)
	}
	if !maps.Equal(got.Headers, want.Metadata) {
		t.Errorf("headers:\n got %v\nwant %v", got.Headers, want.Metadata)
	}
}
