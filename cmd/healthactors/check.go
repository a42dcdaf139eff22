package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/kafka"
	"galaxy/healthactors/adapters/runninglist"
)

const (
	// checkTimeout bounds the try of what has no bound of its own.
	checkTimeout = 10 * time.Second
	// journalTimeout bounds that of the journal, for which a start waits as long as its database answers; a lease that is
	// waited for comes on top.
	journalTimeout = time.Minute
	// fewShown is how many entries of the running list are named that are alike.
	fewShown = 10
)

// nobodysContainer is asked for to see whether an Engine lets containers be inspected.
const nobodysContainer = "healthactors-check"

type checkCommand struct{ settings }

// Run takes each step of a start, changes nothing, and says on one line each how it is: what run would refuse to start with
// ends it with run's own code, what run would warn of with 1.
func (c *checkCommand) Run(ctx context.Context, s streams) error {
	ctx, stop := untilSignal(ctx)
	defer stop()
	p, err := newParts(ctx, &c.settings, s)
	if err != nil {
		return err
	}
	defer p.close()
	name, err := c.nodeName()
	if err != nil {
		return err
	}
	r := &report{out: s.out}
	for _, w := range c.warnings(os.Environ()) {
		r.warns("settings", w)
	}
	t := &trial{settings: &c.settings, parts: p, name: name, report: r}
	defer t.close()
	t.run(ctx)
	return r.end()
}

// report is what check says. It keeps the first error of each kind.
type report struct {
	out      io.Writer
	failure  error // of the first step that run would end with
	warnings int
	broken   error // of the writer
}

func (r *report) ok(what, found string)    { r.line("ok", what, found) }
func (r *report) warns(what, found string) { r.warnings++; r.line("warns", what, found) }
func (r *report) failed(what string, err error) {
	r.failure = cmp.Or(r.failure, err)
	r.line("failed", what, err.Error())
}

func (r *report) line(verdict, what, found string) {
	if found != "" {
		found = ": " + oneLine(mask(found))
	}
	if _, err := fmt.Fprintf(r.out, "%-6s  %s%s\n", verdict, mask(what), found); err != nil {
		r.broken = cmp.Or(r.broken, err)
	}
}

// end is how check ends.
func (r *report) end() error {
	switch {
	case r.broken != nil:
		return r.broken
	case r.failure != nil:
		return fmt.Errorf("run would not start: %w", r.failure)
	case r.warnings > 0:
		return fmt.Errorf("run would start, and warn of what is named above (%d)", r.warnings)
	}
	return nil
}

// trial is a start that leaves nothing behind.
type trial struct {
	*settings
	parts   *parts
	name    string
	report  *report
	members *membership
	api     *api
}

// run takes the steps in the order of runNode, and then those that a running node takes first.
func (t *trial) run(ctx context.Context) {
	t.tryPorts(ctx)
	served := t.tryJournal(ctx)
	t.tryEngines(ctx)
	t.tryLists(ctx, served)
	t.tryBroker(ctx)
}

// tryPorts takes the addresses, until the check is over.
func (t *trial) tryPorts(ctx context.Context) {
	node := &lateNode{}
	var err error
	if t.Cluster != "" {
		what := "cluster port " + t.ClusterListen
		if t.members, err = join(ctx, t.settings, t.name, node, t.parts.log); err != nil {
			t.report.failed(what, err)
		} else {
			t.report.ok(what, "")
		}
	}
	if t.HTTP != "" {
		what := "http " + string(t.HTTP)
		if t.api, err = listen(ctx, t.settings, node, t.members.api(), t.parts.metrics.Handler(), t.parts.log); err != nil {
			t.report.failed(what, err)
		} else {
			t.report.ok(what, "")
		}
	}
}

func (t *trial) close() {
	t.members.close()
	if t.api != nil {
		t.api.shutdown(t.parts.log)
	}
}

// tryJournal opens the journal and takes the lease, and returns the Engines that the members serve; nil for a node alone, and
// where they are not known.
func (t *trial) tryJournal(ctx context.Context) (served map[string]bool) {
	what := "journal " + string(t.Journal)
	ctx, cancel := context.WithTimeout(ctx, journalTimeout+time.Duration(t.Lease))
	defer cancel()
	found, err := journal.Check(ctx, t.journalConfig(t.name, slog.New(slog.DiscardHandler)), t.members.leaseConfig(t.parts.names()))
	if err != nil {
		t.report.failed(what, t.members.explainLease(err))
		return nil
	}
	for _, w := range found.Warnings {
		t.report.warns(what, w)
	}
	if len(found.Warnings) == 0 {
		t.report.ok(what, "")
	}
	for _, m := range found.Members {
		for _, e := range m.Engines {
			if served == nil {
				served = map[string]bool{}
			}
			served[e] = true
		}
	}
	return served
}

