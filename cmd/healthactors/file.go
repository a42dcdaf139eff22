package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
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
	path   string
	values map[string][]string
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
	values, err := parseConfig(text, known)
	if err != nil {
		return configFile{}, fmt.Errorf("%q: %w", path, err)
	}
	return configFile{path: path, values: values}, nil
}

// parseConfig returns the words of each setting in a YAML text: one, or several where the text has a list.
func parseConfig(text []byte, known []string) (map[string][]string, error) {
	if len(text) > maxFile {
		return nil, errors.New("larger than 1 MiB")
	}
	var nodes map[string]yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	if err := documents.Decode(&nodes); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not a YAML mapping of settings: %w", err)
	}
	var second yaml.Node
	if err := documents.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has a second YAML document (after ---); all settings must be in one")
	}
	values := make(map[string][]string, len(nodes))
	for _, key := range slices.Sorted(maps.Keys(nodes)) {
		if !slices.Contains(known, key) {
			return nil, fmt.Errorf("unknown key %q; the keys are the flags' names without --, such as %q", key, known[0])
		}
		node := nodes[key]
		words, err := words(&node)
		if err != nil {
			return nil, fmt.Errorf("%s (line %d): %w", key, node.Line, err)
		}
		values[key] = words
	}
	return values, nil
}

// words returns a scalar, or the scalars of a list, as they are written.
func words(node *yaml.Node) ([]string, error) {
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag != "!!null":
		return []string{node.Value}, nil
	case node.Kind == yaml.SequenceNode:
		list := make([]string, 0, len(node.Content))
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
				return nil, errors.New("a list item must be a plain value")
			}
			list = append(list, item.Value)
		}
		return list, nil
	default:
		return nil, errors.New(`must be a plain value, such as 10s, or "" for none`)
	}
}

// Validate implements [kong.Resolver]; the keys were looked at when the file was read.
func (f configFile) Validate(*kong.Application) error { return nil }

// Resolve gives kong the file's value of a flag that neither the command line nor the environment sets.
func (f configFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	words, ok := f.values[flag.Name]
	if !ok || slices.ContainsFunc(flag.Envs, isSet) {
		return nil, nil
	}
	if !flag.IsSlice() && len(words) != 1 {
		return nil, fmt.Errorf("in %q: must be one value, not a list", f.path)
	}
	value := words[0]
	if flag.IsSlice() {
		value = kong.JoinEscaped(words, flag.Tag.Sep)
	}
	// Kong decodes it once more, but its error wouldn't name the file.
	scratch := reflect.New(flag.Target.Type()).Elem()
	scan := kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: value})
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, scratch); err != nil {
		return nil, fmt.Errorf("in %q: %w", f.path, err)
	}
	return value, nil
}

func isSet(env string) bool {
	_, ok := os.LookupEnv(env)
	return ok
}
