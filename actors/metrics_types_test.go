package actors

import (
	"context"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// A member delivers what one of the next release detected, whose types of events it does not know.
func TestC6AnEventOfTheNextReleaseCounts(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	m, err := newMetrics(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter(scope), nil, true)
	if err != nil {
		t.Fatal(err)
	}
	m.published("inspect_slept_badly")
	var got metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &got); err != nil {
		t.Fatal(err)
	}
	for _, metric := range got.ScopeMetrics[0].Metrics {
		if metric.Name != "healthactors_health_events" {
			continue
		}
		for _, point := range metric.Data.(metricdata.Sum[int64]).DataPoints {
			if eventType, _ := point.Attributes.Value("event_type"); eventType.AsString() == "inspect_slept_badly" && point.Value == 1 {
				return
			}
		}
	}
	t.Error("it is not counted")
}
