package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
)

// maxScrapes bounds how many scrapes are answered at once.
const maxScrapes = 4

// The bounds of the histograms' buckets, in seconds: an inspect takes about a millisecond and at most its time-out, a
// tick as long as all its inspects.
var (
	inspectBounds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	tickBounds    = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
)

// Metrics collects what instruments measure and shows it to Prometheus, with the metrics of the Go runtime and of the
// process.
//
// An instrument's name is the metric's, except for the suffixes that the exporter adds: _total to counters, _seconds for
// the unit "s" and _bytes for the unit "By". Other instruments have no unit; the unit "1" would become _ratio.
type Metrics struct {
	registry *prometheus.Registry
	provider *sdk.MeterProvider
}

// NewMetrics returns metrics with a registry of their own.
func NewMetrics() (*Metrics, error) {
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(
		exporter.WithRegisterer(registry),
		exporter.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes),
		exporter.WithoutScopeInfo(),
		exporter.WithoutTargetInfo(),
	)
	err = errors.Join(err,
		registry.Register(collectors.NewGoCollector()),
		registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})))
	if err != nil {
		return nil, fmt.Errorf("make the metrics: %w", err)
	}
	provider := sdk.NewMeterProvider(
		sdk.WithReader(reader),
		sdk.WithResource(resource.Empty()),
		sdk.WithView(
			buckets("healthactors_inspect_duration", inspectBounds),
			buckets("healthactors_tick_duration", tickBounds),
		),
	)
	return &Metrics{registry: registry, provider: provider}, nil
}

func buckets(name string, bounds []float64) sdk.View {
	return sdk.NewView(sdk.Instrument{Name: name},
		sdk.Stream{Aggregation: sdk.AggregationExplicitBucketHistogram{Boundaries: bounds}})
}

// MeterProvider makes the meters whose instruments are exposed.
func (m *Metrics) MeterProvider() metric.MeterProvider {
	return m.provider
}

// Handler answers scrapes in Prometheus' text format. A metric that can't be collected is left out.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		ErrorLog:            toOTel{},
		MaxRequestsInFlight: maxScrapes,
	})
}

// Shutdown ends the collection.
func (m *Metrics) Shutdown(ctx context.Context) error {
	if err := m.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("end the metrics: %w", err)
	}
	return nil
}

// toOTel hands a scrape's errors to OpenTelemetry's handler, where those of the instruments go too.
type toOTel struct{}

func (toOTel) Println(v ...any) { otel.Handle(errors.New(fmt.Sprint(v...))) }
