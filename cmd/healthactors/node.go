package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"go.opentelemetry.io/otel/metric"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/connections"
	"galaxy/healthactors/adapters/httpapi"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/journal/sqlite"
)

// closeTimeout bounds the end of what has its own little work left when the node has stopped.
const closeTimeout = 5 * time.Second

// sizeTimeout bounds how long a scrape waits for the journal's size.
const sizeTimeout = 2 * time.Second

// runNode runs one node from the first tick until ctx ends, which is an orderly stop, or until it can't go on.
func runNode(ctx context.Context, s *settings, p *parts) (failure error) {
	log := p.log
	name, err := s.nodeName()
	if err != nil {
		return err
	}
	// BEFORE the journal, so that a taken address leaves nothing behind.
	node := &lateNode{}
	members, err := join(ctx, s, name, node, log)
	if err != nil {
		return err
	}
	defer members.close()
	api, err := listen(ctx, s, node, members.api(), p.metrics.Handler(), log)
	if err != nil {
		return err
	}
	defer api.shutdown(log)
	if err := showBuild(p.metrics.MeterProvider()); err != nil {
		return err
	}
	count, err := countRollbacks(p.metrics.MeterProvider())
	if err != nil {
		return err
	}
	rolledBack := make(chan struct{}, 1)
	cfg := s.journalConfig(name, log)
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

	if err := observeSize(p.metrics.MeterProvider(), j); err != nil {
		return err
	}
	lease, err := members.lease(ctx, j, p.names())
	if err != nil && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	logStart(s, p, name, members, api) // BEFORE the node has something to warn of
	started, err := actors.Start(s.node(name), actors.Ports{
		RunningLists: p.lists,
		Engines:      p.byName(),
		Journal:      j,
		Broker:       p.broker,
		Leases:       lease,
		Seen:         members.seen(),
		Clock:        time.Now,
		Log:          log,
		Meter:        p.metrics.MeterProvider(),
		Tracer:       p.tracer,
	})
	if err != nil {
		return err
	}
	node.set(started)
	api.serve()
	err = untilOver(ctx, started, j, rolledBack, api)
	stop(started, err, s.drain(err), log)
	return err
}

// node is the part of the settings that the actors go by.
func (s *settings) node(name string) actors.Config {
	return actors.Config{
		Interval:           time.Duration(s.Interval),
		InspectTimeout:     time.Duration(s.InspectTimeout),
		InspectConcurrency: int(s.InspectConcurrency),
		ListTimeout:        time.Duration(s.ListTimeout),
		Emit:               s.Emit,
		Topic:              string(s.Topic),
		Source:             s.source(),
		Node:               name,
		Lease:              time.Duration(s.Lease),
	}
}

// journalConfig is the part of the settings that the journal goes by.
func (s *settings) journalConfig(name string, log *slog.Logger) journal.Config {
	return journal.Config{
		URL: string(s.Journal), Retention: time.Duration(s.JournalRetention), Holder: name, Cluster: string(s.Cluster),
		Log: log, Clock: time.Now,
	}
}

// nodeName is this node's name: the host's unless another is given.
func (s *settings) nodeName() (string, error) {
	if s.Node != "" {
		return string(s.Node), nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("find this host's name: %w", err)
	}
	return name, nil
}

// drain is how long a stop waits for events to be published. After a failure waiting mends nothing, and the journal
// keeps them; unless it is the journal's file that is gone, which keeps nothing after the end (R5).
func (s *settings) drain(failure error) time.Duration {
	if failure != nil && !errors.Is(failure, sqlite.ErrFileGone) {
		return 0
	}
	return time.Duration(s.DrainTimeout)
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
		log.Error("stopping", "error", mask(failure.Error()), "drain_timeout", drain)
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
		log.Warn("the journal didn't close well", "error", mask(err.Error()))
	}
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

// api is the node's HTTP server; without a server it is off.
type api struct {
	server *httpapi.Server
	failed chan error
}

// listen takes the address to answer HTTP on, if that is wanted.
func listen(ctx context.Context, s *settings, node httpapi.Node, cluster httpapi.Cluster, metrics http.Handler, log *slog.Logger) (*api, error) {
	a := &api{failed: make(chan error, 1)}
	if s.HTTP == "" {
		return a, nil
	}
	server, err := httpapi.New(httpapi.Config{Addr: string(s.HTTP), Node: node, Metrics: metrics, Cluster: cluster, Log: log})
	if err != nil {
		return a, usageError{s.located(err)}
	}
	if err := server.Listen(ctx); err != nil {
		return a, s.wrongAddress(err)
	}
	a.server = server
	return a, nil
}

// wrongAddress makes an address that is none of this machine an error of the configuration. One that is taken is none.
func (s *settings) wrongAddress(err error) error {
	if errors.Is(err, connections.ErrNoAddress) {
		return usageError{s.located(err)}
	}
	return err
}

// serve begins to answer.
func (a *api) serve() {
	if a.server == nil {
		return
	}
	go func() {
		if err := a.server.Serve(); err != nil {
			a.failed <- err
		}
	}()
}

func (a *api) String() string {
	if a.server == nil {
		return "off"
	}
	return a.server.Addr()
}

func (a *api) shutdown(log *slog.Logger) {
	if a.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != nil {
		log.Warn("HTTP didn't end well", "error", err)
	}
}

// logStart says what runs.
func logStart(s *settings, p *parts, name string, members *membership, api *api) {
	version, _ := build()
	attrs := []any{"version", version, "node", name}
	if members != nil {
		attrs = append(attrs, "cluster", string(s.Cluster), "address", members.Address(), "lease", time.Duration(s.Lease))
	}
	engines := make([]string, len(p.engines))
	for i, e := range p.engines {
		engines[i] = e.Name()
	}
	p.log.Info("started", append(attrs, "interval", time.Duration(s.Interval), "emit", s.Emit,
		"running_list", mask(string(s.RunningList)), "engines", engines,
		"journal", mask(string(s.Journal)), "publish", mask(string(s.Publish)), "http", api.String())...)
}
