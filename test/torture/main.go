// Torture does harm to a real node, and holds what arrives in Kafka against what really happened. It builds `healthactors`
// and runs it as a process of its own; the Engine is simulated, since only then is it known what it answered; Kafka is
// kfake over TCP or a real one, and PostgreSQL is always real.
//
//	go run ./test/torture                    # lists the scenarios
//	go run ./test/torture kill-sqlite        # one of them
//	go run ./test/torture -n 200 kill-sqlite # longer
//	go run ./test/torture fast               # what CI runs
//	go run ./test/torture long               # what takes hours' patience
//	go run ./test/torture cluster-fast       # the same of a cluster's, and cluster-long
//
// Each scenario prints a row of the table in docs/measured/torture.md, and at the end what else was measured. A promise that broke
// is told on stderr, with exit code 1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const sigterm = syscall.SIGTERM

// options are a scenario's, as its entry below or the command line has them.
type options struct {
	// times is how often the harm is done, span how long it lasts.
	times int
	span  time.Duration

	games    int
	interval time.Duration
	// changes a second that befall the games.
	changes int
	kafka   string
	keep    bool
	// flags of every node.
	flags []string
}

// scenario is one way to do harm.
type scenario struct {
	name, what string
	// group is put before "fast" and "long"; scenarios of the empty one are run by these words alone.
	group      string
	run        func(options) (row, error)
	fast, long options
}

// errNotRun says that there is nothing to run a scenario on.
var errNotRun = errors.New("NOT RUN")

func main() {
	var given options
	flag.IntVar(&given.times, "n", 0, "how often the harm is done")
	flag.DurationVar(&given.span, "for", 0, "how long the harm lasts")
	flag.IntVar(&given.games, "games", 0, "how many games")
	flag.DurationVar(&given.interval, "interval", 0, "the time between ticks")
	flag.IntVar(&given.changes, "changes", 0, "changes a second that befall the games")
	flag.StringVar(&given.kafka, "kafka", "", "fake, three (fake ones) or real")
	flag.BoolVar(&given.keep, "keep", false, "keep the logs and the journal")
	jobs := flag.Int("jobs", 3, "how many scenarios of `fast` at once")
	long := flag.Bool("long", false, "the long version of a scenario")
	flag.StringVar(&binary, "binary", "", "the program; built anew when empty")
	flag.Usage = usage
	go closeAtSignal()
	flag.Parse()
	if flag.NArg() != 1 {
		usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), given, *long, *jobs); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// closeAtSignal ends what runs, servers included, when the run is interrupted.
func closeAtSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, sigterm)
	<-signals
	stages.Range(func(s, _ any) bool {
		s.(*stage).close()
		return true
	})
	os.Exit(130)
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: go run ./test/torture [FLAGS] SCENARIO|fast|long\n\nscenarios:")
	for _, s := range slices.Concat(scenarios, clusterScenarios) {
		fmt.Fprintf(os.Stderr, "  %-20s %s\n", s.name, s.what)
	}
	fmt.Fprintln(os.Stderr, "\nflags:")
	flag.PrintDefaults()
}

func run(name string, given options, long bool, jobs int) error {
	var chosen []scenario
	for _, s := range slices.Concat(scenarios, clusterScenarios) {
		if s.name == name || name == s.group+"fast" && s.fast.games > 0 || name == s.group+"long" && s.long.games > 0 {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		usage()
		return fmt.Errorf("there is no scenario %q", name)
	}
	cleanup, err := build()
	if err != nil {
		return err
	}
	defer cleanup()
	fmt.Println(head)
	if !strings.HasSuffix(name, "fast") {
		jobs = 1
	}
	long = long || strings.HasSuffix(name, "long")
	broken := runAll(chosen, given, long, jobs)
	if jobs > 1 && len(broken) > 0 {
		// Several at once wait for each other on a small machine, and some promises are about time: each gets another go alone.
		fmt.Fprintf(os.Stderr, "once more, one after the other: %s\n", names(broken))
		broken = runAll(broken, given, long, 1)
	}
	if len(broken) > 0 {
		return fmt.Errorf("broken: %s", names(broken))
	}
	return nil
}

func names(all []scenario) string {
	var words []string
	for _, s := range all {
		words = append(words, s.name)
	}
	return strings.Join(words, ", ")
}

// build makes the binary unless one is given.
func build() (cleanup func(), err error) {
	if binary != "" {
		binary, err = filepath.Abs(binary)
		return func() {}, err
	}
	dir, err := os.MkdirTemp("", "torture-bin-")
	if err != nil {
		return nil, err
	}
	binary = filepath.Join(dir, "healthactors")
	_, err = command("go", "build", "-o", binary, "./cmd/healthactors")
	return func() { _ = os.RemoveAll(dir) }, err
}

// runAll runs scenarios, some at once, prints their rows as they come, and returns those that broke.
func runAll(chosen []scenario, given options, long bool, jobs int) (broken []scenario) {
	next := make(chan scenario)
	var workers sync.WaitGroup
	var mu sync.Mutex
	var figures []string
	for range jobs {
		workers.Go(func() {
			for s := range next {
				row, err := s.run(s.options(given, long))
				if errors.Is(err, errNotRun) {
					fmt.Fprintf(os.Stderr, "%s: %v\n", s.name, err)
					continue
				}
				row.command = s.command(given, long)
				if !row.verdict.Holds() {
					err = errors.Join(err, errors.New("what arrived departs from what happened:\n"+row.verdict.broken()))
				}
				mu.Lock()
				if err != nil {
					fmt.Fprintf(os.Stderr, "%s: %v\n", s.name, err)
					broken = append(broken, s)
				}
				if row.fault != "" {
					fmt.Println(row)
				}
				if f := row.figures(); f != "" {
					figures = append(figures, f)
				}
				mu.Unlock()
			}
		})
	}
	for _, s := range chosen {
		next <- s
	}
	close(next)
	workers.Wait()
	if len(figures) > 0 {
		fmt.Printf("\n## Figures that one scenario has\n\n%s\n", strings.Join(figures, "\n"))
	}
	return broken
}

// options are the scenario's own, where the command line says nothing else.
func (s scenario) options(given options, long bool) options {
	o := s.fast
	if long && s.long.games > 0 || o.games == 0 {
		o = s.long
	}
	o.times = or(given.times, o.times)
	o.span = or(given.span, o.span)
	o.games = or(given.games, o.games)
	o.interval = or(given.interval, o.interval)
	o.changes = or(given.changes, o.changes)
	o.kafka = or(given.kafka, o.kafka)
	o.keep = given.keep
	return o
}

// program is what a scenario's command begins with.
const program = "go run ./test/torture "

// command is what runs it with the same options again.
func (s scenario) command(given options, long bool) string {
	words := []string{strings.TrimSpace(program)}
	if long && s.fast.games > 0 && s.long.games > 0 {
		words = append(words, "-long")
	}
	for _, flag := range []struct {
		name         string
		value, unset any
	}{
		{"n", given.times, 0},
		{"for", given.span, time.Duration(0)},
		{"games", given.games, 0},
		{"interval", given.interval, time.Duration(0)},
		{"changes", given.changes, 0},
		{"kafka", given.kafka, ""},
	} {
		if flag.value != flag.unset {
			words = append(words, fmt.Sprintf("-%s %v", flag.name, flag.value))
		}
	}
	return strings.Join(append(words, s.name), " ")
}

func or[T comparable](given, own T) T {
	var none T
	if given != none {
		return given
	}
	return own
}
