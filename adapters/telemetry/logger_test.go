package telemetry

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
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
		{"xml", "info", `--log-format "xml": right are text and json`},
		{"", "info", `--log-format "": right are text and json`},
		{"text", "trace", `--log-level "trace": right are debug, info, warn and error`},
		{"text", "INFO", `--log-level "INFO": right are debug, info, warn and error`},
		{"text", "", `--log-level "": right are debug, info, warn and error`},
	} {
		if _, err := NewLogger(&bytes.Buffer{}, tt.format, tt.level); err == nil || err.Error() != tt.want {
			t.Errorf("%q, %q: %v, want %s", tt.format, tt.level, err, tt.want)
		}
	}
}
