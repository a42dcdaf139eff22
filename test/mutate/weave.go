package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"
)

// variable is the one of the environment that tells a woven program which mutation it is: 1 is the first of all, 0 is none.
const variable = "MUTANT"

// selector is the file that reads it, in each package.
const selector = `package %s

import (
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv(%q))
`

// weave returns the files that change for all mutations to be in the code, by their paths, so that they are compiled once. A
// function that has mutations becomes one that calls the original or a mutated copy.
func weave(changes []change) map[string]string {
	mutants := map[*function]map[int]string{}
	in := map[*source][]*function{}
	for n, c := range changes {
		if mutants[c.at] == nil {
			mutants[c.at] = map[int]string{}
			in[c.at.file] = append(in[c.at.file], c.at)
		}
		// The compiler, and a panic, say which mutation it is, instead of a file's name.
		mutants[c.at][n+1] = fmt.Sprintf("//line %s:1\n%s", c.key, c.mutant)
	}
	files := map[string]string{}
	for file, functions := range in {
		files[path.Join(file.folder, "mutant.go")] = fmt.Sprintf(selector, file.pkg, variable)
		files[file.path] = file.weave(functions, mutants)
	}
	return files
}

// weave gives the functions another name, and adds behind all else those that choose, and the mutants.
func (s *source) weave(functions []*function, mutants map[*function]map[int]string) string {
	slices.SortFunc(functions, func(a, b *function) int { return cmp.Compare(a.decl.Pos(), b.decl.Pos()) })
	var renamed, added strings.Builder
	done := 0
	for _, f := range functions {
		end := s.offset(f.decl.Name.End())
		renamed.WriteString(s.text[done:end] + "_0")
		done = end
		numbers := slices.Sorted(maps.Keys(mutants[f]))
		added.WriteString(f.choice(numbers))
		for _, n := range numbers {
			head, name := mutants[f][n], f.decl.Name.Name
			// Before its name stand the directive and the receiver, which no mutation changes.
			at := strings.Index(head, "\n") + 1 + s.offset(f.decl.Name.Pos()) - s.offset(f.decl.Pos()) + len(name)
			fmt.Fprintf(&added, "\n%s_%d%s\n", head[:at], n, head[at:])
		}
	}
	return renamed.String() + s.text[done:] + added.String()
}

// choice is the function that calls the original or one of the mutants.
func (f *function) choice(mutants []int) string {
	of := func(n ast.Node) string { return f.file.text[f.file.offset(n.Pos()):f.file.offset(n.End())] }
	receiver, call := "", f.decl.Name.Name
	if f.decl.Recv != nil {
		receiver, call = "(self "+of(f.decl.Recv.List[0].Type)+") ", "self."+call
	}
	var parameters, arguments []string
	for _, p := range f.decl.Type.Params.List {
		for range max(1, len(p.Names)) {
			argument := fmt.Sprint("p", len(arguments))
			parameters = append(parameters, argument+" "+of(p.Type))
			if _, variadic := p.Type.(*ast.Ellipsis); variadic {
				argument += "..."
			}
			arguments = append(arguments, argument)
		}
	}
	results, give := "", ""
	if f.decl.Type.Results != nil {
		results, give = of(f.decl.Type.Results), "return "
	}
	var b strings.Builder
	list := strings.Join(arguments, ", ")
	fmt.Fprintf(&b, "\nfunc %s%s(%s) %s {\n\tswitch mutant {\n", receiver, f.decl.Name.Name, strings.Join(parameters, ", "), results)
	for _, n := range mutants {
		fmt.Fprintf(&b, "\tcase %d:\n\t\t%s%s_%d(%s)\n", n, give, call, n, list)
	}
	fmt.Fprintf(&b, "\tdefault:\n\t\t%s%s_0(%s)\n\t}\n}\n", give, call, list)
	return b.String()
}
