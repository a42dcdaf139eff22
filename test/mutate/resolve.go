package main

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// change is a mutation, found in the code.
type change struct {
	mutation
	at *function
	// mutant is the function's text with the mutation in it.
	mutant string
}

// resolve finds all mutations in the code. Its error names each that is not to be found at exactly one place, and each that
// stands there twice.
func resolve(all []mutation, code []*function) ([]change, error) {
	var wrong []error
	keys := map[string]bool{}
	changes := make([]change, len(all))
	for n, m := range all {
		var err error
		if changes[n], err = m.resolve(code); err != nil {
			wrong = append(wrong, err)
		}
		if keys[m.key] {
			wrong = append(wrong, fmt.Errorf("%s: there are two of this key", m.key))
		}
		keys[m.key] = true
	}
	return changes, errors.Join(wrong...)
}

// resolve finds a mutation in the code, also in code in which names have changed since it was written down:
//
//  1. In the functions of its function's name, whatever their packages.
//  2. Where there are none, in those that have this name but for its first letter's case and the receiver, as a function has
//     that moved to another package.
//  3. Else in any function.
//
// In each of these its tokens count as they stand or, where they don't, with other identifiers in the place of its own, each
// by one other; then what takes their place has the other ones too. So many are other ones at once only where the code is of a
// like shape by chance: mostRenamed may be, those apart that differ in letters' case alone. More than one place is an error at
// each step.
func (m mutation) resolve(code []*function) (change, error) {
	old, err := lex(m.old)
	if err != nil || len(old) == 0 {
		return change{}, fmt.Errorf("%s: there is no piece of Go to look for: %w", m.key, err)
	}
	var named, alike []*function
	for _, f := range code {
		if f.name == m.function {
			named = append(named, f)
		}
		if strings.EqualFold(bare(f.name), bare(m.function)) {
			alike = append(alike, f)
		}
	}
	steps := [][]*function{named}
	if len(named) == 0 {
		steps = [][]*function{alike, code}
	}
	for _, functions := range steps {
		found := places(functions, old, false)
		if len(found) == 0 {
			found = places(functions, old, true)
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return m.change(found[0])
		}
		return change{}, fmt.Errorf("%s: its text is ambiguous: it stands in %s", m.key, list(found))
	}
	if len(named) == 0 {
		return change{}, fmt.Errorf("%s: there is no %s any more, and its text is nowhere else", m.key, m.function)
	}
	return change{}, fmt.Errorf("%s: its text is not in %s any more", m.key, m.function)
}

// bare is a function's name without its receiver.
func bare(name string) string { return name[strings.LastIndex(name, ".")+1:] }

// place is where a piece of Go stands in a function, from byte to byte, and by which other names.
type place struct {
	in         *function
	begin, end int
	names      map[string]string
}

// list names places, the first few of many.
func list(places []place) string {
	const few = 5
	var all []string
	for _, p := range places[:min(len(places), few)] {
		all = append(all, p.in.name+" in "+p.in.file.path)
	}
	if more := len(places) - few; more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, ", ")
}

// places are those in which a piece of Go stands, renamed or as it is.
func places(functions []*function, piece []lexeme, renamed bool) (found []place) {
	for _, f := range functions {
		for n := range len(f.tokens) - len(piece) + 1 {
			if names, same := compare(piece, f.tokens[n:n+len(piece)], renamed); same {
				found = append(found, place{f, f.tokens[n].begin, f.tokens[n+len(piece)-1].end, names})
			}
		}
	}
	return found
}

// mostRenamed is how many names of a piece of Go may be other ones.
const mostRenamed = 2

// compare says whether two pieces of Go are the same but for the names of the second's identifiers, when they may have others:
// each always the same one, no two the same, not too many, and nothing that Go itself declares.
func compare(piece, other []lexeme, renamed bool) (names map[string]string, same bool) {
	if !renamed {
		return nil, slices.EqualFunc(piece, other, func(a, b lexeme) bool { return a.text == b.text })
	}
	names, back := map[string]string{}, map[string]string{}
	others := 0
	for n, a := range piece {
		b := other[n]
		if a.kind != b.kind {
			return nil, false
		}
		if a.kind != token.IDENT || isFixed(a.text) || isFixed(b.text) {
			if a.text != b.text {
				return nil, false
			}
			continue
		}
		to, known := names[a.text]
		from, taken := back[b.text]
		if known != taken || known && (to != b.text || from != a.text) {
			return nil, false
		}
		if !known && !strings.EqualFold(a.text, b.text) {
			others++
		}
		names[a.text], back[b.text] = b.text, a.text
	}
	if others > mostRenamed {
		return nil, false
	}
	return names, true
}

// isFixed says that an identifier can't have another name: nil, len, string and the like.
func isFixed(name string) bool { return name == "_" || types.Universe.Lookup(name) != nil }

// change is the mutation in its place.
func (m mutation) change(p place) (change, error) {
	replacement, err := rename(m.new, p.names)
	if err != nil {
		return change{}, fmt.Errorf("%s: what takes the place is no piece of Go: %w", m.key, err)
	}
	mutant := p.in.text[:p.begin] + replacement + p.in.text[p.end:]
	tokens, err := lex(mutant)
	if err != nil || slices.EqualFunc(tokens, p.in.tokens, func(a, b lexeme) bool { return a.text == b.text }) {
		return change{}, fmt.Errorf("%s: it changes nothing", m.key)
	}
	return change{m, p.in, mutant}, nil
}

// rename gives the identifiers in a piece of Go other names.
func rename(text string, names map[string]string) (string, error) {
	tokens, err := lex(text)
	if err != nil || len(names) == 0 {
		return text, err
	}
	var b strings.Builder
	done := 0
	for _, t := range tokens {
		if name, other := names[t.text]; other && t.kind == token.IDENT {
			b.WriteString(text[done:t.begin] + name)
			done = t.end
		}
	}
	return b.String() + text[done:], nil
}
