//go:build integration

package main

import "testing"

// BenchmarkRealBacklog is BenchmarkBacklog with an Apache Kafka, which stores what it gets.
func BenchmarkRealBacklog(b *testing.B) {
	publishBacklog(b, []string{realComponent(b, "HEALTHACTORS_TEST_KAFKA")})
}
