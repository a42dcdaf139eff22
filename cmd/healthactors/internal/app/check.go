package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/kafka"
	"galaxy/healthactors/adapters/operand"
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

// Finding is how one step of a start is.
type Finding struct {
	Verdict Verdict
	// Step is what was tried, such as "engine default".
	Step string
	// Found is what there is to say of it; it may be empty where all is well.
	Found string
	// Err is why run would end with this step.
	Err error
}

// Verdict is what run makes of what was found.
type Verdict string

// The verdicts.
const (
	OK     Verdict = "ok"     // it goes on
	Warns  Verdict = "warns"  // it goes on, with a warning
	Failed Verdict = "failed" // it ends
)

// Check takes each step of a start, changes nothing, and tells of each how it is.
func (a *App) Check(ctx context.Context, tell func(Finding)) error {
	name, err := a.nodeName()
	if err != nil {
		return err
	}
	t := &trial{App: a, name: name, report: tell}
	defer t.close()
	t.run(ctx)
	return nil
}

// report is told how the steps are.
type report func(Finding)

func (r report) ok(step, found string)    { r(Finding{Verdict: OK, Step: step, Found: found}) }
func (r report) warns(step, found string) { r(Finding{Verdict: Warns, Step: step, Found: found}) }
func (r report) failed(step string, err error) {
	r(Finding{Verdict: Failed, Step: step, Found: err.Error(), Err: err})
}

// trial is a start that leaves nothing behind.
type trial struct {
	*App
	name    string
	report  report
	members *membership
	api     *api
}

// run takes the steps in the order of Run, and then those that a running node takes first.
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
	if t.settings.Cluster != "" {
		what := "cluster port " + t.settings.ClusterListen
		if t.members, err = t.join(ctx, t.name, node); err != nil {
			t.report.failed(what, err)
		} else {
			t.report.ok(what, "")
		}
	}
	if t.settings.HTTP != "" {
		what := "http " + string(t.settings.HTTP)
		if t.api, err = t.listen(ctx, node, t.members.api()); err != nil {
			t.report.failed(what, err)
		} else {
			t.report.ok(what, "")
		}
	}
}

func (t *trial) close() {
	t.members.close()
	if t.api != nil {
		t.api.shutdown(t.Log)
	}
}

// tryJournal opens the journal and takes the lease, and returns the Engines that the members serve; nil for a node alone, and
// where they are not known.
func (t *trial) tryJournal(ctx context.Context) (served map[string]bool) {
	what := "journal " + operand.Mask(string(t.settings.Journal))
	ctx, cancel := context.WithTimeout(ctx, journalTimeout+time.Duration(t.settings.Lease))
	defer cancel()
	found, err := journal.Check(ctx, t.journalConfig(t.name, slog.New(slog.DiscardHandler)), t.members.leaseConfig(t.names()))
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
	errs := make([]error, len(t.engines))
	var asked sync.WaitGroup
	for n, e := range t.engines {
		asked.Go(func() { errs[n] = t.tryEngine(ctx, e) })
	}
	asked.Wait()
	for n, e := range t.engines {
		t.report.say("engine "+e.Name(), "", errs[n])
	}
}

func (t *trial) tryEngine(ctx context.Context, e *docker.Engine) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(t.settings.InspectTimeout))
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
func (r report) say(what, found string, err error) {
	if err != nil {
		r.warns(what, err.Error())
		return
	}
	r.ok(what, found)
}

// tryLists reads all parts of the running list at once, and names what a node would refuse of it. served are the Engines that
// the members of the cluster serve, nil where that is not known.
func (t *trial) tryLists(ctx context.Context, served map[string]bool) {
	what := "running list " + operand.Mask(string(t.settings.RunningList))
	names := slices.Sorted(maps.Keys(t.lists))
	lists := make([][]actors.Entry, len(names))
	errs := make([]error, len(names))
	ctx, cancel := context.WithTimeout(ctx, time.Duration(t.settings.ListTimeout))
	defer cancel()
	var reads sync.WaitGroup
	for n, name := range names {
		reads.Go(func() { lists[n], errs[n] = t.lists[name].Read(ctx) })
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
	if f, ok := t.lists[""].(*runninglist.File); ok && f.Stale() != nil {
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
	engines := t.names()
	if t.settings.Cluster != "" {
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
	if t.kafka == nil {
		t.report.ok("publish "+operand.Mask(string(t.settings.Publish)), "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found, err := kafka.Check(ctx, *t.kafka, string(t.settings.Topic))
	t.report.say("publish "+operand.Mask(string(t.settings.Publish))+" topic "+string(t.settings.Topic), found, err)
}
