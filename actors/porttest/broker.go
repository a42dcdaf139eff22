package porttest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/messages"
)

// BrokerFixture is a broker under test, not yet closed, and what the suite needs at its other end.
type BrokerFixture struct {
	Broker actors.Broker
	// Topic is where the suite publishes. It exists and is empty.
	Topic string
	// Arrived returns all that has arrived so far, the messages of one key in their order. What Publish has returned
	// nil for is among it.
	Arrived func(testing.TB) []Arrival
	// Outages, by name, are ways in which the other end can fail. Each begins when it is called, and ends when what it
	// returned is called. It may be empty.
	Outages map[string]func(testing.TB) (end func())
	// TooLarge is a size of payload that the other end refuses, 0 where it takes every size.
	TooLarge int
}

// Broker holds implementations to the promises of actors.Broker. The factory makes a fresh one for each test and
// cleans up after it; the suite closes the broker.
func Broker(t *testing.T, factory func(*testing.T) BrokerFixture) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, BrokerFixture){
		"what is acknowledged has arrived":   brokerDelivers,
		"one game's events keep their order": brokerKeepsOrder,
		"a repeated delivery is the same":    brokerRepeats,
		"several messages in one call":       brokerTakesSeveral,
		"closing under load":                 brokerCloses,
	} {
		t.Run(name, func(t *testing.T) { withBroker(t, factory, test) })
	}
	fixture := factory(t)
	closeBroker(t, fixture)
	if fixture.TooLarge > 0 {
		t.Run("too large", func(t *testing.T) { withBroker(t, factory, brokerRefusesTooLarge) })
	}
	for _, name := range slices.Sorted(maps.Keys(fixture.Outages)) {
		t.Run("publishing while "+name, func(t *testing.T) {
			withBroker(t, factory, func(t *testing.T, f BrokerFixture) { brokerRecovers(t, f, f.Outages[name]) })
		})
		t.Run("closing while "+name, func(t *testing.T) {
			f := factory(t)
			brokerClosesDuring(t, f, f.Outages[name])
		})
	}
}

func withBroker(t *testing.T, factory func(*testing.T) BrokerFixture, test func(*testing.T, BrokerFixture)) {
	f := factory(t)
	var once sync.Once
	closed := f
	closed.Broker = onceClosed{f.Broker, &once}
	defer closeBroker(t, closed)
	test(t, closed)
}

// onceClosed lets a test close the broker before the suite does.
type onceClosed struct {
	actors.Broker
	once *sync.Once
}

func (b onceClosed) Close() (err error) {
	b.once.Do(func() { err = b.Broker.Close() })
	return err
}

