package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// releasesFile names the commits that count as releases.
//
//go:embed releases
var releasesFile string

// release is a line of the file.
type release struct {
	// commit is its hash, or the first digits of it.
	commit string
	// closed says which issues it closed.
	closed string
}

func (r release) String() string { return r.commit + " (" + r.closed + ")" }

var releaseLine = regexp.MustCompile(`^([0-9a-f]{7,40}) (issue [0-9]+|issues [0-9]+(?:, [0-9]+)+)$`)

// readReleases reads the list, the newest last. There is at least one, and none comes twice.
func readReleases(text string) (all []release, err error) {
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		m := releaseLine.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("releases: %q is not a commit and the issues that it closed", line)
		}
		if seen[m[1]] {
			return nil, fmt.Errorf("releases: commit %s is there twice", m[1])
		}
		seen[m[1]] = true
		all = append(all, release{m[1], m[2]})
	}
	if len(all) == 0 {
		return nil, errors.New("releases: it names none")
	}
	return all, nil
}

// newestRelease is the last of the list, whose commits this one comes after. errNotRun: there is no history here to find them in.
func newestRelease() (release, error) {
	if shallow, err := command("git", "rev-parse", "--is-shallow-repository"); err != nil || strings.TrimSpace(shallow) != "false" {
		return release{}, fmt.Errorf("%w: this is no clone with its history, which has the releases", errNotRun)
	}
	all, err := readReleases(releasesFile)
	if err != nil {
		return release{}, err
	}
	for _, r := range all {
		if _, err := command("git", "merge-base", "--is-ancestor", r.commit, "HEAD"); err != nil {
			return release{}, fmt.Errorf("release %v is no commit before this one: %w", r, err)
		}
	}
	return all[len(all)-1], nil
}

// buildRelease builds the program of the newest release.
func (s *stage) buildRelease() (program string, r release, err error) {
	if r, err = newestRelease(); err != nil {
		return "", r, err
	}
	source, archive := filepath.Join(s.dir, "release"), filepath.Join(s.dir, "release.tar")
	program = filepath.Join(s.dir, "healthactors-"+r.commit)
	if err := os.Mkdir(source, 0o700); err != nil {
		return "", r, err
	}
	if _, err := command("git", "archive", "--output="+archive, r.commit); err != nil {
		return "", r, fmt.Errorf("take out release %v: %w", r, err)
	}
	if _, err := command("tar", "-x", "-f", archive, "-C", source); err != nil {
		return "", r, fmt.Errorf("unpack release %v: %w", r, err)
	}
	if _, err := command("go", "build", "-C", source, "-buildvcs=false", "-o", program, "./cmd/healthactors"); err != nil {
		return "", r, fmt.Errorf("build release %v: %w", r, err)
	}
	return program, r, nil
}
