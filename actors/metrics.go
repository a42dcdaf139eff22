package actors

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/messages"
)

// metrics are the node's instruments. The Prometheus exporter adds the suffixes: _total to counters, _seconds for the unit.
type metrics struct {
	inspections     metric.Int64Counter
	inspectDuration metric.Float64Histogram
	skippedCount    metric.Int64Counter
	healthEvents    metric.Int64Counter
	publishFailures metric.Int64Counter
	tickCount       metric.Int64Counter
	tickDuration    metric.Float64Histogram
	lastTick        metric.Float64Gauge

	// Of a node of a cluster.
	takeovers    metric.Int64Counter
	fencedWrites metric.Int64Counter

	// The label sets, made once.
	byEngine map[string]engineLabels
	byTick   map[string]metric.MeasurementOption
	byType   map[string]metric.MeasurementOption
}

// engineLabels are the label sets of one Engine.
type engineLabels struct {
	engine    metric.MeasurementOption
	byOutcome map[outcome]metric.MeasurementOption
}

// outcomes has the words of the label for each outcome of an inspect that counts.
var outcomes = map[outcome]string{
	outcomeOK:       "ok",
	outcomeNotFound: "not_found",
	outcomeTimeout:  "timeout",
	outcomeError:    "error",
}

func newMetrics(meter metric.Meter, engines map[string]Engine, cluster bool) (*metrics, error) {
	i := instruments{meter: meter}
	m := &metrics{
		inspections:     i.counter("healthactors_inspections", "Inspects that ended, by outcome and Engine."),
		inspectDuration: i.seconds("healthactors_inspect_duration", "Time that the Engine took to answer an inspect."),
		skippedCount: i.counter("healthactors_inspections_skipped",
			"Inspects that a tick left out because the previous one was still under way."),
		healthEvents:    i.counter("healthactors_health_events", "Health events that the broker acknowledged."),
		publishFailures: i.counter("healthactors_publish_failures", "Tries to publish that failed, however many events each was for."),
		tickCount:       i.counter("healthactors_ticks", "Ticks, by outcome."),
		tickDuration:    i.seconds("healthactors_tick_duration", "Time from the start of a tick to the end of its last inspect."),
		lastTick:        i.timestamp("healthactors_last_tick_timestamp", "When the last tick ended that read the running list, in Unix time."),
		byEngine:        make(map[string]engineLabels, len(engines)),
		byTick: map[string]metric.MeasurementOption{
			tickOK:         label("outcome", tickOK),
			tickListFailed: label("outcome", tickListFailed),
		},
		byType: map[string]metric.MeasurementOption{
			messages.InspectUnhealthy: label("event_type", messages.InspectUnhealthy),
			messages.InspectRecovered: label("event_type", messages.InspectRecovered),
		},
	}
	for name := range engines {
		m.byEngine[name] = labelsOf(name)
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
	for _, labels := range m.byEngine {
		for _, both := range labels.byOutcome {
			m.inspections.Add(context.Background(), 0, both)
		}
		m.skippedCount.Add(context.Background(), 0, labels.engine)
	}
	for _, labels := range m.byTick {
		m.tickCount.Add(context.Background(), 0, labels)
	}
	for _, labels := range m.byType {
		m.healthEvents.Add(context.Background(), 0, labels)
	}
	m.publishFailures.Add(context.Background(), 0)
	if cluster {
		m.takeovers.Add(context.Background(), 0)
		m.fencedWrites.Add(context.Background(), 0)
	}
}

func (m *metrics) tookOver() { m.takeovers.Add(context.Background(), 1) }
func (m *metrics) fenced()   { m.fencedWrites.Add(context.Background(), 1) }

func (m *metrics) inspected(engine string, ended outcome, took time.Duration) {
	labels := m.byEngine[engine]
	m.inspections.Add(context.Background(), 1, labels.byOutcome[ended])
	m.inspectDuration.Record(context.Background(), took.Seconds(), labels.engine)
}

func (m *metrics) skipped(engine string) {
	m.skippedCount.Add(context.Background(), 1, m.byEngine[engine].engine)
}

func (m *metrics) published(eventType string) {
	labels, known := m.byType[eventType]
	if !known { // a member of the next release detected it
		labels = label("event_type", eventType)
	}
	m.healthEvents.Add(context.Background(), 1, labels)
}

func (m *metrics) publishFailed() { m.publishFailures.Add(context.Background(), 1) }

func (m *metrics) ticked(outcome string) {
	m.tickCount.Add(context.Background(), 1, m.byTick[outcome])
}

// passed: a tick that read the running list took that long, and ended now by the node's clock.
func (m *metrics) passed(took time.Duration, now time.Time) {
	m.tickDuration.Record(context.Background(), took.Seconds())
	m.lastTick.Record(context.Background(), float64(now.UnixNano())/float64(time.Second))
}

// observeGauges registers the gauges, which ask the node at each scrape.
func (n *Node) observeGauges(meter metric.Meter) (metric.Registration, error) {
	i := instruments{meter: meter}
	games := i.gauge("healthactors_games", "Games on the running list.")
	stale := i.gauge("healthactors_games_stale", "Games that were not observed for three intervals, by Engine.")
	unhealthy := i.gauge("healthactors_games_unhealthy", "Games whose last observation has a reason, by reason.")
	refused := i.gauge("healthactors_entries_refused", "Entries of the running list that are malformed.")
	pending := i.gauge("healthactors_events_pending", "Detections that are not yet acknowledged.")
	parked := i.gauge("healthactors_events_parked", "Detections that the broker refused as too large.")
	oldest := i.secondsGauge("healthactors_oldest_pending", "Age of the oldest detection that is not yet acknowledged.")
	instruments := []metric.Observable{games, stale, unhealthy, refused, pending, parked, oldest}
	var members metric.Int64ObservableGauge
	if n.inCluster() {
		members = i.gauge("healthactors_cluster_members", "Members of the cluster that hold a lease.")
		instruments = append(instruments, members)
	}
	if i.err != nil {
		return nil, i.err
	}
	byReason := make(map[rules.Reasons]metric.MeasurementOption, len(reasonWords))
	for reason, name := range reasonWords {
		byReason[reason] = label("reason", name)
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
		for reason, labels := range byReason {
			o.ObserveInt64(unhealthy, c.unhealthy[reason], labels)
		}
		o.ObserveInt64(refused, c.refused)
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

func labelsOf(engine string) engineLabels {
	l := engineLabels{engine: label("engine", engine), byOutcome: make(map[outcome]metric.MeasurementOption, len(outcomes))}
	for outcome, name := range outcomes {
		l.byOutcome[outcome] = metric.WithAttributeSet(attribute.NewSet(
			attribute.String("outcome", name), attribute.String("engine", engine)))
	}
	return l
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

func (i *instruments) timestamp(name, description string) metric.Float64Gauge {
	g, err := i.meter.Float64Gauge(name, metric.WithDescription(description), metric.WithUnit("s"))
	i.note(err)
	return g
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
