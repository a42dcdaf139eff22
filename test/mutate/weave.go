package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// mutated is the package whose rules are broken, as seen from the repository's root.
const mutated = "actors"

// selector is the file that tells the woven package which mutation it is.
const selector = `package actors

import (
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("MUTANT"))
`

// check holds the list to the code: each text is there exactly once, and no mutation is listed twice.
func check(all []mutation) error {
	var wrong []error
	names := map[string]bool{}
	for _, m := range all {
		source, err := os.ReadFile(filepath.Join(mutated, m.file))
		if err != nil {
			return fmt.Errorf("run this from the repository's root: %w", err)
		}
		name := m.name()
		if n := strings.Count(string(source), m.old); n != 1 {
			wrong = append(wrong, fmt.Errorf("%s: its text is %d times in %s, want once:\n%s", name, n, m.file, m.old))
		}
		if m.old == m.new || names[name] {
			wrong = append(wrong, fmt.Errorf("%s: it changes nothing, or is listed twice", name))
		}
		names[name] = true
	}
	return errors.Join(wrong...)
}

// weave returns the package's files with all mutations in them, so that they are compiled once. A function that has
// mutations becomes one that calls the original or a mutated copy, as the variable mutant says: 1 is the first mutation
// of all, 0 is none.
func weave(all []mutation) (files map[string]string, err error) {
	files = map[string]string{"mutant.go": selector}
	for _, m := range all {
		if files[m.file] == "" {
			if files[m.file], err = weaveFile(all, m.file); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

func weaveFile(all []mutation, name string) (string, error) {
	source, err := os.ReadFile(filepath.Join(mutated, name))
	if err != nil {
		return "", err
	}
	text := string(source)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	var woven strings.Builder
	done, found := 0, 0
	for _, d := range file.Decls {
		f, isFunc := d.(*ast.FuncDecl)
		if !isFunc {
			continue
		}
		begin, end := set.Position(f.Pos()).Offset, set.Position(f.End()).Offset
		copies := map[int]string{}
		for n, m := range all {
			if m.file == name && strings.Contains(text[begin:end], m.old) {
				copies[n+1] = strings.Replace(text[begin:end], m.old, m.new, 1)
			}
		}
		if found += len(copies); len(copies) > 0 {
			woven.WriteString(text[done:begin] + dispatch(f, text[begin:end], copies))
			done = end
		}
	}
	for _, m := range all {
		if m.file == name {
			found--
		}
	}
	if found != 0 {
		return "", fmt.Errorf("%s: the text of %d mutations is not within one function", name, -found)
	}
	return woven.String() + text[done:], nil
}

// dispatch returns the function that chooses, and all that it chooses from.
func dispatch(f *ast.FuncDecl, original string, copies map[int]string) string {
	of := func(n ast.Node) string { return original[n.Pos()-f.Pos() : n.End()-f.Pos()] }
	receiver, call := "", ""
	if f.Recv != nil {
		receiver, call = "(self "+of(f.Recv.List[0].Type)+") ", "self."
	}
	var parameters, arguments []string
	for _, p := range f.Type.Params.List {
		for range max(1, len(p.Names)) {
			arguments = append(arguments, fmt.Sprint("p", len(arguments)))
			parameters = append(parameters, arguments[len(arguments)-1]+" "+of(p.Type))
		}
	}
	results, give := "", ""
	if f.Type.Results != nil {
		results, give = of(f.Type.Results), "return "
	}
	head := original[:f.Name.Pos()-f.Pos()]
	tail := f.Name.End() - f.Pos()

	var b strings.Builder
	list := strings.Join(arguments, ", ")
	fmt.Fprintf(&b, "func %s%s(%s) %s {\n\tswitch mutant {\n", receiver, f.Name.Name, strings.Join(parameters, ", "), results)
	for n := range copies {
		fmt.Fprintf(&b, "\tcase %d:\n\t\t%s%s%s_%d(%s)\n", n, give, call, f.Name.Name, n, list)
	}
	fmt.Fprintf(&b, "\tdefault:\n\t\t%s%s%s_0(%s)\n\t}\n}\n", give, call, f.Name.Name, list)
	copies[0] = original
	for n, text := range copies {
		fmt.Fprintf(&b, "\n%s%s_%d%s\n", head, f.Name.Name, n, text[tail:])
	}
	return b.String()
}
