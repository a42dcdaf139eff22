package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"
)

// maxFile bounds a configuration file, which is a page or two.
const maxFile = 1 << 20

// configFile is a YAML file of settings. Its keys are the flags' names without dashes in front.
type configFile struct {
	path     string
	settings map[string]fileSetting
}

// fileSetting is a setting in a file: one word, or several where the file has a list.
type fileSetting struct {
	line  int
	words []word
}

type word struct {
	text string
	line int
}

// readConfigFile reads the settings in a file, of which only the known ones are allowed.
func readConfigFile(path string, known []string) (configFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return configFile{}, fmt.Errorf("%q can't be read: %w", path, errors.Unwrap(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return configFile{}, fmt.Errorf("%q can't be read: %w", path, errors.Unwrap(err))
	}
	settings, err := parseConfig(text, known)
	if err != nil {
		return configFile{}, fmt.Errorf("%q %w", path, err)
	}
	return configFile{path: path, settings: settings}, nil
}

// parseConfig returns the settings in a YAML text. An error begins with the line, if it has one.
func parseConfig(text []byte, known []string) (map[string]fileSetting, error) {
	if len(text) > maxFile {
		return nil, errors.New("is larger than 1 MiB")
	}
	var document, second yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	if err := documents.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, explainYAML(text, err)
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, noMapping(text, document.Content)
	}
	if err := documents.Decode(&second); err == nil {
		return nil, fmt.Errorf("line %d: here begins a second YAML document (after ---); all settings must be in one", second.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, explainYAML(text, err)
	}
	settings := map[string]fileSetting{}
	for pair := range slices.Chunk(document.Content[0].Content, 2) {
		key, value := pair[0], pair[1]
		name := key.Value
		switch earlier, twice := settings[name]; {
		case !isScalar(key):
			return nil, fmt.Errorf("line %d: a key must be a flag's name without --, such as %q", key.Line, known[0])
		case !slices.Contains(known, name):
			return nil, fmt.Errorf("line %d: unknown key %q%s", key.Line, name, meantKey(name, value, known))
		case twice:
			return nil, fmt.Errorf("line %d: %s is set already, on line %d", key.Line, name, earlier.line)
		}
		words, wrong := words(value)
		if wrong != nil {
			return nil, fmt.Errorf("line %d: %s: %s", wrong.line, name, wrong.text)
		}
		settings[name] = fileSetting{line: key.Line, words: words}
	}
	return settings, nil
}

// meantKey says what would be right in place of an unknown key.
func meantKey(key string, value *yaml.Node, known []string) string {
	if value.Kind == yaml.MappingNode { // kafka: {user: app}
		for _, inner := range value.Content {
			if name := key + "-" + inner.Value; slices.Contains(known, name) {
				return fmt.Sprintf(", did you mean %q? Keys are not nested", name)
			}
		}
	}
	if hint := didYouMean(key, known); hint != "" {
		return hint
	}
	return fmt.Sprintf("; the keys are the flags' names without --, such as %q", known[0])
}

// words returns a scalar, or the scalars of a list, as they are written; or what is wrong with one.
func words(node *yaml.Node) (words []word, wrong *word) {
	if node.Kind != yaml.SequenceNode {
		return wordOf(node, nil, `it must be a plain value, such as 10s, or "" for none`)
	}
	words = make([]word, 0, len(node.Content))
	for _, item := range node.Content {
		if words, wrong = wordOf(item, words, "a list item must be a plain value"); wrong != nil {
			return nil, wrong
		}
	}
	return words, nil
}

// wordOf appends a scalar to words. YAML takes a word that ends in a colon for a key without a value.
func wordOf(node *yaml.Node, words []word, otherwise string) ([]word, *word) {
	if isScalar(node) && node.Tag != "!!null" {
		return append(words, word{node.Value, node.Line}), nil
	}
	if node.Kind == yaml.MappingNode && len(node.Content) == 2 && isScalar(node.Content[0]) && node.Content[1].Tag == "!!null" {
		otherwise = quoteColon(node.Content[0].Value + ":")
	}
	return nil, &word{otherwise, node.Line}
}

func isScalar(node *yaml.Node) bool { return node.Kind == yaml.ScalarNode }

// Validate implements [kong.Resolver]; the keys were looked at when the file was read.
func (f configFile) Validate(*kong.Application) error { return nil }

// Resolve gives kong the file's value of a flag that neither the command line nor the environment sets.
func (f configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	setting, ok := f.settings[flag.Name]
	if !ok || slices.ContainsFunc(flag.Envs, isSet) {
		return nil, nil
	}
	if !flag.IsSlice() && len(setting.words) != 1 {
		return nil, fmt.Errorf("%s: it must be one value, not a list", f.at(setting.line))
	}
	texts := make([]string, len(setting.words))
	for i, word := range setting.words {
		texts[i] = word.text
		if err := try(flag, word.text); err != nil {
			return nil, fmt.Errorf("%s: %w", f.at(word.line), err)
		}
	}
	switch {
	case len(texts) == 0: // an empty list is none
		return nil, nil
	case flag.IsSlice():
		return kong.JoinEscaped(texts, flag.Tag.Sep), nil
	default:
		return texts[0], nil
	}
}

// try decodes a value of a flag, or an item of its list, as kong will; but kong's error wouldn't say where it stands.
func try(flag *kong.Flag, text string) error {
	if flag.IsSlice() {
		text = kong.JoinEscaped([]string{text}, flag.Tag.Sep)
	}
	scratch := reflect.New(flag.Target.Type()).Elem()
	scan := kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: text})
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, scratch); err != nil {
		return err
	}
	return checkChoice(flag, text)
}

// at is a place in the file.
func (f configFile) at(line int) string { return fmt.Sprintf("%q line %d", f.path, line) }

func isSet(env string) bool {
	_, ok := os.LookupEnv(env)
	return ok
}
