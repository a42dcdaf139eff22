package tidy

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Where rules are named: by themselves, or in a row at the beginning of a test's name.
var (
	ruleID     = regexp.MustCompile(`[HWSPREKJC][0-9]{1,2}`)
	namedRule  = regexp.MustCompile(`(?:^|[^\w%\\.])([HWSPREKJC][0-9]{1,2})\b`)
	testOfRule = regexp.MustCompile(`\bTest((?:[HWSPREKJC][0-9]{1,2})+)`)
)

// namesNoRules says of which files the words are not ours: checksums, and what fuzzers made up.
func namesNoRules(p string) bool {
	return path.Base(p) == "go.sum" || path.Base(p) == "package-lock.json" ||
		strings.Contains(p, "/testdata/fuzz/")
}

// undefinedRules finds the rules that are named somewhere and not defined by the contract, and those that are defined twice.
func (t *tree) undefinedRules() (found []finding) {
	defined := map[string]bool{}
	for _, r := range t.rules() {
		if defined[r.id] {
			found = append(found, finding{r.id, "is defined twice in " + contractPath})
		}
		defined[r.id] = true
	}
	for _, p := range t.paths {
		if namesNoRules(p) {
			continue
		}
		for _, id := range namedRules(t.text[p]) {
			if !defined[id] {
				found = append(found, finding{id, "is named in " + p + " and not defined in " + contractPath})
			}
		}
	}
	return found
}

// namedRules are the rules that a text names, each once.
func namedRules(text string) []string {
	var ids []string
	for _, m := range namedRule.FindAllStringSubmatch(text, -1) {
		ids = append(ids, m[1])
	}
	for _, m := range testOfRule.FindAllStringSubmatch(text, -1) {
		ids = append(ids, ruleID.FindAllString(m[1], -1)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// withoutSpec finds the rules that are built and have no spec: a test or a row of one whose name begins with the rule.
func (t *tree) withoutSpec() (found []finding, err error) {
	specified, err := t.specifiedRules()
	if err != nil {
		return nil, err
	}
	for _, r := range t.rules() {
		if r.built && !specified[r.id] {
			found = append(found, finding{r.id, "is built and has no spec: no test's name or row begins with it"})
		}
	}
	return found, nil
}

// withoutMutation finds the rules that are built and that no mutation breaks.
func (t *tree) withoutMutation() (found []finding, err error) {
	mutated, err := t.mutatedRules()
	if err != nil {
		return nil, err
	}
	for _, r := range t.rules() {
		if r.built && !mutated[r.id] {
			found = append(found, finding{r.id, "is built and has no mutation: no key of one begins with it"})
		}
	}
	return found, nil
}

// rowOfRules is the name of a row, which begins with the rules that it holds: "H6 on change", "H9 H10 a refusal".
var rowOfRules = regexp.MustCompile(`^(?:[HWSPREKJC][0-9]{1,2} )+`)

// specifiedRules are those with which a test's name begins, or the first string of a row in a test's table, or the name that
// is given to Run.
func (t *tree) specifiedRules() (map[string]bool, error) {
	files, err := t.goFiles("", true)
	if err != nil {
		return nil, err
	}
	specified := map[string]bool{}
	add := func(name string, begins *regexp.Regexp) {
		for _, id := range ruleID.FindAllString(begins.FindString(name), -1) {
			specified[id] = true
		}
	}
	for p, file := range files {
		if namesNoRules(p) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil {
					add(n.Name.Name, testOfRule)
				}
			case *ast.CompositeLit:
				add(firstString(n), rowOfRules)
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Run" && len(n.Args) > 0 {
					add(literal(n.Args[0]), rowOfRules)
				}
			}
			return true
		})
	}
	return specified, nil
}

// mutationDir is where the mutations stand.
const mutationDir = "test/mutate"

// keyOfRule is a mutation's key: its rule, and what it is called there after a slash.
var keyOfRule = regexp.MustCompile(`^[HWSPREKJC][0-9]{1,2}(?:/|$)`)

// mutatedRules are those with which the key of a mutation begins. The key is the first string of the mutation's literal, or
// the key of a map of them.
func (t *tree) mutatedRules() (map[string]bool, error) {
	mutated := map[string]bool{}
	add := func(key string) {
		if keyOfRule.MatchString(key) {
			mutated[ruleID.FindString(key)] = true
		}
	}
	files, err := t.goFiles(mutationDir, false)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if l, ok := n.(*ast.CompositeLit); ok {
				add(firstString(l))
			}
			if pair, ok := n.(*ast.KeyValueExpr); ok {
				add(literal(pair.Key))
			}
			return true
		})
	}
	return mutated, nil
}

// firstString is the first element of a literal, also of one that names its fields; "" where that is no string.
func firstString(l *ast.CompositeLit) string {
	if len(l.Elts) == 0 {
		return ""
	}
	first := l.Elts[0]
	if pair, ok := first.(*ast.KeyValueExpr); ok {
		first = pair.Value
	}
	return literal(first)
}
