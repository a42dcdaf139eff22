package telemetry

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newMetrics(t *testing.T) *Metrics {
	t.Helper()
	m, err := NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return m
}

// scrape reads the metrics as Prometheus does.
func scrape(t *testing.T, m *Metrics) map[string]*dto.MetricFamily {
	t.Helper()
	recorder := httptest.NewRecorder()
	m.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("the scrape was answered %d: %s", recorder.Code, recorder.Body)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

// instruments are those of the contract, made as a node makes them.
func instruments(t *testing.T, meter metric.Meter) {
	t.Helper()
	ctx := t.Context()
	label := func(key, value string) metric.MeasurementOption {
		return metric.WithAttributes(attribute.String(key, value))
	}
	var errs []error
	counter := func(name string, options ...metric.AddOption) {
		c, err := meter.Int64Counter(name)
		errs = append(errs, err)
		c.Add(ctx, 3, options...)
	}
	seconds := func(name string, options ...metric.RecordOption) {
		h, err := meter.Float64Histogram(name, metric.WithUnit("s"))
		errs = append(errs, err)
		h.Record(ctx, 0.002, options...)
	}
	last, err := meter.Float64Gauge("healthactors_last_tick_timestamp", metric.WithUnit("s"))
	errs = append(errs, err)
	last.Record(ctx, 1)
	gauge := func(name, unit string, options ...metric.ObserveOption) {
		_, err := meter.Int64ObservableGauge(name, metric.WithUnit(unit), metric.WithInt64Callback(
			func(_ context.Context, o metric.Int64Observer) error {
				o.Observe(7, options...)
				return nil
			}))
		errs = append(errs, err)
	}
	counter("healthactors_inspections", metric.WithAttributes(attribute.String("outcome", "ok"), attribute.String("engine", "default")))
	counter("healthactors_health_events", label("event_type", "inspect_unhealthy"))
	counter("healthactors_ticks", label("outcome", "list_failed"))
	counter("healthactors_inspections_skipped", label("engine", "default"))
	counter("healthactors_publish_failures")
	seconds("healthactors_inspect_duration", label("engine", "default"))
	seconds("healthactors_tick_duration")
	gauge("healthactors_games", "")
	gauge("healthactors_games_stale", "", label("engine", "default"))
	gauge("healthactors_games_unhealthy", "", label("reason", "not_running"))
	gauge("healthactors_entries_refused", "")
	gauge("healthactors_events_pending", "")
	gauge("healthactors_events_parked", "")
	gauge("healthactors_oldest_pending", "s")
	gauge("healthactors_journal", "By")
	gauge("healthactors_build_info", "", metric.WithAttributes(attribute.String("version", "v1.2.3"),
		attribute.String("commit", "c0ffee"), attribute.String("go_version", "go1.26")))
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestMetricsAreNamedAsInTheContract(t *testing.T) {
	m := newMetrics(t)
	instruments(t, m.MeterProvider().Meter("galaxy/healthactors"))
	want := map[string]string{
		"healthactors_inspections_total":           "COUNTER engine=default outcome=ok",
		"healthactors_inspect_duration_seconds":    "HISTOGRAM engine=default",
		"healthactors_health_events_total":         "COUNTER event_type=inspect_unhealthy",
		"healthactors_publish_failures_total":      "COUNTER",
		"healthactors_ticks_total":                 "COUNTER outcome=list_failed",
		"healthactors_tick_duration_seconds":       "HISTOGRAM",
		"healthactors_last_tick_timestamp_seconds": "GAUGE",
		"healthactors_inspections_skipped_total":   "COUNTER engine=default",
		"healthactors_games":                       "GAUGE",
		"healthactors_games_stale":                 "GAUGE engine=default",
		"healthactors_games_unhealthy":             "GAUGE reason=not_running",
		"healthactors_entries_refused":             "GAUGE",
		"healthactors_events_pending":              "GAUGE",
		"healthactors_events_parked":               "GAUGE",
		"healthactors_oldest_pending_seconds":      "GAUGE",
		"healthactors_journal_bytes":               "GAUGE",
		"healthactors_build_info":                  "GAUGE commit=c0ffee go_version=go1.26 version=v1.2.3",
	}
	got := map[string]string{}
	for name, family := range scrape(t, m) {
		if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") {
			continue
		}
		got[name] = family.GetType().String()
		for _, series := range family.GetMetric() {
			for _, label := range series.GetLabel() {
				got[name] += " " + label.GetName() + "=" + label.GetValue()
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestHistogramsHaveFittingBuckets(t *testing.T) {
	m := newMetrics(t)
	instruments(t, m.MeterProvider().Meter("galaxy/healthactors"))
	families := scrape(t, m)
	for name, want := range map[string][]float64{
		"healthactors_inspect_duration_seconds": inspectBounds,
		"healthactors_tick_duration_seconds":    tickBounds,
	} {
		var got []float64
		buckets := families[name].GetMetric()[0].GetHistogram().GetBucket()
		for _, b := range buckets[:len(buckets)-1] { // The last one is +Inf.
			got = append(got, b.GetUpperBound())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestMetricsOfTheRuntimeAndTheProcess(t *testing.T) {
	names := slices.Collect(maps.Keys(scrape(t, newMetrics(t))))
	for _, want := range []string{"go_goroutines", "go_memstats_heap_alloc_bytes", "process_start_time_seconds", "process_open_fds"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s among %v", want, names)
		}
	}
}

func TestAGaugeThatFailsLeavesTheOthers(t *testing.T) {
	errs := handledErrors(t)
	m := newMetrics(t)
	meter := m.MeterProvider().Meter("galaxy/healthactors")
	instruments(t, meter)
	_, err := meter.Int64ObservableGauge("healthactors_broken", metric.WithInt64Callback(
		func(context.Context, metric.Int64Observer) error { return errors.New("the node has stopped") }))
	if err != nil {
		t.Fatal(err)
	}
	if families := scrape(t, m); families["healthactors_games"] == nil || families["healthactors_broken"] != nil {
		t.Errorf("scraped %v", slices.Collect(maps.Keys(families)))
	}
	if got := errs(); len(got) != 1 || !strings.Contains(got[0].Error(), "the node has stopped") {
		t.Errorf("the error handler got %v", got)
	}
}
