package settings

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"galaxy/healthactors/adapters/operand"
)

// fault is what is wrong with a line of a configuration file, and what would be right. None is empty.
type fault struct{ reason, want string }

// atLine is an error of a line, and perhaps of a key.
func atLine(line int, key string, f fault) error {
	if key != "" {
		f.reason = key + ": " + f.reason
	}
	return &operand.Error{Reason: fmt.Sprintf("line %d: %s", line, f.reason), Want: f.want}
}

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
		if wrong := lineFault(lines[i]); wrong != (fault{}) {
			return belowKey(lines, i, wrong)
		}
	}
	if lines[at] != strings.TrimLeft(lines[at], " ") && topKey.MatchString(strings.TrimLeft(lines[at], " ")) {
		return belowKey(lines, at, fault{"begins in another column than the other keys", "the same column"})
	}
	return belowKey(lines, at, fault{fmt.Sprintf("is not YAML (%s)", message), "KEY: VALUE, and the value in quotes where it has a colon in it"})
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
	return belowKey(lines, at, fault{"is not a YAML mapping of settings", "KEY: VALUE, such as interval: 10s, with a blank after the colon"})
}

// belowKey is the fault of a line, with the key that it belongs to.
func belowKey(lines []string, at int, f fault) error {
	for i := at; i >= 0; i-- {
		line := lines[i]
		if i == at {
			line = strings.TrimLeft(line, " \t")
		}
		if key := topKey.FindStringSubmatch(line); key != nil {
			return atLine(at+1, key[1], f)
		}
		if strings.TrimLeft(lines[i], " \t-") == lines[i] { // it goes on with no line above
			break
		}
	}
	return atLine(at+1, "", f)
}

// lineFault is what is wrong with a line of a text that is no YAML; none where the line by itself seems right.
func lineFault(line string) fault {
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	value := valueOf(line)
	const inQuotes = "it quoted"
	switch {
	case !utf8.ValidString(line):
		return fault{"is not UTF-8", "a file in UTF-8"}
	case strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
		return fault{"has a control character", "none"}
	case strings.Contains(indent, "\t") && strings.TrimSpace(line) != "":
		return fault{"is indented with a tab", "blanks"}
	case value == "" || value[0] == '|' || value[0] == '>' || value[0] == '#':
		return fault{}
	case value[0] == '"' || value[0] == '\'':
		if strings.Count(value, value[:1])%2 != 0 {
			return fault{"has a value whose quote is not closed", "it closed"}
		}
		return fault{}
	case strings.ContainsRune("*&!%@`", rune(value[0])),
		value[0] == '[' && !strings.HasSuffix(value, "]"), value[0] == '{' && !strings.HasSuffix(value, "}"):
		return fault{fmt.Sprintf("has a value that begins with %c and is not quoted", value[0]), inQuotes}
	case value[0] == '[' || value[0] == '{':
		return fault{}
	case strings.HasSuffix(value, ":") && len(value) < len(strings.TrimSpace(line)):
		return quoteColon(value)
	case noBlank.MatchString(line):
		return fault{"has no blank between a key's colon and its value", "KEY: VALUE"}
	case strings.Contains(value, ": "):
		return fault{"has a value with a colon and a blank in it that is not quoted", inQuotes}
	}
	return fault{}
}

// quoteColon says what to do with a value that ends in a colon.
func quoteColon(value string) fault {
	want := "it quoted"
	if harmless.MatchString(value) {
		want += fmt.Sprintf(", as in %q", value)
	}
	return fault{"has a value that ends in a colon and is not quoted", want}
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
