package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"

	"galaxy/healthactors/adapters/operand"
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
		return configFile{}, &operand.Error{Reason: operand.Unread(err), Want: "a YAML file of settings"}
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return configFile{}, &operand.Error{Reason: operand.Unread(err), Want: "a YAML file of settings"}
	}
	settings, err := parseConfig(text, known)
	if err != nil {
		return configFile{}, err
	}
	return configFile{path: path, settings: settings}, nil
}

// parseConfig returns the settings in a YAML text. The reason of an error begins with the line, if it has one.
func parseConfig(text []byte, known []string) (map[string]fileSetting, error) {
	if len(text) > maxFile {
		return nil, &operand.Error{Reason: "is larger than 1 MiB", Want: "a YAML file of settings"}
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
		return nil, atLine(second.Line, "", fault{"begins a second YAML document (after ---)", "all settings in one"})
	} else if !errors.Is(err, io.EOF) {
		return nil, explainYAML(text, err)
	}
	settings := map[string]fileSetting{}
	for pair := range slices.Chunk(document.Content[0].Content, 2) {
		key, value := pair[0], pair[1]
		name := key.Value
		switch earlier, twice := settings[name]; {
		case !isScalar(key):
			return nil, atLine(key.Line, "", fault{"has a key that is not a word", flagsName(known)})
		case !slices.Contains(known, name):
			return nil, atLine(key.Line, "", unknownKey(name, value, known))
		case twice:
			return nil, atLine(key.Line, name, fault{fmt.Sprintf("is set already, on line %d", earlier.line), "it once"})
		}
		words, wrong, line := words(value)
		if wrong != (fault{}) {
			return nil, atLine(line, name, wrong)
		}
		settings[name] = fileSetting{line: key.Line, words: words}
	}
	return settings, nil
}

// unknownKey says that there is no such key, and which one may have been meant.
func unknownKey(key string, value *yaml.Node, known []string) fault {
	unknown := fmt.Sprintf("unknown key %q", key)
	if value.Kind == yaml.MappingNode { // kafka: {user: app}
		for _, inner := range value.Content {
			if name := key + "-" + inner.Value; slices.Contains(known, name) {
				return fault{unknown + " with keys below it", fmt.Sprintf("them by themselves, such as %q", name)}
			}
		}
	}
	if hint := didYouMean(key, known); hint != "" {
		return fault{unknown + hint, ""}
	}
	return fault{unknown, flagsName(known)}
}

// flagsName is what a key must be.
func flagsName(known []string) string {
	return fmt.Sprintf("a flag's name without --, such as %q", known[0])
}

// words returns a scalar, or the scalars of a list, as they are written; or what is wrong with one, and on which line.
func words(node *yaml.Node) (words []word, wrong fault, line int) {
	if node.Kind != yaml.SequenceNode {
		words, wrong = wordOf(node, nil, fault{"has no plain value", `a plain value, such as 10s, or "" for none`})
		return words, wrong, node.Line
	}
	words = make([]word, 0, len(node.Content))
	for _, item := range node.Content {
		if words, wrong = wordOf(item, words, fault{"has a list item that is not a plain value", "plain values"}); wrong != (fault{}) {
			return nil, wrong, item.Line
		}
	}
	return words, fault{}, 0
}

// wordOf appends a scalar to words. YAML takes a word that ends in a colon for a key without a value.
func wordOf(node *yaml.Node, words []word, otherwise fault) ([]word, fault) {
	if isScalar(node) && node.Tag != "!!null" {
		return append(words, word{node.Value, node.Line}), fault{}
	}
	if node.Kind == yaml.MappingNode && len(node.Content) == 2 && isScalar(node.Content[0]) && node.Content[1].Tag == "!!null" {
		otherwise = quoteColon(node.Content[0].Value + ":")
	}
	return nil, otherwise
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
		return nil, &Wrong{setting: "--" + flag.Name, from: f.at(setting.line), err: &operand.Error{Reason: "is a list", Want: "one value"}}
	}
	texts := make([]string, len(setting.words))
	for i, word := range setting.words {
		texts[i] = word.text
		if err := try(flag, asItem(flag, word.text), f.at(word.line)); err != nil {
			return nil, err
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

// asItem is a text as a flag with a list takes it for one item.
func asItem(flag *kong.Flag, text string) string {
	if !flag.IsSlice() {
		return text
	}
	return kong.JoinEscaped([]string{text}, flag.Tag.Sep)
}

// at is a place in the file.
func (f configFile) at(line int) string { return fmt.Sprintf("%q line %d", f.path, line) }

func isSet(env string) bool {
	_, ok := os.LookupEnv(env)
	return ok
}
