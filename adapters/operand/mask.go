// Package operand is what several adapters need to read what operators type, and to speak of it.
package operand

import (
	"regexp"
	"strings"
)

// Both patterns take too much rather than too little: people forget to escape what a password has in it.
var (
	quoted        = regexp.MustCompile(`"(?:\\.|[^"\\])*"`)
	urlInQuotes   = regexp.MustCompile(`(://[^:@"]*):.*@`)
	noURLInQuotes = regexp.MustCompile(`^("(?:[\w.-]+=)?[^:@"]*):.*@`) // user:password@host, where somebody forgot the scheme
	urlPassword   = regexp.MustCompile(`(://[^:@/\s"]*):[^"\[]*@`)     // a [ stands in explanations, as in ssh://[USER@]HOST
	namedPassword = regexp.MustCompile(`(?i)((?:password|passwd|passphrase|pwd|token|secret|api[_-]?key|auth)=)(?:\\.|[^&"\\\s])*`)
)

// MaskText hides the passwords of URLs in a text, so that it can be shown or logged. A URL in quotes may have anything in it.
func MaskText(text string) string {
	text = quoted.ReplaceAllStringFunc(text, func(s string) string {
		if strings.Contains(s, "://") {
			return urlInQuotes.ReplaceAllString(s, "$1:xxxxx@")
		}
		return noURLInQuotes.ReplaceAllString(s, "$1:xxxxx@")
	})
	text = urlPassword.ReplaceAllString(text, "$1:xxxxx@")
	return namedPassword.ReplaceAllString(text, "${1}xxxxx")
}

// OneLine joins the lines of a text, so that one error is one line.
func OneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}
