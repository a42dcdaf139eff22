package app

import (
	"context"
	"runtime"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"galaxy/healthactors/adapters/journal"
)

// sizeTimeout bounds how long a scrape waits for the journal's size.
const sizeTimeout = 2 * time.Second

// showBuild tells scrapes what `healthactors version` says.
func showBuild(provider metric.MeterProvider, build Build) error {
	info, err := meter(provider).Int64Gauge("healthactors_build_info", metric.WithDescription("1; the labels say what this binary was built from."))
	if err != nil {
		return err
	}
	info.Record(context.Background(), 1, metric.WithAttributes(attribute.String("version", build.Version),
		attribute.String("commit", build.Commit), attribute.String("go_version", runtime.Version())))
	return nil
}

// countRollbacks makes the counter of the times that the journal went back in time (R4).
func countRollbacks(provider metric.MeterProvider) (count func(), err error) {
	rollbacks, err := meter(provider).Int64Counter("healthactors_journal_rollbacks",
		metric.WithDescription("Times that the journal was found to have lost commits that it had acknowledged."))
	if err != nil {
		return nil, err
	}
	rollbacks.Add(context.Background(), 0) // so that it is there from the start
	return func() { rollbacks.Add(context.Background(), 1) }, nil
}

func meter(provider metric.MeterProvider) metric.Meter {
	return provider.Meter("galaxy/healthactors/cmd/healthactors")
}

// observeSize has scrapes ask for the journal's size.
func observeSize(provider metric.MeterProvider, j *journal.Journal) error {
	_, err := meter(provider).Int64ObservableGauge("healthactors_journal",
		metric.WithUnit("By"), metric.WithDescription("Storage that the journal takes."),
		metric.WithInt64Callback(func(ctx context.Context, o metric.Int64Observer) error {
			ctx, cancel := context.WithTimeout(ctx, sizeTimeout)
			defer cancel()
			size, err := j.Bytes(ctx)
			if err != nil {
				return err
			}
			o.Observe(size)
			return nil
		}))
	return err
}
