package actors_test

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"galaxy/healthactors/actors/actorstest"
)

// TestInspectionsByOutcome: each inspect counts once, by what became of it; an observation that the journal can't take is a
// failed inspect (H10).
func TestInspectionsByOutcome(t *testing.T) {
	for name, tt := range map[string]struct {
		happens func(*actorstest.Game)
		want    map[string]int64
	}{
		"nothing changed":        {func(*actorstest.Game) {}, map[string]int64{"ok": 2}},
		"a restart is journaled": {func(g *actorstest.Game) { g.Restart(1) }, map[string]int64{"ok": 2}},
		"the journal is full": {func(g *actorstest.Game) {
			g.Stream().Full(true)
			g.Restart(1)
		}, map[string]int64{"ok": 1, "error": 1}},
		"garbage":      {func(g *actorstest.Game) { g.Fail(actorstest.ErrGarbage) }, map[string]int64{"ok": 1, "error": 1}},
		"no container": {(*actorstest.Game).Remove, map[string]int64{"ok": 1, "not_found": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				reader := metric.NewManualReader()
				w.Meter = metric.NewMeterProvider(metric.WithReader(reader))
				game := w.Game("game-7")
				w.Start()
				tt.happens(game)
				w.Tick()
				w.TakeEvents("game-7")
				got := byLabel(t, reader, "healthactors_inspections")
				for _, outcome := range []string{"ok", "not_found", "timeout", "error"} {
					if got[outcome] != tt.want[outcome] {
						t.Errorf("inspects by outcome: %v, want %v", got, tt.want)
						break
					}
				}
			})
		})
	}
}

// byLabel reads a counter whose series have one label.
func byLabel(t *testing.T, reader metric.Reader, name string) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	values := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, instrument := range scope.Metrics {
			if instrument.Name != name {
				continue
			}
			for _, p := range instrument.Data.(metricdata.Sum[int64]).DataPoints {
				label, _ := p.Attributes.Get(0)
				values[label.Value.AsString()] = p.Value
			}
		}
	}
	return values
}
