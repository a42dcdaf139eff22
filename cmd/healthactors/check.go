package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/kafka"
)

// checkTimeout bounds the try of one dependency that has no bound of its own.
const checkTimeout = 10 * time.Second

type checkCommand struct{ settings }

// Run tries each dependency once and says on one line how each is.
func (c *checkCommand) Run(ctx context.Context, s streams) error {
	ctx, stop := untilSignal(ctx)
	defer stop()
	p, err := newParts(ctx, &c.settings, s)
	if err != nil {
		return err
	}
	defer p.close()

	failed := 0
	for _, d := range c.dependencies(p) {
		ctx, cancel := context.WithTimeout(ctx, d.timeout)
		found, err := d.try(ctx)
		cancel()
		verdict := "ok    "
		if err != nil {
			failed++
			verdict, found = "failed", ": "+oneLine(mask(err.Error()))
		}
		if _, err := fmt.Fprintf(s.out, "%s  %s %s%s\n", verdict, d.what, mask(d.where), found); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of the dependencies can't be used as they are now", failed)
	}
	return nil
}

// dependency is something that the node needs, and how to try it.
type dependency struct {
	what, where string
	timeout     time.Duration
	// try may say what it found.
	try func(context.Context) (found string, err error)
}

func (c *checkCommand) dependencies(p *parts) []dependency {
	var all []dependency
	for _, e := range p.engines {
		all = append(all, dependency{"engine", e.Name(), time.Duration(c.InspectTimeout), func(ctx context.Context) (string, error) {
			return "", e.Ping(ctx)
		}})
	}
	all = append(all,
		dependency{"running list", string(c.RunningList), time.Duration(c.ListTimeout), func(ctx context.Context) (string, error) {
			return tryLists(ctx, p.lists)
		}},
		dependency{"journal", string(c.Journal), checkTimeout, func(ctx context.Context) (string, error) {
			return "", journal.Check(ctx, string(c.Journal), string(c.Cluster))
		}},
	)
	if p.kafka == nil {
		return append(all, dependency{"publish", string(c.Publish), checkTimeout, func(context.Context) (string, error) {
			return "", nil // This line is the proof.
		}})
	}
	return append(all, dependency{"publish", string(c.Publish) + " topic " + string(c.Topic), checkTimeout, func(ctx context.Context) (string, error) {
		return "", kafka.Check(ctx, *p.kafka, string(c.Topic))
	}})
}

// tryLists reads all parts of the running list at once, and says what is wrong with the first that has something.
func tryLists(ctx context.Context, lists map[string]actors.RunningList) (string, error) {
	type reading struct {
		entries []actors.Entry
		err     error
	}
	names := slices.Sorted(maps.Keys(lists))
	readings := make([]reading, len(names))
	var reads sync.WaitGroup
	for i, name := range names {
		reads.Go(func() { readings[i].entries, readings[i].err = lists[name].Read(ctx) })
	}
	reads.Wait()
	count := 0
	for i, r := range readings {
		if r.err != nil && len(lists) > 1 {
			return "", fmt.Errorf("engine %s: %w", names[i], r.err)
		}
		if r.err != nil {
			return "", r.err
		}
		if n := slices.IndexFunc(r.entries, func(e actors.Entry) bool { return e.Malformed != "" }); n >= 0 {
			e := r.entries[n]
			return "", fmt.Errorf("entry %d (game %q) is malformed: %s", n+1, e.GameID, e.Malformed)
		}
		count += len(r.entries)
	}
	return fmt.Sprintf(": %d entries", count), nil
}