func closeBroker(t *testing.T, f BrokerFixture) {
	t.Helper()
	within(t, "Close", func() {
		if err := f.Broker.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// BrokerEvent is the n-th event of a game, as the node publishes it.
func BrokerEvent(game string, n int) *message.Message {
	event := messages.HealthEvent{
		EventID:     fmt.Sprintf("%s/%d", game, n),
		EventType:   messages.InspectUnhealthy,
		GameID:      game,
		ContainerID: "c-" + game,
		OccurredAt:  time.Date(2026, 11, 23, 8, 20, 18, n, time.UTC),
		Reasons:     []string{messages.ReasonRestartCountIncreased},
		Details:     messages.Details{RestartCount: int64(n), State: "running"},
	}
	value, err := event.Encode()
	if err != nil {
		panic(err) // an event of plain fields always encodes
	}
	traceparent := ""
	if n%2 == 1 { // some are traced
		traceparent = fmt.Sprintf("00-%032x-%016x-01", n, n)
	}
	msg := message.NewMessage(event.EventID, value)
	msg.Metadata = messages.Headers(event.EventID, event.EventType, game, messages.Source, traceparent, event.OccurredAt)
	return msg
}

func brokerDelivers(t *testing.T, f BrokerFixture) {
	msg := BrokerEvent("spiel-1-é", 1)
	publish(t, f, msg)
	arrived := f.Arrived(t)
	if len(arrived) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(arrived))
	}
	checkArrival(t, arrived[0], msg)
}

func brokerKeepsOrder(t *testing.T, f BrokerFixture) {
	const games, events = 20, 25
	var all sync.WaitGroup
	for g := range games {
		all.Go(func() {
			for n := range events {
				publish(t, f, BrokerEvent(gameName(g), n))
			}
		})
	}
	all.Wait()
	arrived := f.Arrived(t)
	for g := range games {
		checkFirstDeliveries(t, arrived, gameName(g), events)
	}
}

func brokerRepeats(t *testing.T, f BrokerFixture) {
	msg := BrokerEvent("game-1", 1)
	publish(t, f, msg)
	publish(t, f, msg)
	arrived := f.Arrived(t)
	if len(arrived) != 2 {
		t.Fatalf("%d messages arrived, want 2", len(arrived))
	}
	for _, a := range arrived {
		checkArrival(t, a, msg)
	}
}

func brokerTakesSeveral(t *testing.T, f BrokerFixture) {
	publish(t, f, BrokerEvent("game-1", 0), BrokerEvent("game-1", 1), BrokerEvent("game-1", 2))
	checkFirstDeliveries(t, f.Arrived(t), "game-1", 3)
}

func brokerRefusesTooLarge(t *testing.T, f BrokerFixture) {
	msg := BrokerEvent("game-1", 0)
	msg.Payload = append(msg.Payload, make([]byte, f.TooLarge)...)
	within(t, "Publish", func() {
		if err := f.Broker.Publish(f.Topic, msg); !errors.Is(err, actors.ErrTooLarge) {
			t.Errorf("Publish of a message too large: %v, want actors.ErrTooLarge", err)
		}
	})
	publish(t, f, BrokerEvent("game-1", 1)) // the game's later events go on (P4)
	arrived := f.Arrived(t)
	if len(arrived) != 1 {
		t.Fatalf("%d messages arrived, want the one that was not too large", len(arrived))
	}
	checkArrival(t, arrived[0], BrokerEvent("game-1", 1))
}

// brokerRecovers publishes one game's events in order, each until it is acknowledged, across an outage.
func brokerRecovers(t *testing.T, f BrokerFixture, outage func(testing.TB) func()) {
	publish(t, f, BrokerEvent("game-1", 0))
	end := outage(t)
	within(t, "Publish", func() {
		if f.Broker.Publish(f.Topic, BrokerEvent("game-1", 1)) == nil {
			t.Error("Publish during an outage says that the message is acknowledged")
		}
	})
	end()
	for n := 1; n < 5; n++ {
		publishUntilAcknowledged(t, f, BrokerEvent("game-1", n))
	}
	checkFirstDeliveries(t, f.Arrived(t), "game-1", 5)
}

func brokerCloses(t *testing.T, f BrokerFixture) {
	const callers = 50
	begun := make(chan struct{}, callers)
	acknowledged := make([]bool, callers)
	var all sync.WaitGroup
	for g := range callers {
		all.Go(func() {
			msg := BrokerEvent(gameName(g), 0)
			begun <- struct{}{}
			acknowledged[g] = f.Broker.Publish(f.Topic, msg) == nil
		})
	}
	for range callers {
		<-begun
	}
	closeBroker(t, f)
	within(t, "Publish after Close", all.Wait)
	arrived := f.Arrived(t)
	for g, ok := range acknowledged {
		if ok {
			checkFirstDeliveries(t, arrived, gameName(g), 1)
		}
	}
}

func brokerClosesDuring(t *testing.T, f BrokerFixture, outage func(testing.TB) func()) {
	publish(t, f, BrokerEvent("game-1", 0))
	end := outage(t)
	defer end()
	begun := make(chan struct{})
	var publishing sync.WaitGroup
	publishing.Go(func() {
		close(begun)
		if f.Broker.Publish(f.Topic, BrokerEvent("game-1", 1)) == nil {
			t.Error("Publish during an outage says that the message is acknowledged")
		}
	})
	<-begun
	closeBroker(t, f)
	within(t, "Publish after Close", publishing.Wait)
}

func gameName(g int) string { return fmt.Sprintf("game-%d", g) }

func publish(t *testing.T, f BrokerFixture, msgs ...*message.Message) {
	t.Helper()
	within(t, "Publish", func() {
		if err := f.Broker.Publish(f.Topic, msgs...); err != nil {
			t.Errorf("Publish %s: %v", msgs[0].UUID, err)
		}
	})
}

// publishUntilAcknowledged is how the node publishes: again, until it is acknowledged. A real broker needs real time
// to come back, so there are pauses.
func publishUntilAcknowledged(t *testing.T, f BrokerFixture, msg *message.Message) {
	t.Helper()
	deadline := time.Now().Add(brokerPatience)
	for {
		err := f.Broker.Publish(f.Topic, msg)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("Publish %s has not succeeded within %v after the outage: %v", msg.UUID, brokerPatience, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// within fails the test when a call blocks.
func within(t *testing.T, what string, call func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	select {
	case <-done:
	case <-time.After(brokerPatience):
		t.Errorf("%s has not returned within %v", what, brokerPatience)
	}
}
