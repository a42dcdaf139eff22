package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// woven is a test program with all mutations in the package whose rules are broken.
type woven struct {
	// program runs in folder, with flags.
	program, folder string
	flags           []string
	// timeout bounds the tests of one mutation. One that makes them hang is killed.
	timeout time.Duration
	// verbose prints what the tests say.
	verbose bool
}

// build compiles the test program of the package in a folder. Nothing is written to the work tree: go's overlay shows the
// compiler other files, in scratch. The tests must pass without any mutation, and the time that this takes is the measure
// for a hang.
func build(ctx context.Context, scratch string, all []mutation, folder string, flags ...string) (w woven, err error) {
	w = woven{folder: folder, flags: append(flags, "-test.v", "-test.short", "-test.failfast"), timeout: 5 * time.Minute}
	if w.program, err = compile(ctx, scratch, all, folder); err != nil {
		return w, err
	}
	began := time.Now()
	if killer, err := w.test(ctx, 0, "."); killer != "" || err != nil {
		return w, errors.Join(fmt.Errorf("the tests fail without any mutation: %s", killer), err)
	}
	w.timeout = max(5*time.Second, 4*time.Since(began))
	return w, nil
}

func compile(ctx context.Context, scratch string, all []mutation, folder string) (program string, err error) {
	files, err := weave(all)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for name, text := range files {
		original, err := filepath.Abs(filepath.Join(mutated, name))
		if err != nil {
			return "", err
		}
		replace[original] = filepath.Join(scratch, name)
		if err := os.WriteFile(replace[original], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	description, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(scratch, "overlay.json")
	if err := os.WriteFile(overlay, description, 0o600); err != nil {
		return "", err
	}
	program = filepath.Join(scratch, "woven.test")
	compiler := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay="+overlay, "-o="+program, "./"+folder)
	if output, err := compiler.CombinedOutput(); err != nil {
		return "", fmt.Errorf("the mutations don't compile: %w\n%s", err, output)
	}
	return program, nil
}

// try runs the tests that carry the rule's id as the n-th mutation, counted from 1; the one that noticed last time goes
// first. It names the first test that fails; it is "" when all of them pass: the tests of other rules don't count.
func (w woven) try(ctx context.Context, n int, rule, lastTime string) (killer string, err error) {
	// Specs begin with their rule's id, and so do the rows of tables.
	patterns := []string{"^Test" + rule + "[A-Z]|^Test[A-Z][A-Za-z]+$/^" + rule + "_"}
	if lastTime, _, _ = strings.Cut(lastTime, " "); carries(lastTime, rule) {
		patterns = slices.Insert(patterns, 0, exactly(lastTime))
	}
	for _, pattern := range patterns {
		if killer, err = w.test(ctx, n, pattern); killer != "" || err != nil {
			break
		}
	}
	if killer != "" && !carries(killer, rule) {
		return "", fmt.Errorf("only %s notices, which is not named after the rule", killer)
	}
	return killer, err
}

// carries says whether a test's name has the rule's id.
func carries(test, rule string) bool {
	return regexp.MustCompile("(^Test|/)" + rule + "[A-Z_]").MatchString(test)
}

// exactly is the pattern of one test.
func exactly(test string) string {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// test runs the tests that match a pattern, as the n-th mutation; 0 is none.
func (w woven) test(ctx context.Context, n int, pattern string) (killer string, err error) {
	tests := exec.CommandContext(ctx, w.program,
		slices.Concat(w.flags, []string{"-test.run=" + pattern, "-test.timeout=" + w.timeout.String()})...)
	tests.Dir = w.folder
	tests.Env = append(os.Environ(), fmt.Sprint("MUTANT=", n))
	output, err := tests.CombinedOutput()
	if err == nil {
		return "", nil
	}
	if w.verbose {
		fmt.Printf("%s\n", output)
	}
	if _, failed := errors.AsType[*exec.ExitError](err); !failed {
		return "", err
	}
	if killer = killedBy(string(output)); killer == "" {
		return "", fmt.Errorf("no test ran: %w\n%s", err, output)
	}
	return killer, nil
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
