package tidy

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// unseenGo finds the directories with Go files that "go ./..." passes over: below a name that begins with a dot or an
// underscore, below testdata, and in modules of their own.
func (t *tree) unseenGo() (found []finding) {
	told := map[string]bool{}
	for _, p := range t.paths {
		dir := path.Dir(p)
		if path.Ext(p) == ".go" && !told[dir] && (unseenPath(p) || t.inOtherModule(dir)) {
			told[dir] = true
			found = append(found, finding{dir, "has Go files that go ./... doesn't see, such as " + p})
		}
	}
	return found
}

func unseenPath(p string) bool {
	for element := range strings.SplitSeq(p, "/") {
		if element == "testdata" || strings.HasPrefix(element, ".") || strings.HasPrefix(element, "_") {
			return true
		}
	}
	return false
}

func (t *tree) inOtherModule(dir string) bool {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, ok := t.text[dir+"/go.mod"]; ok {
			return true
		}
	}
	return false
}

// maxLines is how long a Go file may be that somebody wrote by hand.
const maxLines = 350

// generated is the line by which Go's tools know a generated file.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// longGo finds the Go files that are longer than that.
func (t *tree) longGo() (found []finding) {
	for _, p := range t.paths {
		if path.Ext(p) != ".go" || generated.MatchString(t.text[p]) {
			continue
		}
		if lines := strings.Count(t.text[p], "\n"); lines > maxLines {
			found = append(found, finding{p, fmt.Sprintf("has %d lines; %d is the most", lines, maxLines)})
		}
	}
	return found
}
