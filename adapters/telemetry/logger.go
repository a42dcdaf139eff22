// Package telemetry shows what a node does: logs, Prometheus metrics and OpenTelemetry traces.
package telemetry

import (
	"fmt"
	"io"
	"log/slog"
)

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug,
	"info":  slog.LevelInfo,
	"warn":  slog.LevelWarn,
	"error": slog.LevelError,
}

// NewLogger returns a logger that writes lines in the format "text" or "json", from a level upwards. An error names the
// setting and what would be right.
func NewLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	least, ok := levels[level]
	if !ok {
		return nil, fmt.Errorf("--log-level %q: right are debug, info, warn and error", level)
	}
	options := &slog.HandlerOptions{Level: least}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		options.ReplaceAttr = durationsAsText
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, fmt.Errorf("--log-format %q: right are text and json", format)
	}
}

// durationsAsText writes a duration as in the settings, such as 10s. JSON would show a number of nanoseconds.
func durationsAsText(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}
