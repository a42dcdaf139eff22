package tidy

import (
	"regexp"
	"strings"
)

// contractPath is where the rules are defined.
const contractPath = "docs/contract.md"

// What marks a part of a document as not built: a paragraph of its own marks all of its section, up to the next heading of
// any level; a paragraph that begins with the other marks itself.
const (
	sectionNotBuilt   = "*Not built yet.*"
	paragraphNotBuilt = "*Not built yet:*"
)

// ruleHeading defines a rule.
var ruleHeading = regexp.MustCompile(`^### ([HWSPREKJC][0-9]{1,2}) — \S`)

// rule is one that the contract defines.
type rule struct {
	id    string
	built bool
}

// rules are those that the contract defines, in its order; a rule that is defined twice is there twice.
func (t *tree) rules() []rule {
	var all []rule
	for _, s := range sections(t.text[contractPath]) {
		if m := ruleHeading.FindStringSubmatch(s.heading); m != nil {
			all = append(all, rule{m[1], s.built})
		}
	}
	return all
}

// section is what stands below a heading of a document, the first one what stands above them all.
type section struct {
	heading    string
	built      bool
	paragraphs []paragraph
}

// paragraph is what stands between two empty lines, a code block included.
type paragraph struct {
	text  string
	built bool
}

func sections(document string) []section {
	all := []section{{built: true}}
	var lines []string
	end := func() {
		if text := strings.Join(lines, "\n"); text != "" {
			s := &all[len(all)-1]
			s.built = s.built && text != sectionNotBuilt
			s.paragraphs = append(s.paragraphs, paragraph{text, !strings.HasPrefix(text, paragraphNotBuilt)})
		}
		lines = nil
	}
	fenced := false
	for line := range strings.Lines(document) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		switch {
		case !fenced && strings.HasPrefix(line, "#"):
			end()
			all = append(all, section{heading: line, built: true})
		case !fenced && line == "":
			end()
		default:
			lines = append(lines, line)
		}
	}
	end()
	for i := range all {
		for j := range all[i].paragraphs {
			all[i].paragraphs[j].built = all[i].paragraphs[j].built && all[i].built
		}
	}
	return all
}
