package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// clusterUpgrade runs the program of the commit before this one beside the present one, on one journal, and has each take over
// from the other (C6).
func clusterUpgrade(o options) (row, error) {
	if shallow, err := command("git", "rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(shallow) == "true" {
		return row{}, fmt.Errorf("%w: this shallow clone lacks the commit before this one", errNotRun)
	}
	c, err := newCluster(o, 0)
	if err != nil {
		return row{}, err
	}
	defer c.close()
	before, commit, err := c.buildBefore()
	if err != nil {
		return row{}, err
	}
	if err := errors.Join(c.addMember("old", before), c.addMember("new", binary), c.whole()); err != nil {
		return row{}, err
	}
	c.fleet().start(c.changes)
	time.Sleep(2 * c.interval)
	for range c.times {
		for _, m := range c.members {
			if err := c.replace(m); err != nil {
				return row{}, fmt.Errorf("restart of node %s: %w", m.name, err)
			}
			if _, err := c.silence(m, m.kill); err != nil {
				return row{}, fmt.Errorf("death of node %s: %w", m.name, err)
			}
			if err := errors.Join(m.start(), c.whole()); err != nil {
				return row{}, fmt.Errorf("return of node %s: %w", m.name, err)
			}
		}
	}
	r, err := c.report("the commit before beside this one: a stop and a `kill -9` of either", fmt.Sprintf("%d times", c.times))
	r.note("beside %s", commit)
	return r, err
}

// buildBefore builds the program of the commit before HEAD, or, and it says so, of the newest one before that which knows
// clusters.
func (c *clusterStage) buildBefore() (program, commit string, err error) {
	const knows = "adapters/cluster/cluster.go"
	commit, err = command("git", "rev-parse", "--short", "HEAD~1")
	if err != nil {
		return "", "", fmt.Errorf("find the commit before this one: %w", err)
	}
	commit = strings.TrimSpace(commit)
	if _, err := command("git", "cat-file", "-e", commit+":"+knows); err != nil {
		first, err := command("git", "log", "--format=%h", "HEAD~1", "--", knows)
		newest, _, _ := strings.Cut(first, "\n")
		if err != nil || newest == "" {
			return "", "", fmt.Errorf("no commit before this one knows --cluster: %w", err)
		}
		fmt.Fprintf(os.Stderr, "torture: THE COMMIT BEFORE THIS ONE, %s, KNOWS NO --cluster; taking %s\n", commit, newest)
		commit = newest
	}
	source := filepath.Join(c.dir, "before")
	archive := filepath.Join(c.dir, "before.tar")
	program = filepath.Join(c.dir, "healthactors-before")
	if err := os.Mkdir(source, 0o700); err != nil {
		return "", "", err
	}
	if _, err := command("git", "archive", "--output="+archive, commit); err != nil {
		return "", "", fmt.Errorf("take out commit %s: %w", commit, err)
	}
	if _, err := command("tar", "-x", "-f", archive, "-C", source); err != nil {
		return "", "", fmt.Errorf("unpack commit %s: %w", commit, err)
	}
	if _, err := command("go", "build", "-C", source, "-buildvcs=false", "-o", program, "./cmd/healthactors"); err != nil {
		return "", "", fmt.Errorf("build commit %s: %w", commit, err)
	}
	if help, err := command(program, "run", "--help"); err != nil || !strings.Contains(help, "--cluster=") {
		return "", "", fmt.Errorf("the program of commit %s knows no --cluster: %w", commit, err)
	}
	return program, commit, nil
}
