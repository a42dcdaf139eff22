package tidy

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// documents are the pages whose words are held against the tree.
func (t *tree) documents() []string {
	return slices.DeleteFunc(slices.Clone(t.paths), func(p string) bool {
		return p != "README.md" && p != "CONTRIBUTING.md" && (path.Dir(p) != "docs" || path.Ext(p) != ".md")
	})
}

// eachParagraph calls do with the paragraphs of all documents.
func (t *tree) eachParagraph(do func(document string, p paragraph)) {
	for _, document := range t.documents() {
		for _, s := range sections(t.text[document]) {
			do(document, paragraph{s.heading, s.built})
			for _, p := range s.paragraphs {
				do(document, p)
			}
		}
	}
}

var (
	codeBlock = regexp.MustCompile("(?s)```.*?```")
	codeSpan  = regexp.MustCompile("`([^`]+)`")
	link      = regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)\s]*)?\)`)
)

// missingPaths finds the paths that a document names, in backticks or as a link, and that are not in the tree.
func (t *tree) missingPaths() (found []finding) {
	t.eachParagraph(func(document string, p paragraph) {
		for _, m := range link.FindAllStringSubmatch(p.text, -1) {
			if !t.has(path.Join(path.Dir(document), m[1])) {
				found = append(found, finding{m[1], "is where a link of " + document + " leads, and is not there"})
			}
		}
		for _, span := range codeSpan.FindAllStringSubmatch(codeBlock.ReplaceAllString(p.text, ""), -1) {
			for word := range strings.FieldsSeq(span[1]) {
				if word = trimmedPath(word); !t.isThere(word, path.Dir(document)) {
					found = append(found, finding{word, "is named in " + document + " and is not there"})
				}
			}
		}
	})
	return found
}

// trimmedPath takes away what a command or a sentence puts around a path.
func trimmedPath(word string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimRight(word, ".,;:"), "./"), "/...")
}

// isThere says whether a word is no path of this tree, or one that is there: from the root, or from the document. A path begins
// with what is at the root, or ends as a source file or a directory does; such an end may be that of any path.
func (t *tree) isThere(word, dir string) bool {
	first, _, inDir := strings.Cut(word, "/")
	switch {
	case first == "", strings.ContainsAny(word, "…{}<>=$\\|'\"") || strings.Contains(word, "//"):
		return true
	case inDir && t.dirs[first]:
		return t.has(strings.TrimSuffix(word, "/")) || t.has(path.Join(dir, word))
	case slices.Contains([]string{".go", ".md", ".proto"}, path.Ext(word)), inDir && strings.HasSuffix(word, "/"):
		return t.hasBelow(strings.TrimSuffix(word, "/"))
	default:
		return true
	}
}

// wrongNames finds the names in built paragraphs that are no real ones, and the real ones that the contract's built paragraphs
// lack. The pattern's group is a name in a text, and kind says what a real one is.
func (t *tree) wrongNames(pattern *regexp.Regexp, kind string, real []string) (found []finding) {
	missing := slices.Clone(real)
	t.eachParagraph(func(document string, p paragraph) {
		if !p.built {
			return
		}
		for _, m := range pattern.FindAllStringSubmatch(p.text, -1) {
			name := m[1]
			f := finding{name, "is named in " + document + " and is no " + kind}
			if !slices.Contains(real, name) && !slices.Contains(found, f) {
				found = append(found, f)
			}
			if document == contractPath {
				missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
			}
		}
	})
	for _, name := range missing {
		found = append(found, finding{name, "is a " + kind + " that " + contractPath + " lacks, or says to be not built"})
	}
	return found
}
