package actorstest

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
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
	switch data := m.read(name).(type) {
	case metricdata.Sum[int64]:
		return sum(data.DataPoints)
	case metricdata.Gauge[int64]:
		return sum(data.DataPoints)
	}
	return 0
}

// Series are the values of a counter's or a gauge's series by their labels, such as "engine=default,outcome=ok", and what those
// of a histogram sum up to; empty while there are none.
func (m *Metrics) Series(name string) map[string]float64 {
	m.world.T.Helper()
	series := map[string]float64{}
	switch data := m.read(name).(type) {
	case metricdata.Sum[int64]:
		addSeries(series, data.DataPoints)
	case metricdata.Gauge[int64]:
		addSeries(series, data.DataPoints)
	case metricdata.Gauge[float64]:
		addSeries(series, data.DataPoints)
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			series[labels(p.Attributes)] = p.Sum
		}
	}
	return series
}

func addSeries[N int64 | float64](series map[string]float64, points []metricdata.DataPoint[N]) {
	for _, p := range points {
		series[labels(p.Attributes)] = float64(p.Value)
	}
}

func labels(set attribute.Set) string { return set.Encoded(attribute.DefaultEncoder()) }

// Seconds is the value of a gauge that counts seconds, or what a histogram of seconds sums up to.
func (m *Metrics) Seconds(name string) (seconds float64) {
	m.world.T.Helper()
	switch data := m.read(name).(type) {
	case metricdata.Gauge[float64]:
		return sum(data.DataPoints)
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			seconds += p.Sum
		}
	}
	return seconds
}

// read collects the metrics, and returns those of one instrument, nil if it has none.
func (m *Metrics) read(name string) metricdata.Aggregation {
	m.world.T.Helper()
	var all metricdata.ResourceMetrics
	if err := m.reader.Collect(context.Background(), &all); err != nil {
		m.world.T.Fatalf("collect the metrics: %v", err)
	}
	for _, scope := range all.ScopeMetrics {
		for _, instrument := range scope.Metrics {
			if instrument.Name == name {
				return instrument.Data
			}
		}
	}
	return nil
}

func sum[N int64 | float64](points []metricdata.DataPoint[N]) (sum N) {
	for _, p := range points {
		sum += p.Value
	}
	return sum
}
