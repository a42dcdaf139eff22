package tidy

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// The map of the tree is a table of Markdown in architecturePath, below the heading treeHeading and above the next one of any
// level. The first column of each row is the path of a package, or of another directory or a file, from the root, in backticks:
//
//	## The tree
//
//	| package | what it is |
//	| --- | --- |
//	| `actors/internal/rules` | the decision about one observation |
const (
	architecturePath = "docs/architecture.md"
	treeHeading      = "## The tree"
)

var treeRow = regexp.MustCompile("(?m)^\\| *`([^`]+)` *\\|")

// mappedDirs are the directories whose packages have a row each.
var mappedDirs = []string{"actors", "adapters", "cmd", "messages", "test"}

// mapOfTree finds the packages that have no row, those that have two, and the rows of what is not there.
func (t *tree) mapOfTree() (found []finding) {
	all := sections(t.text[architecturePath])
	n := slices.IndexFunc(all, func(s section) bool { return s.heading == treeHeading })
	if n < 0 {
		return []finding{{architecturePath, `has no section "` + treeHeading + `"`}}
	}
	rows := map[string]bool{}
	for _, p := range all[n].paragraphs {
		for _, m := range treeRow.FindAllStringSubmatch(p.text, -1) {
			row := strings.TrimSuffix(m[1], "/")
			switch {
			case rows[row]:
				found = append(found, finding{row, "has two rows in " + architecturePath})
			case !t.has(row):
				found = append(found, finding{row, "has a row in " + architecturePath + " and is not there"})
			}
			rows[row] = true
		}
	}
	for _, p := range t.packages() {
		if !rows[p] {
			found = append(found, finding{p, "is a package without a row in " + architecturePath})
		}
	}
	return found
}

// packages are the directories below mappedDirs that have Go files other than tests.
func (t *tree) packages() []string {
	var all []string
	for _, p := range t.paths {
		root, _, _ := strings.Cut(p, "/")
		if slices.Contains(mappedDirs, root) && path.Ext(p) == ".go" && !strings.HasSuffix(p, "_test.go") && !unseenPath(p) {
			all = append(all, path.Dir(p))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
