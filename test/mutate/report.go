package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
)

const reportFile = "docs/mutations.md"

const reportHead = `# Mutations

Each line is one way to break a rule of the contract, and the test that notices. ` + "`make mutate`" + ` breaks the code in each of
these ways, one at a time, runs the tests of ` + "`actors`" + ` whose names, or whose row's name, begin with the rule's id, fails if
they pass all the same, and writes this page; CI does it too. The mutations stand in ` + "`test/mutate`" + `: a new rule, or a new
way to hold one, gets its own.

` + "`go run ./test/mutate -only S4 -v`" + ` prints what the tests say that notice: the timeline shows what went another way.

`

// writeReport puts the results down in docs.
func writeReport(results []result) error {
	slices.SortStableFunc(results, func(a, b result) int { return cmp.Compare(place(a.rule), place(b.rule)) })
	var b strings.Builder
	b.WriteString(reportHead)
	fmt.Fprintf(&b, "%d mutations, all killed.\n\n| rule | what the mutation does | in | killed by |\n| --- | --- | --- | --- |\n", len(results))
	for _, r := range results {
		fmt.Fprintf(&b, "| %s | %s | `%s` | `%s` |\n", r.rule, r.what, r.file, r.killer)
	}
	return os.WriteFile(reportFile, []byte(b.String()), 0o644) //nolint:gosec // everybody may read it
}

// place is where the contract has a rule: H, S, P and R, each by number.
func place(rule string) int {
	number, _ := strconv.Atoi(rule[1:])
	return 100*strings.Index("HSPRC", rule[:1]) + number
}

// readReport returns who killed each mutation the last time, by the mutation's name.
func readReport() (killers map[string]string, err error) {
	text, err := os.ReadFile(reportFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	killers = map[string]string{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, " | "); len(cells) == 4 {
			name := strings.TrimPrefix(cells[0], "| ") + ": " + cells[1]
			killers[name] = strings.Trim(cells[3], "`| \n")
		}
	}
	return killers, nil
}
