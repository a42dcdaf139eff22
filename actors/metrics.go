package actors

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// metrics are the node's instruments. The Prometheus exporter adds the suffixes: _total to counters, _seconds for the unit.
type metrics struct {
	inspections     metric.Int64Counter
	inspectDuration metric.Float64Histogram
	healthEvents    metric.Int64Counter
	tickCount       metric.Int64Counter
	tickDuration    metric.Float64Histogram
	skippedCount    metric.Int64Counter

	// Of a node of a cluster.
	takeovers    metric.Int64Counter
	fencedWrites metric.Int64Counter

	// The label sets, made once.
	byOutcome map[v1.Outcome]metric.MeasurementOption
	byTick    map[string]metric.MeasurementOption
	byType    map[string]metric.MeasurementOption
}

func newMetrics(meter metric.Meter, cluster bool) (*metrics, error) {
	i := instruments{meter: meter}
	m := &metrics{
		inspections:     i.counter("healthactors_inspections", "Inspects that ended, by outcome."),
		inspectDuration: i.seconds("healthactors_inspect_duration", "Time that the Engine took to answer an inspect."),
		healthEvents:    i.counter("healthactors_health_events", "Health events that the broker acknowledged."),
		tickCount:       i.counter("healthactors_ticks", "Ticks, by outcome."),
		tickDuration:    i.seconds("healthactors_tick_duration", "Time from the begin of a tick until its last inspect ended."),
		skippedCount: i.counter("healthactors_inspections_skipped",
			"Inspects that a tick left out because the previous one was still under way."),
		byOutcome: map[v1.Outcome]metric.MeasurementOption{
			v1.Outcome_OUTCOME_OK:        label("outcome", "ok"),
			v1.Outcome_OUTCOME_NOT_FOUND: label("outcome", "not_found"),
			v1.Outcome_OUTCOME_TIMEOUT:   label("outcome", "timeout"),
			v1.Outcome_OUTCOME_ERROR:     label("outcome", "error"),
		},
		byTick: map[string]metric.MeasurementOption{
			tickOK:         label("outcome", tickOK),
			tickListFailed: label("outcome", tickListFailed),
		},
		byType: map[string]metric.MeasurementOption{
			messages.InspectUnhealthy: label("event_type", messages.InspectUnhealthy),
			messages.InspectRecovered: label("event_type", messages.InspectRecovered),
		},
	}
	if cluster {
		m.takeovers = i.counter("healthactors_takeovers", "Streams that this node claimed: the games of other nodes, or of its own earlier life.")
		m.fencedWrites = i.counter("healthactors_fenced_writes", "Writes that the journal refused because another node had claimed the stream.")
	}
	if i.err != nil {
		return nil, i.err
	}
	m.startAtZero(cluster)
	return m, nil
}

// The outcomes of a tick.
const (
	tickOK         = "ok"
	tickListFailed = "list_failed"
)

// startAtZero makes all series visible before something happens, so that an alarm on a rate sees the first time.
func (m *metrics) startAtZero(cluster bool) {
	for _, labels := range m.byOutcome {
		m.inspections.Add(context.Background(), 0, labels)
	}
	for _, labels := range m.byTick {
		m.tickCount.Add(context.Background(), 0, labels)
	}
	for _, labels := range m.byType {
		m.healthEvents.Add(context.Background(), 0, labels)
	}
	m.skippedCount.Add(context.Background(), 0)
	if cluster {
		m.takeovers.Add(context.Background(), 0)
		m.fencedWrites.Add(context.Background(), 0)
	}
}

func (m *metrics) tookOver() { m.takeovers.Add(context.Background(), 1) }
func (m *metrics) fenced()   { m.fencedWrites.Add(context.Background(), 1) }

func (m *metrics) inspected(outcome v1.Outcome, took time.Duration) {
	m.inspections.Add(context.Background(), 1, m.byOutcome[outcome])
	m.inspectDuration.Record(context.Background(), took.Seconds())
}

func (m *metrics) published(eventType string) {
	m.healthEvents.Add(context.Background(), 1, m.byType[eventType])
}

func (m *metrics) ticked(outcome string) {
	m.tickCount.Add(context.Background(), 1, m.byTick[outcome])
}

func (m *metrics) passed(took time.Duration) {
	m.tickDuration.Record(context.Background(), took.Seconds())
}

func (m *metrics) skipped() { m.skippedCount.Add(context.Background(), 1) }

// observeGauges registers the gauges, which ask the node at each scrape.
func (n *Node) observeGauges(meter metric.Meter) (metric.Registration, error) {
	i := instruments{meter: meter}
	games := i.gauge("healthactors_games", "Games on the running list.")
	stale := i.gauge("healthactors_games_stale", "Games that were not observed for three intervals, by Engine.")
	pending := i.gauge("healthactors_events_pending", "Detections that are not yet acknowledged.")
	parked := i.gauge("healthactors_events_parked", "Detections that the broker refused as too large.")
	oldest := i.secondsGauge("healthactors_oldest_pending", "Age of the oldest detection that is not yet acknowledged.")
	instruments := []metric.Observable{games, stale, pending, parked, oldest}
	var members metric.Int64ObservableGauge
	if !n.alone() {
		members = i.gauge("healthactors_cluster_members", "Members of the cluster that hold a lease.")
		instruments = append(instruments, members)
	}
	if i.err != nil {
		return nil, i.err
	}
	return meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		c, err := n.recentCounts(ctx)
		if err != nil {
			return err
		}
		o.ObserveInt64(games, c.games)
		for engine, count := range c.stale {
			o.ObserveInt64(stale, count, label("engine", engine))
		}
		o.ObserveInt64(pending, c.pending)
		if members != nil {
			o.ObserveInt64(members, c.members)
		}
		o.ObserveInt64(parked, c.parked)
		age := 0.0
		if !c.oldestPending.IsZero() {
			age = max(0, n.Clock().Sub(c.oldestPending).Seconds())
		}
		o.ObserveFloat64(oldest, age)
		return nil
	}, instruments...)
}

func label(key, value string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String(key, value)))
}

// instruments makes instruments and keeps the first error.
type instruments struct {
	meter metric.Meter
	err   error
}

func (i *instruments) counter(name, description string) metric.Int64Counter {
	c, err := i.meter.Int64Counter(name, metric.WithDescription(description))
	i.note(err)
	return c
}

func (i *instruments) seconds(name, description string) metric.Float64Histogram {
	h, err := i.meter.Float64Histogram(name, metric.WithDescription(description), metric.WithUnit("s"))
	i.note(err)
	return h
}

func (i *instruments) gauge(name, description string) metric.Int64ObservableGauge {
	g, err := i.meter.Int64ObservableGauge(name, metric.WithDescription(description))
	i.note(err)
	return g
}

func (i *instruments) secondsGauge(name, description string) metric.Float64ObservableGauge {
	g, err := i.meter.Float64ObservableGauge(name, metric.WithDescription(description), metric.WithUnit("s"))
	i.note(err)
	return g
}

func (i *instruments) note(err error) {
	if i.err == nil {
		i.err = err
	}
}
