package actorstest

import (
	"context"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Metrics reads the node's instruments.
type Metrics struct {
	world  *World
	reader *metric.ManualReader
}

// Metrics lets the node count; call it before Start. Instruments have the names that the code gives them, without the
// suffixes of Prometheus.
func (w *World) Metrics() *Metrics {
	m := &Metrics{world: w, reader: metric.NewManualReader()}
	w.Meter = metric.NewMeterProvider(metric.WithReader(m.reader))
	return m
}

// Sum adds up a counter's or a gauge's values over all its labels.
func (m *Metrics) Sum(name string) int64 {
	m.world.T.Helper()
	var all metricdata.ResourceMetrics
	if err := m.reader.Collect(context.Background(), &all); err != nil {
		m.world.T.Fatalf("collect the metrics: %v", err)
	}
	var sum int64
	for _, scope := range all.ScopeMetrics {
		for _, instrument := range scope.Metrics {
			if instrument.Name != name {
				continue
			}
			switch data := instrument.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					sum += p.Value
				}
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					sum += p.Value
				}
			}
		}
	}
	return sum
}
