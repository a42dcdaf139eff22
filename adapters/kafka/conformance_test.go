package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"go.uber.org/goleak"

	"galaxy/healthactors/actors/porttest"
)

// sarama itself leaves a client's updater behind when the broker goes away in the middle of making a producer, and its
// circuit breakers end by themselves, 10 s after they opened.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/IBM/sarama.(*client).backgroundMetadataUpdater"),
		goleak.IgnoreAnyFunction("github.com/eapache/go-resiliency/breaker.(*Breaker).timer"))
}

// P2, P3, P4.
func TestBroker(t *testing.T) {
	porttest.Broker(t, func(t *testing.T) porttest.BrokerFixture {
		f := newFake(t, kfake.BrokerConfigs(map[string]string{"message.max.bytes": "65536"}))
		p, err := open(Config{Brokers: []string{f.addr}}, quick)
		if err != nil {
			t.Fatal(err)
		}
		return porttest.BrokerFixture{
			Broker:   p,
			Topic:    topic,
			Arrived:  func(t testing.TB) []porttest.Arrival { return f.arrived(t) },
			TooLarge: 70000,
			Outages: map[string]func(testing.TB) func(){
				"the broker is away":   f.down,
				"the broker is silent": f.silence,
			},
		}
	})
}
