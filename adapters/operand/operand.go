// Package operand is what several adapters need to read what operators type: addresses, certificate files and Postgres URLs, in
// which way to say that something is wrong with one, and how to hide what is secret in it.
package operand

import "strings"

// Error says what is wrong with something that an operator typed, and what would be right: "has no port; want HOST:PORT". It
// has neither the setting's name nor the value, which may have a secret in it: the command, which knows both, puts them before it.
type Error struct {
	// Of says which one it is of several that were given: a field of a Config, or a variable of the environment.
	Of string
	// Reason goes on where the value ends: "has no port", "can't be read: no such file or directory".
	Reason string
	// Want says what would be right; it may be empty where the reason says it.
	Want string
	// Hidden: the value is a secret as a whole.
	Hidden bool
}

// Error is the reason and what would be right, on one line.
func (e *Error) Error() string {
	text := OneLine(e.Reason)
	if e.Of != "" {
		text = e.Of + " " + text
	}
	if e.Want != "" {
		text += "; want " + e.Want
	}
	return text
}

// OneLine is a text of several lines on one. Equal lines that follow each other are there once: a database's driver has a line
// for each try.
func OneLine(text string) string {
	var line strings.Builder
	var last string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		part = strings.TrimSpace(part)
		switch {
		case part == "" || part == last:
			continue
		case strings.HasSuffix(last, ":"):
			line.WriteString(" ")
		case last != "":
			line.WriteString("; ")
		}
		line.WriteString(part)
		last = part
	}
	return line.String()
}
