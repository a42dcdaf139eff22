package tidy

import "testing"

const instruments = `package actors

func make(meter metric.Meter) {
	i.counter("healthactors_ticks", "Ticks.")
	i.seconds("healthactors_inspect_duration", "Time.")
	i.gauge("healthactors_games", "Games.")
	provider.Meter("galaxy").Int64ObservableGauge("healthactors_journal", metric.WithUnit("By"))
	meter.Int64Counter("healthactors_rollbacks", metric.WithDescription("x"))
	i.other("healthactors_no_metric")
	i.gauge("healthactors_games of others")
}

func (i *instruments) counter(name, description string) { i.meter.Int64Counter(name, metric.WithDescription(description)) }
func (i *instruments) gauge(name, description string)   { i.meter.Int64ObservableGauge(name) }
func (i *instruments) other(name string)                { i.meter.Int64ObservableGauge("healthactors_" + name) }
func (i *instruments) seconds(name, description string) {
	h, err := i.meter.Float64Histogram(name, metric.WithDescription(description), metric.WithUnit("s"))
	i.note(h, err)
}
`

func TestWrongMetrics(t *testing.T) {
	const all = "`healthactors_ticks_total{outcome}`, `healthactors_inspect_duration_seconds`, healthactors_games, " +
		"`healthactors_journal_bytes`, `healthactors_rollbacks_total`\n\n"
	for _, c := range []struct {
		name  string
		other files
		want  []string
	}{
		{"as they are", files{contractPath: all}, nil},
		{
			"metrics that there are not",
			files{contractPath: all, "docs/operating.md": "`healthactors_gone > 0`, `rate(healthactors_ticks[5m])`"},
			[]string{
				"healthactors_gone: is named in docs/operating.md and is no metric of healthactors",
				"healthactors_ticks: is named in docs/operating.md and is no metric of healthactors",
			},
		},
		{
			"metrics that the contract lacks",
			files{contractPath: all, "adapters/a.go": "package a\n\nvar c = meter.Int64Gauge(\"healthactors_new\")\n"},
			[]string{"healthactors_new: is a metric of healthactors that docs/contract.md lacks, or says to be not built"},
		},
		{"a metric to come", files{contractPath: all + "*Not built yet:* `healthactors_hints_total`"}, nil},
		{"a metric of a test", files{contractPath: all, "adapters/a_test.go": "package a\n\nvar c = meter.Int64Gauge(\"healthactors_new\")\n"}, nil},
		{"what is no metric", files{contractPath: all + "healthactors run, `healthactors.db`, `healthactors_`, xhealthactors_a"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := files{"actors/metrics.go": instruments}.with(c.other).tree(t).wrongMetrics()
			wantFound(t, c.want, found, err)
		})
	}
}
