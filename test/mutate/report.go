package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

const reportFile = "docs/mutations.md"

const reportHead = `# Mutations

Each line is one way to break a rule of the contract, and the test that notices. ` + "`make mutate`" + ` breaks the code in each of
these ways, one at a time, runs the tests whose names, or whose row's name, begin with the rule's id, fails if they pass all
the same, and writes this page; CI does it too. The tests are those of the package that it breaks and of those above it, so
for all below ` + "`actors`" + ` its specs too.

The mutations stand in ` + "`test/mutate`" + `: a new rule, or a new way to hold one, gets its own. One is known by its key, which begins
with the rule, and found by the function that it breaks and a piece of that; neither file nor package matter, and an entry
stays good when names change. ` + "`go test ./test/mutate`" + ` fails as soon as one is not to be found any more, or doesn't compile.

` + "`go run ./test/mutate -only S4 -v`" + ` prints what the tests say that notice: the timeline shows what went another way.

`

// writeReport puts the results down in docs.
func writeReport(results []result) error {
	var b strings.Builder
	b.WriteString(reportHead)
	fmt.Fprintf(&b, "%d mutations, all killed.\n\n| mutation | in | killed by |\n| --- | --- | --- |\n", len(results))
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | `%s` | `%s` |\n", r.key, r.at.name, r.killer)
	}
	return os.WriteFile(reportFile, []byte(b.String()), 0o644) //nolint:gosec // everybody may read it
}

// readReport returns who killed each mutation the last time, by its key.
func readReport() (killers map[string]string, err error) {
	text, err := os.ReadFile(reportFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	killers = map[string]string{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(strings.Trim(line, "| \n"), " | "); len(cells) == 3 {
			killers[cells[0]] = strings.Trim(cells[2], "`")
		}
	}
	return killers, nil
}
