package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
)

func TestNewLogger(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		for level, lines := range map[string]int{"debug": 4, "info": 3, "warn": 2, "error": 1} {
			var out bytes.Buffer
			log, err := NewLogger(&out, format, level)
			if err != nil {
				t.Fatal(err)
			}
			log.Debug("d", "game", "game 1\n")
			log.Info("i", "game", "game 1\n")
			log.Warn("w", "game", "game 1\n")
			log.Error("e", "game", "game 1\n")
			if got := strings.Count(out.String(), "\n"); got != lines {
				t.Errorf("%s from %s on: %d lines, want %d:\n%s", format, level, got, lines, out.String())
			}
			for line := range strings.Lines(out.String()) {
				if format == "text" && !strings.Contains(line, `game="game 1\n"`) || format == "json" && !json.Valid([]byte(line)) {
					t.Errorf("%s: %s", format, line)
				}
			}
		}
	}
}

func TestNewLoggerSaysWhatIsRight(t *testing.T) {
	for _, tt := range []struct{ format, level, want string }{
		{"xml", "info", "format is not a format; want text or json"},
		{"", "info", "format is not a format; want text or json"},
		{"text", "trace", "level is not a level; want debug, info, warn or error"},
		{"text", "INFO", "level is not a level; want debug, info, warn or error"},
		{"text", "", "level is not a level; want debug, info, warn or error"},
	} {
		if _, err := NewLogger(&bytes.Buffer{}, tt.format, tt.level); err == nil || err.Error() != tt.want {
			t.Errorf("%q, %q: %v, want %s", tt.format, tt.level, err, tt.want)
		}
	}
}

func TestJSONHasDurationsAsText(t *testing.T) {
	var out bytes.Buffer
	log, err := NewLogger(&out, "json", "info")
	if err != nil {
		t.Fatal(err)
	}
	log.Info("started", "interval", 10*time.Second)
	if !strings.Contains(out.String(), `"interval":"10s"`) {
		t.Errorf("logged %s", out.String())
	}
}

// OpenTelemetry's own debug lines are left out at any level; its warnings are not.
func TestOpenTelemetryIsQuiet(t *testing.T) {
	var out bytes.Buffer
	log, err := NewLogger(&out, "text", "debug")
	if err != nil {
		t.Fatal(err)
	}
	theirs := logr.FromSlogHandler(warnings{log.Handler()})
	theirs.V(4).Info("Meter created")
	theirs.V(8).Info("a detail")
	if out.Len() > 0 {
		t.Errorf("logged %s", out.String())
	}
	theirs.V(1).Info("a warning")
	theirs.Error(errors.New("broken"), "an error")
	if got := out.String(); !strings.Contains(got, "a warning") || !strings.Contains(got, "an error") {
		t.Errorf("logged %s, want the warning and the error", got)
	}
}