// tryEngines asks all Engines at once.
func (t *trial) tryEngines(ctx context.Context) {
	errs := make([]error, len(t.parts.engines))
	var asked sync.WaitGroup
	for n, e := range t.parts.engines {
		asked.Go(func() { errs[n] = t.tryEngine(ctx, e) })
	}
	asked.Wait()
	for n, e := range t.parts.engines {
		t.report.say("engine "+e.Name(), "", errs[n])
	}
}

func (t *trial) tryEngine(ctx context.Context, e *docker.Engine) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(t.InspectTimeout))
	defer cancel()
	if err := e.Ping(ctx); err != nil {
		return err
	}
	_, err := e.Inspect(ctx, nobodysContainer)
	if err != nil && !errors.Is(err, actors.ErrNoSuchContainer) {
		return fmt.Errorf("inspect a container: %w", err)
	}
	return nil
}

// say reports what run goes on with: well, or with a warning.
func (r *report) say(what, found string, err error) {
	if err != nil {
		r.warns(what, err.Error())
		return
	}
	r.ok(what, found)
}

// tryLists reads all parts of the running list at once, and names what a node would refuse of it. served are the Engines that
// the members of the cluster serve, nil where that is not known.
func (t *trial) tryLists(ctx context.Context, served map[string]bool) {
	what := "running list " + string(t.RunningList)
	names := slices.Sorted(maps.Keys(t.parts.lists))
	lists := make([][]actors.Entry, len(names))
	errs := make([]error, len(names))
	ctx, cancel := context.WithTimeout(ctx, time.Duration(t.ListTimeout))
	defer cancel()
	var reads sync.WaitGroup
	for n, name := range names {
		reads.Go(func() { lists[n], errs[n] = t.parts.lists[name].Read(ctx) })
	}
	reads.Wait()
	unread, count := 0, 0
	for n, err := range errs {
		count += len(lists[n])
		if err == nil {
			continue
		}
		unread++
		if len(names) > 1 {
			err = fmt.Errorf("engine %s: %w", names[n], err)
		}
		t.report.warns(what, err.Error())
	}
	if unread == len(names) {
		return
	}
	warnings := t.sift(lists, served)
	if f, ok := t.parts.lists[""].(*runninglist.File); ok && f.Stale() != nil {
		warnings = append(warnings, f.Stale().Error())
	}
	for _, w := range warnings {
		t.report.warns(what, w)
	}
	if unread == 0 && len(warnings) == 0 {
		t.report.ok(what, fmt.Sprintf("%d entries", count))
	}
}

// sift is what a node would warn of in the lists.
func (t *trial) sift(lists [][]actors.Entry, served map[string]bool) (warnings []string) {
	engines := t.parts.names()
	if t.Cluster != "" {
		engines = nil // other members may serve it
	}
	sifted := actors.Sift(lists, engines)
	if refused := len(sifted.Refused); refused > 0 {
		warnings = append(warnings, fmt.Sprintf("%d entries are refused, and run goes on without them", refused))
		warnings = append(warnings, few(sifted.Refused)...)
	}
	warnings = append(warnings, few(sifted.Several)...)
	for _, engine := range slices.Sorted(maps.Keys(sifted.Games)) {
		if served != nil && !served[engine] {
			warnings = append(warnings, fmt.Sprintf("no member of the cluster serves engine %q, on which %d games are", engine, sifted.Games[engine]))
		}
	}
	return warnings
}

// few are the first of many warnings that are alike, and how many more there are.
func few(warnings []string) []string {
	if len(warnings) <= fewShown {
		return warnings
	}
	return append(warnings[:fewShown:fewShown], fmt.Sprintf("and %d more", len(warnings)-fewShown))
}

// tryBroker asks Kafka; events for stdout go where these lines go.
func (t *trial) tryBroker(ctx context.Context) {
	if t.parts.kafka == nil {
		t.report.ok("publish "+string(t.Publish), "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found, err := kafka.Check(ctx, *t.parts.kafka, string(t.Topic))
	t.report.say("publish "+string(t.Publish)+" topic "+string(t.Topic), found, err)
}
