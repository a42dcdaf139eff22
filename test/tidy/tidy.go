// Package tidy holds the tree to what the project has agreed on: every rule is defined, has a spec and a mutation; what the
// documents name exists; all Go is seen by "go ./...", in short files; the map of the tree is right.
//
// Each check is a function over a tree and returns what it found, so that its own test runs it over a small tree that is
// wrong in one way. real_test.go runs them all over this repository, with the exceptions that it lists.
package tidy

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// tree is what is in the repository, without what .gitignore names.
type tree struct {
	// text has each file that is no binary, by its path, and paths are these in order.
	text  map[string]string
	paths []string
	// dirs are the directories that have a file somewhere below.
	dirs map[string]bool
}

func readTree(fsys fs.FS) (*tree, error) {
	ignored, err := readIgnored(fsys)
	if err != nil {
		return nil, err
	}
	t := &tree{text: map[string]string{}, dirs: map[string]bool{}}
	err = fs.WalkDir(fsys, ".", func(p string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (p == ".git" || ignored(p)):
			return fs.SkipDir
		case !entry.Type().IsRegular() || p == ".git" || ignored(p): // in a worktree .git is a file
			return nil
		}
		text, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			t.dirs[dir] = true
		}
		if !bytes.ContainsRune(text, 0) {
			t.text[p] = string(text)
			t.paths = append(t.paths, p)
		}
		return nil
	})
	return t, err
}

// readIgnored understands the patterns that this project's .gitignore has: one at the root, which begins with a slash, and a
// base name.
func readIgnored(fsys fs.FS) (func(p string) bool, error) {
	text, err := fs.ReadFile(fsys, ".gitignore")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	patterns := strings.Fields(string(text))
	return func(p string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			pattern = strings.TrimSuffix(pattern, "/")
			name := path.Base(p)
			if rooted, ok := strings.CutPrefix(pattern, "/"); ok {
				pattern, name = rooted, p
			}
			matched, err := path.Match(pattern, name)
			return err == nil && matched
		})
	}, nil
}

// has says whether a path, which may have wildcards, is a file or a directory of the tree.
func (t *tree) has(pattern string) bool {
	return slices.ContainsFunc(t.everything(), func(p string) bool {
		matched, err := path.Match(pattern, p)
		return err == nil && matched
	})
}

// hasBelow says whether the path of some file or directory ends with that pattern.
func (t *tree) hasBelow(pattern string) bool {
	elements := strings.Count(pattern, "/") + 1
	return slices.ContainsFunc(t.everything(), func(p string) bool {
		all := strings.Split(p, "/")
		matched, err := path.Match(pattern, strings.Join(all[max(0, len(all)-elements):], "/"))
		return err == nil && matched
	})
}

// everything is each file and each directory.
func (t *tree) everything() []string {
	all := slices.Clone(t.paths)
	for dir := range t.dirs {
		all = append(all, dir)
	}
	return all
}

// goFiles parses the Go files below a directory; "" means all. Tests are those whose names say so.
func (t *tree) goFiles(below string, tests bool) (map[string]*ast.File, error) {
	files := map[string]*ast.File{}
	for _, p := range t.paths {
		if path.Ext(p) != ".go" || !isBelow(p, below) || strings.HasSuffix(p, "_test.go") != tests {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, t.text[p], parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse: %w", err)
		}
		files[p] = file
	}
	return files, nil
}

func isBelow(p, dir string) bool { return dir == "" || strings.HasPrefix(p, dir+"/") }

// literal is the value of a string literal; "" is that of any other expression.
func literal(e ast.Expr) string {
	basic, ok := e.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return ""
	}
	value, _ := strconv.Unquote(basic.Value) // it was parsed, so it is right
	return value
}

// finding is one thing that a check found wrong. about is what an exception names: a rule, a path, a flag, a metric.
type finding struct{ about, what string }

func (f finding) String() string { return f.about + ": " + f.what }

// except leaves out the findings about what is excepted, and adds one for each exception that is needed no more.
func except(found []finding, exceptions []string) []finding {
	var left []finding
	for _, f := range found {
		if !slices.Contains(exceptions, f.about) {
			left = append(left, f)
		}
	}
	for _, e := range exceptions {
		if !slices.ContainsFunc(found, func(f finding) bool { return f.about == e }) {
			left = append(left, finding{e, "is listed as an exception and is none any more: take it off the list"})
		}
	}
	return left
}
