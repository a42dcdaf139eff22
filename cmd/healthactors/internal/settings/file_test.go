package settings

import (
	"slices"
	"strings"
	"testing"

	"galaxy/healthactors/adapters/operand"
)

func TestFile(t *testing.T) {
	for name, text := range map[string]string{
		"plain":                 "running-list: \"docker:\"\ntopic: t\n",
		"a byte order mark":     "\ufefftopic: t\n",
		"CRLF":                  "topic: t\r\nrunning-list: 'docker:'\r\n",
		"a tab behind the key":  "topic:\tt\n",
		"indented as a whole":   "  topic: t\n  interval: 1s\n",
		"one line":              "{topic: t, running-list: docker:}",
		"an empty list":         "engine: []\ntopic: t\n",
		"a list of one":         "topic: [t]\n",
		"one Engine":            "engine: a=tcp://h:1\ntopic: t\n",
		"a document's begin":    "---\ntopic: t\n",
		"an end, and a comment": "topic: t\n...\n# no more\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parse(t, "--config="+file(t, text)); err != nil || got.Topic != "t" {
				t.Errorf("topic %q, %v", got.Topic, err)
			}
		})
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "{}", "\ufeff"} {
		if _, err := parse(t, "--config="+file(t, text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzConfig holds that no configuration file panics, that what is taken has known keys only, and that an error is one line.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		"", "{}", "interval: 10s", "engine: [a=unix:///x, b=tcp://h:1]", "interval: &a 1s\nhttp: *a", "<<: {interval: 1s}",
		"interval: ~", "? [a]: b", "interval: !!binary eA==", "- a", "a: b: c", "\xff", "interval: |\n  1s\n",
		"http: docker:\n", "engine:\n\t- a", "http: \"", "engine:\n- a:\n", "\ufeff---\n...\nhttp: [",
	} {
		f.Add([]byte(text))
	}
	known := []string{"engine", "http", "interval"}
	f.Fuzz(func(t *testing.T, text []byte) {
		settings, err := parseConfig(text, known)
		if err != nil && (err.Error() == "" || strings.Contains(operand.OneLine(err.Error()), "\n")) {
			t.Errorf("error %q", err)
		}
		for key, setting := range settings {
			if err != nil || !slices.Contains(known, key) || setting.words == nil {
				t.Errorf("%q: %v, %v", key, setting, err)
			}
		}
	})
}
