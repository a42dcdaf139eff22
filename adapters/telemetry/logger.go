// Package telemetry shows what a node does: logs, Prometheus metrics and OpenTelemetry traces.
package telemetry

import (
	"io"
	"log/slog"

	"galaxy/healthactors/adapters/operand"
)

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug,
	"info":  slog.LevelInfo,
	"warn":  slog.LevelWarn,
	"error": slog.LevelError,
}

// NewLogger returns a logger that writes lines of the format "text" or "json" from a level on. The error is an
// *[operand.Error] of format or level.
func NewLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	least, ok := levels[level]
	if !ok {
		return nil, &operand.Error{Of: "level", Reason: "is not a level", Want: "debug, info, warn or error"}
	}
	options := &slog.HandlerOptions{Level: least}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, options)), nil
	case "json":
		options.ReplaceAttr = durationsAsText
		return slog.New(slog.NewJSONHandler(w, options)), nil
	default:
		return nil, &operand.Error{Of: "format", Reason: "is not a format", Want: "text or json"}
	}
}

// durationsAsText writes a duration as in the settings, such as 10s. JSON would show a number of nanoseconds.
func durationsAsText(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}
