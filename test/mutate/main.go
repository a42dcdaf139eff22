// Mutate breaks the rules of package actors on purpose, one at a time, and says which test notices. A mutation that no
// test with the rule's id notices is a rule that nobody holds, and a mutation whose text is no longer in the code is out of
// date: both fail the run. It writes the result to docs/mutations.md.
//
//	go run ./test/mutate             # all of them
//	go run ./test/mutate -only S4    # those of one rule, and nothing is written
//	go run ./test/mutate -only S4 -v # and why the tests fail: the timelines
//	go run ./test/mutate -model 2000 # which of them the model notices in so many game-hours; nothing is written
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// mutation is one way to break a rule.
type mutation struct {
	// rule is the contract's rule that it breaks, and what says how.
	rule, what string
	// file in the package, the text that stands in it exactly once and within one function, and what takes its place.
	file, old, new string
}

func (m mutation) name() string { return m.rule + ": " + m.what }

// result is what came of a mutation. killer is the test that noticed; err says why there was no answer.
type result struct {
	mutation
	killer string
	took   time.Duration
	err    error
}

func main() {
	only := flag.String("only", "", "try those of one rule")
	jobs := flag.Int("jobs", 2, "how many to try at once")
	hours := flag.Int("model", 0, "try the model and not the specs, for so many game-hours each")
	verbose := flag.Bool("v", false, "print what the tests say that fail")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *only, *hours, *jobs, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, hours, jobs int, verbose bool) error {
	all := slices.Concat(decisionMutations, supervisionMutations, publishingMutations, journalMutations, writeMutations, clusterMutations, logMutations)
	if only != "" {
		all = slices.DeleteFunc(all, func(m mutation) bool { return m.rule != only })
	}
	if err := check(all); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if hours > 0 {
		return tryModel(ctx, scratch, all, hours, verbose)
	}
	tests, err := build(ctx, scratch, all, mutated)
	if err != nil {
		return err
	}
	tests.verbose = verbose
	lastTime, err := readReport()
	if err != nil {
		return err
	}
	began := time.Now()
	results := tryAll(ctx, tests, all, lastTime, jobs)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := judge(results); err != nil {
		return err
	}
	fmt.Printf("all %d killed in %s\n", len(results), time.Since(began).Round(time.Second))
	if only != "" {
		return nil
	}
	return writeReport(results)
}

// tryAll tries the mutations, some at once, and returns their results in the same order.
func tryAll(ctx context.Context, tests woven, all []mutation, lastTime map[string]string, jobs int) []result {
	results := make([]result, len(all))
	next := make(chan int)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for n := range next {
				began := time.Now()
				killer, err := tests.try(ctx, n+1, all[n].rule, lastTime[all[n].name()])
				results[n] = result{all[n], killer, time.Since(began), err}
				fmt.Println(results[n])
			}
		})
	}
	for n := range all {
		next <- n
	}
	close(next)
	workers.Wait()
	return results
}

func (r result) String() string {
	became := "killed by " + r.killer
	switch {
	case r.err != nil:
		became = fmt.Sprintf("FAILED: %v", r.err)
	case r.killer == "":
		became = "SURVIVED"
	}
	return fmt.Sprintf("%-4s %s (%s): %s, %.1fs", r.rule, r.what, r.file, became, r.took.Seconds())
}

// judge returns an error that names each mutation that was not killed.
func judge(results []result) error {
	var wrong []string
	for _, r := range results {
		if r.err != nil || r.killer == "" {
			wrong = append(wrong, r.String())
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d mutations were not killed:\n%s", len(wrong), len(results), strings.Join(wrong, "\n"))
}
