package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// suite is the test program of a package, with all mutations in the packages whose rules are broken.
type suite struct {
	// program runs in folder, with flags.
	program, folder string
	flags           []string
	// took is how long each test took without any mutation, and timeout bounds all of them with one.
	took    map[string]time.Duration
	timeout time.Duration
	// said is where what failing tests say goes.
	said io.Writer
	// alone is held by an adapter's tests: they are about real time, and fail for nothing where others take it from them.
	alone *sync.Mutex
}

// overlay writes the woven files into a folder, where go shows them to the compiler in the place of those in the work tree.
// It returns the flag that has it do so.
func overlay(scratch string, changes []change) (flag string, err error) {
	replace := map[string]string{}
	for name, text := range weave(changes) {
		original, err := filepath.Abs(name)
		if err != nil {
			return "", err
		}
		replace[original] = filepath.Join(scratch, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(replace[original], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	description, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	list := filepath.Join(scratch, "overlay.json")
	return "-overlay=" + list, os.WriteFile(list, description, 0o600)
}

// foldersOf are those of the packages whose tests hold the rules of a package: its own, and those that it lies within.
func foldersOf(folder string) (all []string) {
	for ; folder != "."; folder = path.Dir(folder) {
		if tests, _ := filepath.Glob(filepath.Join(folder, "*_test.go")); len(tests) > 0 { // a folder's name is no pattern
			all = append(all, folder)
		}
	}
	return all
}

// newSuite compiles the test program of a package. Its tests must pass without any mutation, and the time that each takes is the
// measure for a hang.
func newSuite(ctx context.Context, scratch, overlay, folder string, flags ...string) (*suite, error) {
	s := &suite{
		program: filepath.Join(scratch, strings.ReplaceAll(folder, "/", "_")+".test"), folder: folder,
		flags: append(flags, "-test.v", "-test.short", "-test.failfast"), timeout: 5 * time.Minute, said: io.Discard,
	}
	if strings.HasPrefix(folder, "adapters/") {
		s.alone = &adapters
	}
	compiler := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", overlay, "-o="+s.program, "./"+folder)
	if output, err := compiler.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the mutations don't compile: %w\n%s", err, output)
	}
	began := time.Now()
	said, killer, err := s.test(ctx, 0, ".", s.timeout)
	if killer != "" || err != nil {
		return nil, errors.Join(fmt.Errorf("the tests of %s fail without any mutation: %s", folder, killer), err)
	}
	s.timeout = max(leastPatience, 4*time.Since(began))
	s.took = timesOf(said)
	return s, nil
}

// leastPatience is for how long tests may at least take.
const leastPatience = 5 * time.Second

// patience is for how long the tests of a rule may take: a mutation that makes them hang is killed.
func (s *suite) patience(rule string) time.Duration {
	carries := carrying(rule)
	var all time.Duration
	for test, took := range s.took {
		if carries(test) {
			all += took
		}
	}
	return min(s.timeout, max(leastPatience, 10*all))
}

// try runs the tests that carry the rule's id as the n-th mutation, counted from 1; the one that noticed last time goes
// first. It names the first test that fails; it is "" when all of them pass: the tests of other rules don't count.
func (s *suite) try(ctx context.Context, n int, rule, lastTime string) (killer string, err error) {
	// Specs begin with the ids of their rules, and so do the rows of tables.
	patterns := []string{"^Test" + others + rule + "[A-Z]"}
	if s.hasRows(rule) { // else all other tests would run for nothing
		patterns[0] += "|^Test[A-Z][A-Za-z]+$/^" + rule + "_"
	}
	carries := carrying(rule)
	if lastTime, _, _ = strings.Cut(lastTime, " "); carries(lastTime) {
		patterns = slices.Insert(patterns, 0, exactly(lastTime))
	}
	for _, pattern := range patterns {
		if _, killer, err = s.test(ctx, n, pattern, s.patience(rule)); killer != "" || err != nil {
			break
		}
	}
	if killer != "" && !carries(killer) {
		return "", fmt.Errorf("only %s notices, which is not named after the rule", killer)
	}
	return killer, err
}

// hasRows says whether there are tables in the package's tests of which a row begins with the rule's id.
func (s *suite) hasRows(rule string) bool {
	files, _ := filepath.Glob(filepath.Join(s.folder, "*_test.go"))
	return slices.ContainsFunc(files, func(name string) bool {
		text, err := os.ReadFile(name)
		return err == nil && strings.Contains(string(text), `"`+rule+" ")
	})
}

// others are the ids of other rules that may stand before one.
const others = "([A-Z][0-9]+)*"

// carrying says whether a test's name has the rule's id.
func carrying(rule string) func(test string) bool {
	return regexp.MustCompile("(^Test" + others + "|/)" + rule + "[A-Z_]").MatchString
}

// exactly is the pattern of one test.
func exactly(test string) string {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// adapters is held by the tests of one.
var adapters sync.Mutex

// test runs the tests that match a pattern, as the n-th mutation; 0 is none. It returns what they say, and the first that
// fails.
func (s *suite) test(ctx context.Context, n int, pattern string, timeout time.Duration) (said, killer string, err error) {
	if s.alone != nil {
		s.alone.Lock()
		defer s.alone.Unlock()
	}
	tests := exec.CommandContext(ctx, s.program,
		slices.Concat(s.flags, []string{"-test.run=" + pattern, "-test.timeout=" + timeout.String()})...)
	tests.Dir = s.folder
	tests.Env = append(os.Environ(), fmt.Sprint(variable, "=", n))
	output, err := tests.CombinedOutput()
	if err == nil {
		return string(output), "", nil
	}
	_, _ = s.said.Write(output)
	if _, failed := errors.AsType[*exec.ExitError](err); !failed {
		return "", "", err
	}
	if killer = killedBy(string(output)); killer == "" {
		return "", "", fmt.Errorf("no test ran: %w\n%s", err, output)
	}
	return string(output), killer, nil
}

var passedTest = regexp.MustCompile(`(?m)^\s*--- PASS: (\S+) \((\S+)\)$`)

// timesOf reads from what a test program says how long each test took that passed.
func timesOf(said string) map[string]time.Duration {
	times := map[string]time.Duration{}
	for _, m := range passedTest.FindAllStringSubmatch(said, -1) {
		times[m[1]], _ = time.ParseDuration(m[2])
	}
	return times
}

var (
	failedTest  = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	startedTest = regexp.MustCompile(`(?m)^=== RUN\s+(\S+)`)
)

// killedBy reads the first failure from what a test program writes. A test that took the whole program with it, by a
// panic in another goroutine or by the time-out, is the one that was started last.
func killedBy(output string) string {
	started := startedTest.FindAllStringSubmatch(output, -1)
	if len(started) == 0 {
		return ""
	}
	last := started[len(started)-1][1]
	failed := failedTest.FindAllStringSubmatch(output, -1)
	switch {
	case strings.Contains(output, "panic: test timed out"):
		return last + " (time-out)"
	case len(failed) == 0:
		return last + " (panic)"
	}
	name := failed[0][1]
	for _, f := range failed[1:] { // a table's row says more than its table
		if strings.HasPrefix(f[1], name+"/") {
			return f[1]
		}
	}
	return name
}
