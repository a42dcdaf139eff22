// Mutate breaks the rules on purpose, one at a time, and says which test notices. A mutation that no test with the rule's id
// notices is a rule that nobody holds, and a mutation that is not to be found in the code any more is out of date: both fail
// the run. It writes the result to docs/mutations.md.
//
//	go run ./test/mutate             # all of them
//	go run ./test/mutate -only S4    # those of one rule, or whose key begins so, and nothing is written
//	go run ./test/mutate -only S4 -v # and why the tests fail: the timelines
//	go run ./test/mutate -model 2000 # which of them the model notices in so many game-hours; nothing is written
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// result is what came of a mutation. killer is the test that noticed; err says why there was no answer.
type result struct {
	change
	killer string
	took   time.Duration
	err    error
}

func main() {
	only := flag.String("only", "", "try those of one rule, or whose key begins so")
	jobs := flag.Int("jobs", 2, "how many to try at once")
	hours := flag.Int("model", 0, "try the model and not the specs, for so many game-hours each")
	verbose := flag.Bool("v", false, "print what the tests say that fail")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	said := io.Discard
	if *verbose {
		said = os.Stdout
	}
	if err := run(ctx, *only, *hours, *jobs, said); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, hours, jobs int, said io.Writer) error {
	code, err := load(".")
	if err != nil {
		return fmt.Errorf("run this from the repository's root: %w", err)
	}
	chosen := choose(only)
	if len(chosen) == 0 {
		return fmt.Errorf("no mutation has the rule, or a key that begins with, %q", only)
	}
	changes, err := resolve(chosen, code)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if hours > 0 {
		return tryModel(ctx, scratch, changes, hours, said)
	}
	suites, err := buildAll(ctx, scratch, changes, said)
	if err != nil {
		return err
	}
	lastTime, err := readReport()
	if err != nil {
		return err
	}
	began := time.Now()
	results := tryAll(ctx, suites, changes, lastTime, jobs)
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

// choose returns the mutations of a rule, or whose keys begin so; all of them when only is "".
func choose(only string) (chosen []mutation) {
	for _, m := range mutations {
		if only == "" || m.rule() == only || strings.Contains(only, "/") && strings.HasPrefix(m.key, only) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// buildAll builds the test programs of all packages that changes need, by their folders.
func buildAll(ctx context.Context, scratch string, changes []change, said io.Writer) (map[string]*suite, error) {
	flag, err := overlay(scratch, changes)
	if err != nil {
		return nil, err
	}
	suites := map[string]*suite{}
	for _, c := range changes {
		for _, folder := range foldersOf(c.at.file.folder) {
			if suites[folder] != nil {
				continue
			}
			if suites[folder], err = newSuite(ctx, scratch, flag, folder); err != nil {
				return nil, err
			}
			suites[folder].said = said
		}
	}
	return suites, nil
}

// tryAll tries the mutations, some at once, and returns their results in the same order.
func tryAll(ctx context.Context, suites map[string]*suite, changes []change, lastTime map[string]string, jobs int) []result {
	results := make([]result, len(changes))
	next := make(chan int)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for n := range next {
				results[n] = try(ctx, suites, changes[n], n+1, lastTime[changes[n].key])
				fmt.Println(results[n])
			}
		})
	}
	for n := range changes {
		next <- n
	}
	close(next)
	workers.Wait()
	return results
}

// try tries the n-th mutation, on the tests of its own package first.
func try(ctx context.Context, suites map[string]*suite, c change, n int, lastTime string) result {
	r, began := result{change: c}, time.Now()
	for _, folder := range foldersOf(c.at.file.folder) {
		killer, err := suites[folder].try(ctx, n, c.rule(), lastTime)
		if r.killer = killer; killer != "" {
			r.err = nil
			break
		}
		r.err = errors.Join(r.err, err)
	}
	r.took = time.Since(began)
	return r
}

func (r result) String() string {
	became := "killed by " + r.killer
	switch {
	case r.err != nil:
		became = fmt.Sprintf("FAILED: %v", r.err)
	case r.killer == "":
		became = "SURVIVED"
	}
	return fmt.Sprintf("%s (%s): %s, %.1fs", r.key, r.at.name, became, r.took.Seconds())
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
