package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/sqlite"
	"galaxy/healthactors/adapters/operand"
)

// Run runs the node from the first tick until ctx ends, which is an orderly stop, or until it can't go on.
func (a *App) Run(ctx context.Context) (failure error) {
	log := a.Log
	name, err := a.nodeName()
	if err != nil {
		return err
	}
	// BEFORE the journal, so that a taken address leaves nothing behind.
	node := &lateNode{}
	members, err := a.join(ctx, name, node)
	if err != nil {
		return err
	}
	defer members.close()
	api, err := a.listen(ctx, node, members.api())
	if err != nil {
		return err
	}
	defer api.shutdown(log)
	if err := showBuild(a.metrics.MeterProvider(), a.build); err != nil {
		return err
	}
	count, err := countRollbacks(a.metrics.MeterProvider())
	if err != nil {
		return err
	}
	rolledBack := make(chan struct{}, 1)
	cfg := a.journalConfig(name, log)
	cfg.RolledBack = func() {
		count()
		select {
		case rolledBack <- struct{}{}:
		default: // one that the node does not know of yet
		}
	}
	j, err := journal.Open(ctx, cfg)
	if err != nil && ctx.Err() != nil {
		return nil // A signal came first, and nothing was begun.
	}
	if err != nil {
		return err
	}
	defer func() { failure = cmp.Or(failure, closeJournal(j, log)) }()

	if err := observeSize(a.metrics.MeterProvider(), j); err != nil {
		return err
	}
	lease, err := members.lease(ctx, j, a.names())
	if err != nil && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	a.logStart(name, members, api) // BEFORE the node has something to warn of
	started, err := actors.Start(a.config(name), actors.Ports{
		RunningLists: a.lists,
		Engines:      a.byName(),
		Journal:      j,
		Broker:       a.broker,
		Leases:       lease,
		Seen:         members.seen(),
		Clock:        time.Now,
		Log:          log,
		Meter:        a.metrics.MeterProvider(),
		Tracer:       a.tracer,
	})
	if err != nil {
		return err
	}
	node.set(started)
	api.serve()
	err = untilOver(ctx, started, j, rolledBack, api)
	stop(started, err, a.drain(err), log)
	return err
}

// config is the part of the settings that the actors go by.
func (a *App) config(name string) actors.Config {
	s := a.settings
	return actors.Config{
		Interval:           time.Duration(s.Interval),
		InspectTimeout:     time.Duration(s.InspectTimeout),
		InspectConcurrency: int(s.InspectConcurrency),
		ListTimeout:        time.Duration(s.ListTimeout),
		Emit:               s.Emit,
		Topic:              string(s.Topic),
		Source:             s.Source(),
		Node:               name,
		Lease:              time.Duration(s.Lease),
	}
}

// journalConfig is the part of the settings that the journal goes by.
func (a *App) journalConfig(name string, log *slog.Logger) journal.Config {
	s := a.settings
	return journal.Config{
		URL: string(s.Journal), Retention: time.Duration(s.JournalRetention), Holder: name, Cluster: string(s.Cluster),
		Log: log, Clock: time.Now,
	}
}

// nodeName is this node's name: the host's unless another is given.
func (a *App) nodeName() (string, error) {
	if a.settings.Node != "" {
		return string(a.settings.Node), nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("find this host's name: %w", err)
	}
	return name, nil
}

// drain is how long a stop waits for events to be published. After a failure waiting mends nothing, and the journal
// keeps them; unless it is the journal's file that is gone, which keeps nothing after the end (R5).
func (a *App) drain(failure error) time.Duration {
	if failure != nil && !errors.Is(failure, sqlite.ErrFileGone) {
		return 0
	}
	return time.Duration(a.settings.DrainTimeout)
}

// untilOver waits until ctx ends, or for the reason why the node can't go on, and tells the node when its journal has gone
// back in time.
func untilOver(ctx context.Context, node *actors.Node, j *journal.Journal, rolledBack <-chan struct{}, api *api) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-node.Failed():
			return err
		case err := <-j.Failed():
			return err
		case err := <-api.failed:
			return err
		case <-rolledBack:
			node.JournalRolledBack()
		}
	}
}

// stop ends the node in order, after a failure too, and tells what is left for the next start.
func stop(node *actors.Node, failure error, drain time.Duration, log *slog.Logger) {
	if failure == nil {
		log.Info("stopping", "drain_timeout", drain)
	} else {
		log.Error("stopping", "error", operand.MaskText(failure.Error()), "drain_timeout", drain)
	}
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	pending := node.Stop(ctx)
	log.Info("stopped", "events_pending", pending)
}

// closeJournal lets go of the journal. Only a file that is gone by then, with what it held, makes the end one of failure.
func closeJournal(j *journal.Journal, log *slog.Logger) error {
	err := j.Close()
	if errors.Is(err, sqlite.ErrFileGone) {
		return err
	}
	if err != nil {
		log.Warn("closing the journal failed", "error", operand.MaskText(err.Error()))
	}
	return nil
}

// logStart says what runs.
func (a *App) logStart(name string, members *membership, api *api) {
	s := a.settings
	attrs := []any{"version", a.build.Version, "node", name}
	if members != nil {
		attrs = append(attrs, "cluster", string(s.Cluster), "address", members.Address(), "lease", time.Duration(s.Lease))
	}
	engines := make([]string, len(a.engines))
	for i, e := range a.engines {
		engines[i] = e.Name()
	}
	a.Log.Info("started", append(attrs, "interval", time.Duration(s.Interval), "emit", s.Emit,
		"running_list", operand.Mask(string(s.RunningList)), "engines", engines,
		"journal", operand.Mask(string(s.Journal)), "publish", operand.Mask(string(s.Publish)), "http", api.String())...)
}
