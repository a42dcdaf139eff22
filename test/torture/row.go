package main

import (
	"fmt"
	"strings"
	"time"
)

// row is what came of a scenario: a line of the table in docs/measured/torture.md, and its figures below it.
type row struct {
	fault, howLong, load string
	verdict              Verdict
	recovered            time.Duration
	// command is what brings this row about.
	command string
	// notes are figures that this scenario alone has.
	notes []string
}

const head = `| fault | how long | load | lost | invented | reordered | recovered after | events | answers | delivered again | command |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`

func (r *row) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// String is the row in Markdown. Events under two ids count as invented, and deliveries with other bytes too.
func (r row) String() string {
	v := r.verdict
	return fmt.Sprintf("| %s | %s | %s | %d | %d | %d | %s | %d | %d | %d | `%s` |", r.fault, r.howLong, r.load, len(v.Lost),
		len(v.Invented)+len(v.Twice)+len(v.Altered), len(v.Reordered), r.recovered.Round(10*time.Millisecond),
		v.Events, v.Answers, v.Deliveries-v.Events, r.command)
}

// figures are the notes as an item of a list in Markdown; empty without any.
func (r row) figures() string {
	if len(r.notes) == 0 {
		return ""
	}
	const width = 118
	var b strings.Builder
	column := 0
	for n, word := range strings.Fields(fmt.Sprintf("- `%s`: %s.", strings.TrimPrefix(r.command, program), strings.Join(r.notes, "; "))) {
		switch {
		case n == 0:
		case column+1+len(word) > width:
			b.WriteString("\n  ")
			column = 2
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}

// broken says in words what departs, ten of each kind; empty when nothing does.
func (v Verdict) broken() string {
	var b strings.Builder
	for _, kind := range []struct {
		name  string
		cases []string
	}{
		{"lost", v.Lost},
		{"invented", v.Invented},
		{"under two ids", v.Twice},
		{"reordered", v.Reordered},
		{"altered", v.Altered},
	} {
		for n, text := range kind.cases {
			if n == 10 {
				fmt.Fprintf(&b, "%s: and %d more\n", kind.name, len(kind.cases)-n)
				break
			}
			fmt.Fprintf(&b, "%s: %s\n", kind.name, text)
		}
	}
	return b.String()
}
