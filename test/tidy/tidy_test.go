package tidy

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// files is a small repository: paths and what they have.
type files map[string]string

// with is the same repository, but for some files; one that becomes empty is gone.
func (f files) with(other files) files {
	all := files{}
	for _, some := range []files{f, other} {
		for p, text := range some {
			all[p] = text
			if text == "" {
				delete(all, p)
			}
		}
	}
	return all
}

func (f files) tree(t *testing.T) *tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for p, text := range f {
		fsys[p] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := readTree(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// wantFound holds the findings of a check against what was to be found.
func wantFound(t *testing.T, want []string, found []finding, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("- want, + found:\n%s", diff)
	}
}

func TestTreeIsWithoutWhatIsIgnored(t *testing.T) {
	tree := files{
		".gitignore": "/bin/\n/.cache/\n*.db\n", ".git": "gitdir: elsewhere\n",
		"bin/healthactors": "x", ".cache/a/b.go": "x", "docs/some.db": "x", "cmd/bin/main.go": "x", "cmd/program": "\x7fELF\x00",
		"Makefile": "x",
	}.tree(t)
	if diff := cmp.Diff([]string{".gitignore", "Makefile", "cmd/bin/main.go"}, tree.paths); diff != "" {
		t.Errorf("- want, + got:\n%s", diff)
	}
	for p, want := range map[string]bool{"cmd": true, "cmd/bin": true, "cmd/*/main.go": true, "bin": false, "main.go": false} {
		if got := tree.has(p); got != want {
			t.Errorf("has(%q) is %t", p, got)
		}
	}
	for p, want := range map[string]bool{"main.go": true, "bin/main.go": true, "m*.go": true, "bin": true, "ain.go": false} {
		if got := tree.hasBelow(p); got != want {
			t.Errorf("hasBelow(%q) is %t", p, got)
		}
	}
}

func TestExceptionsAreNeeded(t *testing.T) {
	found := []finding{{"a", "is wrong"}, {"b", "is wrong"}, {"a", "is wrong twice"}}
	wantFound(t, []string{"b: is wrong", "c: is listed as an exception and is none any more: take it off the list"},
		except(found, []string{"a", "c"}), nil)
	wantFound(t, nil, except(nil, nil), nil)
}
