//go:build integration

package docker

import (
	"fmt"
	"testing"

	"galaxy/healthactors/adapters/docker/dockertest"
)

// BenchmarkRealInspect asks a real Engine, beside bare GETs over the same connections: the ratio is what decoding and
// all else here costs.
func BenchmarkRealInspect(b *testing.B) {
	host := dockertest.Host(b)
	containers := dockertest.Connect(b, host)
	ids := make([]string, 16)
	for n := range ids {
		ids[n] = containers.Run(dockertest.Spec{})
	}
	for _, concurrency := range []int{1, 8, 16} {
		b.Run(fmt.Sprint("at-once=", concurrency), func(b *testing.B) { benchmarkRatio(b, host, ids, concurrency) })
	}
}
