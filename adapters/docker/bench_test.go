package docker

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"galaxy/healthactors/adapters/docker/dockersim"
)

// BenchmarkInspect asks a simulated Engine, one inspect after the other and 16 at once.
func BenchmarkInspect(b *testing.B) {
	sim := dockersim.New()
	defer sim.Close()
	host, err := sim.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ids := make([]string, 1000)
	for n := range ids {
		ids[n] = dockersim.NewID(n)
		sim.Put(dockersim.Container{ID: ids[n], Name: fmt.Sprint("g", n), Status: "running", Health: "healthy"})
	}
	for _, concurrency := range []int{1, 16} {
		b.Run(fmt.Sprint("at-once=", concurrency), func(b *testing.B) {
			benchmarkRatio(b, host, ids, concurrency)
		})
	}
}

// benchmarkRatio measures inspects beside bare GETs of the same containers over the same connections, in turns of
// 100 ms, and reports both and their ratio. A bare GET asks, reads the answer and throws it away.
func benchmarkRatio(b *testing.B, host string, ids []string, concurrency int) {
	engine, err := New(Config{Host: host, Concurrency: concurrency})
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Close()
	version, err := engine.api.version(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	bareGET := func(ctx context.Context, id string) error {
		target := engine.base
		target.Path += "/v" + version + "/containers/" + id + "/json"
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
		if err != nil {
			return err
		}
		answer, err := engine.transport.RoundTrip(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	inspect := func(ctx context.Context, id string) error {
		_, err := engine.Inspect(ctx, id)
		return err
	}

	var bare, inspected pace
	for b.Loop() {
		bare.run(b, concurrency, ids, bareGET)
		inspected.run(b, concurrency, ids, inspect)
	}
	b.ReportMetric(inspected.perSecond(), "inspects/s")
	b.ReportMetric(bare.perSecond(), "GETs/s")
	b.ReportMetric(inspected.perSecond()/bare.perSecond(), "ratio")
}

// pace counts what was done in what time.
type pace struct {
	done  int64
	spent time.Duration
}

func (p *pace) perSecond() float64 { return float64(p.done) / p.spent.Seconds() }

func (p *pace) run(b *testing.B, concurrency int, ids []string, ask func(context.Context, string) error) {
	var next atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	for range concurrency {
		all.Go(func() {
			for time.Since(begin) < 100*time.Millisecond {
				if err := ask(b.Context(), ids[int(next.Add(1))%len(ids)]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	p.done += next.Load()
	p.spent += time.Since(begin)
}
