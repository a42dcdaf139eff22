package main

import (
	"slices"
	"strings"
	"testing"
)

// code is what some files have, by their paths.
func code(t *testing.T, files map[string]string) (all []*function) {
	t.Helper()
	for path, text := range files {
		found, err := functionsOf(path, text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

const decided = `package actors

func decide(seen, previous int) (reasons []string) {
	if seen > previous { // a restart
		reasons = append(reasons, "restarted")
	}
	return reasons
}

func isNews(now, before int) bool {
	return now > before
}
`

var restart = mutation{
	"H2/an equal count is a restart too", "decide",
	`if seen > previous {`, `if seen >= max(previous, 0) {`,
}

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		name string
		m    mutation
		path string
		// change is what happens to the file's text.
		change []string
		// in is where the mutation is found, and has what stands there then. It is not found when err says why.
		in, has, err string
	}{
		{
			name: "as it was written down", m: restart,
			in: "decide", has: "if seen >= max(previous, 0) {",
		},
		{
			name: "other white space and comments", m: restart,
			change: []string{"if seen > previous {", "if seen >\n\t\tprevious {"},
			in:     "decide", has: "if seen >= max(previous, 0) {",
		},
		{
			name: "a line end for a semicolon",
			m:    mutation{"H2/x", "decide", `reasons = append(reasons, "restarted") }; return reasons`, `} return nil`},
			in:   "decide", has: "{ // a restart\n\t\t} return nil\n}",
		},
		{
			name: "renamed locals", m: restart,
			change: []string{"seen", "now", "previous", "baseline"},
			in:     "decide", has: "if now >= max(baseline, 0) {",
		},
		{
			name: "exactly counts more than renamed", m: restart,
			change: []string{"if seen", "if previous > seen {\n\t\treturn nil\n\t}\n\tif seen"},
			in:     "decide", has: "if previous > seen {\n\t\treturn nil\n\t}\n\tif seen >= max(previous, 0) {",
		},
		{
			name: "a renamed function", m: restart,
			change: []string{"decide", "judge"},
			in:     "judge", has: "if seen >= max(previous, 0) {",
		},
		{
			name: "a renamed function and renamed locals", m: restart,
			change: []string{"decide", "judge", "seen", "now", "previous", "baseline"},
			in:     "judge", has: "if now >= max(baseline, 0) {",
		},
		{
			name: "moved to another package", m: restart, path: "actors/internal/rules/decision.go",
			change: []string{"package actors", "package rules"},
			in:     "decide", has: "if seen >= max(previous, 0) {",
		},
		{
			name: "moved and exported, with a text that stands in others too",
			m:    mutation{"H2/x", "decide", `return reasons`, `return nil`}, path: "actors/internal/rules/decision.go",
			change: []string{"package actors", "package rules", "decide", "Decide", "return now > before", "return now"},
			in:     "Decide", has: "return nil",
		},
		{
			name: "a method that became a function",
			m:    mutation{"H6/x", "(*inspector).isNews", `return now > before`, `return true`},
			in:   "isNews", has: "return true",
		},
		{
			name: "three names that became others are no renaming",
			m:    mutation{"H2/x", "decide", `if seen > previous { reasons`, `{ reasons`},
			change: []string{
				"seen", "now", "previous", "before", "reasons = append(reasons", "all = append(reasons",
			},
			err: "its text is not in decide any more",
		},
		{
			name:   "but for their letters' case",
			m:      mutation{"H2/x", "decide", `if seen > previous { reasons`, `if seen >= previous { reasons`},
			change: []string{"seen", "now", "previous", "Previous", "reasons", "Reasons"},
			in:     "decide", has: "if now >= Previous { Reasons",
		},
		{
			name: "two names that became one are not a renaming", m: restart,
			change: []string{"if seen > previous", "if seen > seen"},
			err:    "its text is not in decide any more",
		},
		{
			name: "one name that became two is not a renaming",
			m:    mutation{"H2/x", "decide", `reasons = append(reasons, "restarted")`, ``},
			change: []string{
				"append(reasons", "append(before",
			},
			err: "its text is not in decide any more",
		},
		{
			name: "what Go declares has no other name",
			m:    mutation{"H2/x", "decide", `return nil`, `return reasons`},
			err:  "its text is not in decide any more",
		},
		{
			name:   "literals and operators do not change",
			m:      mutation{"H2/x", "decide", `append(reasons, "started")`, `reasons`},
			change: []string{"seen > previous", "seen < previous"},
			err:    "its text is not in decide any more",
		},
		{
			name: "ambiguous as it stands",
			m:    mutation{"H2/x", "decide", `reasons`, `nil`},
			err:  "its text is ambiguous: it stands in decide in actors/decision.go, decide in actors/decision.go",
		},
		{
			name: "ambiguous when it is renamed",
			m:    mutation{"H2/x", "judge", `a > b`, `a < b`},
			err:  "its text is ambiguous: it stands in decide in actors/decision.go, isNews in actors/decision.go",
		},
		{
			name: "gone from its function, though it stands in another", m: restart,
			change: []string{"if seen > previous", "if true", "return now > before", "if seen > previous {\n\t}\n\treturn true"},
			err:    "its text is not in decide any more",
		},
		{
			name: "gone with its function", m: restart,
			change: []string{"func decide(", "func decideNot(", "if seen > previous", "if true"},
			err:    "there is no decide any more, and its text is nowhere else",
		},
		{
			name: "no change",
			m:    mutation{"H2/x", "decide", `if seen > previous {`, `if (seen > previous) {`},
			in:   "decide", has: "if (seen > previous) {",
		},
		{
			name: "nothing changes",
			m:    mutation{"H2/x", "decide", `if seen > previous {`, "if seen > // really\nprevious {"},
			err:  "it changes nothing",
		},
		{
			name: "nothing to look for",
			m:    mutation{"H2/x", "decide", ` // decide`, `return nil`},
			err:  "there is no piece of Go to look for",
		},
		{
			name: "no Go",
			m:    mutation{"H2/x", "decide", `return "reasons`, `return nil`},
			err:  "there is no piece of Go to look for",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := c.path
			if path == "" {
				path = "actors/decision.go"
			}
			found, err := c.m.resolve(code(t, map[string]string{path: strings.NewReplacer(c.change...).Replace(decided)}))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) || !strings.HasPrefix(err.Error(), c.m.key+": ") {
					t.Fatalf("the error is %v, want the key and %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if found.at.name != c.in || !strings.Contains(found.mutant, c.has) {
				t.Errorf("found in %s, want %s; want %q in\n%s", found.at.name, c.in, c.has, found.mutant)
			}
		})
	}
}

// A key names one mutation.
func TestKeysAreUnique(t *testing.T) {
	_, err := resolve([]mutation{restart, restart}, code(t, map[string]string{"actors/decision.go": decided}))
	if err == nil || err.Error() != restart.key+": there are two of this key" {
		t.Errorf("of two with one key: %v", err)
	}
}

func TestFunctionNames(t *testing.T) {
	all := code(t, map[string]string{"actors/names.go": `package actors

func (i *inspector) observe() {}
func (target) was() {}
func namesOf()      {}
func elsewhere()
`})
	var names []string
	for _, f := range all {
		names = append(names, f.name)
	}
	if want := []string{"(*inspector).observe", "target.was", "namesOf"}; !slices.Equal(names, want) {
		t.Errorf("the functions are %q, want %q", names, want)
	}
}
