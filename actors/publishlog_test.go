package actors

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"galaxy/healthactors/actors/internal/stream"
)

// TestPublishLog holds the lines about acknowledged events to P5. A story's words: a number of events is acknowledged, f is
// a flush, t is the next tick; what was logged then is expected behind the colon, as the number of lines, or as the count
// in one line.
func TestPublishLog(t *testing.T) {
	tests := []struct{ name, story string }{
		{"P5 nothing", "f: t:"},
		{"P5 a few are lines", "1: 2: f:3 f:"},
		{"P5 ten are lines", "10: f:10"},
		{"P5 eleven are one line", "11: f:count=11"},
		{"P5 thirty, one after the other", "9: 9: 12: f:count=30 f:"},
		{"P5 ten in two flushes", "4: f:4 6: f:6"},
		{"P5 what is beyond ten in a tick is one line, also later", "8: f:8 3: f:count=3 1: f:count=1"},
		{"P5 another tick begins anew", "11: f:count=11 t: 2: f:2"},
		{"P5 a tick flushes", "3: t:3 3: t:3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			log := slog.New(slog.NewTextHandler(&out, nil))
			var l publishLog
			waits := false
			for step := range strings.FieldsSeq(tt.story) {
				word, want, _ := strings.Cut(step, ":")
				switch word {
				case "f":
					l.flush(log)
					waits = false
				case "t":
					l.tick(log)
					waits = false
				default:
					var n int
					_, _ = fmt.Sscan(word, &n)
					acked := slices.Repeat([]*stream.Pending{{Observed: &stream.Observed{Detection: &stream.Detection{}}}}, n)
					if later := l.add("game", acked); later == waits {
						t.Errorf("%s: call for a flush: %t", step, later)
					}
					waits = true
				}
				logged := out.String()
				out.Reset()
				if strings.HasPrefix(want, "count=") {
					if !strings.Contains(logged, want+" ") || strings.Count(logged, "\n") != 1 {
						t.Errorf("%s: logged %q", step, logged)
					}
				} else if lines := strings.Count(logged, "\n"); fmt.Sprint(lines) != want && (lines != 0 || want != "") {
					t.Errorf("%s: logged %q", step, logged)
				}
			}
		})
	}
}
