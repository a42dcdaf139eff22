package tidy

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"
)

// testName is the name of what go test runs.
var testName = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z0-9]\w*`)

// missingTests finds the tests that a document names in backticks and that are not there. The beginning of a name will do, as it
// does for go test -run.
func (t *tree) missingTests() (found []finding, err error) {
	files, err := t.goFiles("", true)
	if err != nil {
		return nil, err
	}
	var tests []string
	for _, file := range files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && testName.MatchString(f.Name.Name) {
				tests = append(tests, f.Name.Name)
			}
		}
	}
	t.eachParagraph(func(document string, p paragraph) {
		for _, span := range codeSpan.FindAllStringSubmatch(codeBlock.ReplaceAllString(p.text, ""), -1) {
			for _, name := range testName.FindAllString(span[1], -1) {
				if !slices.ContainsFunc(tests, func(test string) bool { return strings.HasPrefix(test, name) }) {
					found = append(found, finding{name, "is a test that " + document + " names, and is not there"})
				}
			}
		}
	})
	return found, nil
}
