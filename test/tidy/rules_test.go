package tidy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unknown is an id that no rule has, in two pieces, so that this file doesn't name it.
const unknown = "S" + "10"

// ruled has two rules that are built, each with a spec and a mutation, and one that is not.
var ruled = files{
	contractPath:          "### H1 — One\n\n### S2 — Two\n\n### W3 — Three\n\n*Not built yet.*\n",
	"actors/a_test.go":    "package actors\n\nfunc TestH1IsHeld(t *testing.T) {}\n",
	"actors/b_test.go":    "package actors\n\nvar rows = []struct{ name string }{{\"S2 is held\"}}\n",
	"test/mutate/list.go": "package main\n\nvar all = []mutation{{\"H1/is-broken\", \"a.go\"}, {\"S2\", \"is broken\"}}\n",
}

func TestUndefinedRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		other files
		want  []string
	}{
		{"all are defined", nil, nil},
		{
			"in a comment",
			files{"actors/a.go": "package actors // H1–H4, " + unknown + "\n"},
			[]string{
				"H4: is named in actors/a.go and not defined in docs/contract.md",
				unknown + ": is named in actors/a.go and not defined in docs/contract.md",
			},
		},
		{"in a test's name", files{"docs/bugs.md": "`TestS2C9AStory`"}, []string{"C9: is named in docs/bugs.md and not defined in docs/contract.md"}},
		{"in a script", files{".ci/run": "echo (P4)"}, []string{"P4: is named in .ci/run and not defined in docs/contract.md"}},
		{
			"whose definition was removed",
			files{contractPath: "### H1 — One\n\n### W3 — Three\n"},
			[]string{"S2: is named in actors/b_test.go and not defined in docs/contract.md", "S2: is named in test/mutate/list.go and not defined in docs/contract.md"},
		},
		{"defined twice", files{contractPath: ruled[contractPath] + "### H1 — Again\n"}, []string{"H1: is defined twice in docs/contract.md"}},
		{
			"what only looks like one",
			files{"a.md": "SQLSTATE 57P01, X1, h4, H100, AH4, `%C4`, `\\C4`, R4D, TestE2E", "go.sum": "H4", "b/testdata/fuzz/F/1": "H4"},
			[]string{"E2: is named in a.md and not defined in docs/contract.md"}, // a test's name that begins so says a rule
		},
	} {
		t.Run(c.name, func(t *testing.T) { wantFound(t, c.want, ruled.with(c.other).tree(t).undefinedRules(), nil) })
	}
}

func TestWithoutSpec(t *testing.T) {
	const h1, s2 = "H1: is built and has no spec: no test's name or row begins with it", "S2: is built and has no spec: no test's name or row begins with it"
	for _, c := range []struct {
		name string
		spec string // of H1
		want []string
	}{
		{"a test", "func TestH1IsHeld(t *testing.T) {}", nil},
		{"a test of several", "func TestC3H1IsHeld(t *testing.T) {}", nil},
		{"a row of several", `var rows = []row{{"S2 H1 are held", 1}}`, nil},
		{"a row that names its fields", `var rows = []row{{name: "H1 is held"}}`, nil},
		{"a subtest", `func TestAll(t *testing.T) { t.Run("H1 is held", nil) }`, nil},
		{"a comment", "// TestH1IsHeld and \"H1 is held\"", []string{h1}},
		{"a test that names it later", "func TestIsHeldByH1(t *testing.T) {}", []string{h1}},
		{"a test of a rule whose id is longer", "func TestH10IsHeld(t *testing.T) {}", []string{h1}},
		{"a method", "func (s) TestH1IsHeld() {}", []string{h1}},
		{"a string somewhere", `var s, n = f("H1 is held"), []row{{1, "H1 is held"}}`, []string{h1}},
		{"a name that is no row", `var rows = []row{{"H1"}, {"H1's"}, {"about H1"}}`, []string{h1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := ruled.with(files{"actors/a_test.go": "package actors\n\n" + c.spec + "\n"}).tree(t).withoutSpec()
			wantFound(t, c.want, found, err)
		})
	}
	t.Run("a file that is no test", func(t *testing.T) {
		found, err := ruled.with(files{"actors/b_test.go": "", "actors/b.go": ruled["actors/b_test.go"]}).tree(t).withoutSpec()
		wantFound(t, []string{s2}, found, err)
	})
}

func TestWithoutMutation(t *testing.T) {
	const h1 = "H1: is built and has no mutation: no key of one begins with it"
	for _, c := range []struct {
		name string
		list string
		want []string
	}{
		{"keys", `var all = []mutation{{"S2/x", ""}, {"H1/y", ""}}`, nil},
		{"keys in fields", `var all = []mutation{{key: "S2/x"}, {key: "H1/y"}}`, nil},
		{"keys of a map", `var all = map[string]mutation{"S2/x": {}, "H1/y": {}}`, nil},
		{"a comment", "var all = []mutation{{\"S2/x\"}} // \"H1/y\"", []string{h1}},
		{"another string of a mutation", `var all = []mutation{{"S2/x", "H1/y"}}`, []string{h1}},
		{"a key of a rule whose id is longer", `var all = []mutation{{"S2/x"}, {"H10/y"}}`, []string{h1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found, err := ruled.with(files{"test/mutate/list.go": "package main\n\n" + c.list + "\n"}).tree(t).withoutMutation()
			wantFound(t, c.want, found, err)
		})
	}
}

func TestGoThatCanNotBeParsedIsAnError(t *testing.T) {
	tree := ruled.with(files{"actors/a_test.go": "package\n", "test/mutate/list.go": "package\n"}).tree(t)
	if _, err := tree.withoutSpec(); err == nil {
		t.Error("specs: no error")
	}
	if _, err := tree.withoutMutation(); err == nil {
		t.Error("mutations: no error")
	}
}

func TestNamedRules(t *testing.T) {
	got := namedRules("(S1) H1–H3, **P4**: `TestR2S1AStory`, S1's\nC5")
	if diff := cmp.Diff([]string{"C5", "H1", "H3", "P4", "R2", "S1"}, got); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
}
