//go:build integration

package kafka

import "testing"

// BenchmarkRealPublish is BenchmarkPublish with an Apache Kafka, which stores what it gets.
func BenchmarkRealPublish(b *testing.B) {
	addr := setting(b, "HEALTHACTORS_TEST_KAFKA")
	for _, inFlight := range []int{64, 256, 1024} {
		benchmarkBeside(b, inFlight, func(b *testing.B) (Config, string) {
			return Config{Brokers: []string{addr}}, newTopic(b, addr, 10, nil)
		})
	}
}
