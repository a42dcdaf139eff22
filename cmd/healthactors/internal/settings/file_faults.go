package settings

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// What the YAML library says of a text that is no YAML is true, but no help: of "running-list: docker:" it says that mapping
// values are not allowed in this context. What follows looks at the lines for what people write.

var (
	// The library names no line where it is the first one, or where it can't read the text at all.
	yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)
	// The library counts the lines of these from 0.
	countsFromZero = regexp.MustCompile(`did not find expected (key|node content|<document start>|',' or|'-' indicator)`)

	topKey   = regexp.MustCompile(`^["']?([\w.-]+)["']?\s*:(?:\s|$)`)
	behind   = regexp.MustCompile(`^\s*(?:-\s+)*(?:["']?[\w.-]+["']?\s*:\s+)?(.*)$`)
	noBlank  = regexp.MustCompile(`^[\w-]+[:=]\S`)
	harmless = regexp.MustCompile(`^[\w.-]+:$`) // docker:, but no URL with a password
)

// explainYAML says on which line and of which key the text is no YAML, and what would be right.
func explainYAML(text []byte, err error) error {
	lines := linesOf(text)
	found := yamlLine.FindStringSubmatch(err.Error())
	message := strings.TrimPrefix(err.Error(), found[0])
	at := 0
	if found[1] != "" {
		at, _ = strconv.Atoi(found[1])
		if !countsFromZero.MatchString(message) {
			at--
		}
	}
	at = min(at, len(lines)-1)
	for at > 0 && strings.TrimSpace(lines[at]) == "" {
		at--
	}
	look := []int{at, max(at-1, 0)} // what begins on a line may be missed on the next
	for i := range lines {
		if found[1] == "" {
			look = append(look, i)
		}
	}
	for _, i := range look {
		if fault := lineFault(lines[i]); fault != "" {
			return atLine(lines, i, fault)
		}
	}
	if lines[at] != strings.TrimLeft(lines[at], " ") && topKey.MatchString(strings.TrimLeft(lines[at], " ")) {
		return atLine(lines, at, "a key must begin in the same column as the others")
	}
	return atLine(lines, at, fmt.Sprintf("it is no YAML (%s); a setting is written KEY: VALUE, and its value in quotes where it has a colon in it", message))
}

// noMapping says that a text is YAML, but no settings; nil where it is nothing but comments.
func noMapping(text []byte, content []*yaml.Node) error {
	lines, at := linesOf(text), 0
	if len(content) > 0 {
		if isScalar(content[0]) && content[0].Tag == "!!null" {
			return nil
		}
		at = min(max(content[0].Line-1, 0), len(lines)-1)
	}
	return atLine(lines, at, "it is no YAML mapping of settings; a setting is written KEY: VALUE, such as interval: 10s, with a blank after the colon")
}

// atLine is the fault of a line, with the key that it belongs to.
func atLine(lines []string, at int, fault string) error {
	for i := at; i >= 0; i-- {
		line := lines[i]
		if i == at {
			line = strings.TrimLeft(line, " \t")
		}
		if key := topKey.FindStringSubmatch(line); key != nil {
			return fmt.Errorf("line %d: %s: %s", at+1, key[1], fault)
		}
		if strings.TrimLeft(lines[i], " \t-") == lines[i] { // it goes on with no line above
			break
		}
	}
	return fmt.Errorf("line %d: %s", at+1, fault)
}

// lineFault is what is wrong with a line of a text that is no YAML; empty where the line by itself seems right.
func lineFault(line string) string {
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	value := valueOf(line)
	switch {
	case !utf8.ValidString(line):
		return "it is not UTF-8"
	case strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
		return "it has a control character"
	case strings.Contains(indent, "\t") && strings.TrimSpace(line) != "":
		return "it is indented with a tab; YAML wants blanks"
	case value == "" || value[0] == '|' || value[0] == '>' || value[0] == '#':
		return ""
	case value[0] == '"' || value[0] == '\'':
		if strings.Count(value, value[:1])%2 != 0 {
			return "its quote is not closed"
		}
		return ""
	case strings.ContainsRune("*&!%@`", rune(value[0])),
		value[0] == '[' && !strings.HasSuffix(value, "]"), value[0] == '{' && !strings.HasSuffix(value, "}"):
		return fmt.Sprintf("a value that begins with %c must be quoted", value[0])
	case value[0] == '[' || value[0] == '{':
		return ""
	case strings.HasSuffix(value, ":") && len(value) < len(strings.TrimSpace(line)):
		return quoteColon(value)
	case noBlank.MatchString(line):
		return "a setting is written KEY: VALUE, with a blank after the colon"
	case strings.Contains(value, ": "):
		return "a value with a colon and a blank in it must be quoted"
	}
	return ""
}

// quoteColon says what to do with a value that ends in a colon.
func quoteColon(value string) string {
	const fault = "a value that ends in a colon must be quoted"
	if !harmless.MatchString(value) {
		return fault
	}
	return fmt.Sprintf("%s, as in %q", fault, value)
}

// valueOf is what stands in a line behind its key or dash, without a comment.
func valueOf(line string) string {
	value := behind.FindStringSubmatch(strings.ToValidUTF8(line, "?"))[1]
	if comment := strings.Index(value, " #"); comment >= 0 {
		value = value[:comment]
	}
	return strings.TrimSpace(value)
}

func linesOf(text []byte) []string {
	lines := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines
}
