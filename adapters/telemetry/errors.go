package telemetry

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// errorLogInterval is the least time between two warnings about telemetry: while a collector is away every batch of spans
// fails, and that is no news.
const errorLogInterval = time.Minute

// errorLog is OpenTelemetry's error handler.
type errorLog struct {
	log *slog.Logger

	mu      sync.Mutex
	last    time.Time
	leftOut int
}

// Handle logs an error, unless one was logged a short while ago.
func (l *errorLog) Handle(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.last.IsZero() && time.Since(l.last) < errorLogInterval {
		l.leftOut++
		return
	}
	l.log.Warn("telemetry failed", "error", err, "not_logged_before", l.leftOut)
	l.last, l.leftOut = time.Now(), 0
}

// warnings leaves out what OpenTelemetry says about itself without being a warning, at any level of the log.
type warnings struct{ slog.Handler }

// otelWarning is the level that OpenTelemetry's warnings have as slog sees them: logr's V(1).
const otelWarning slog.Level = -1

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= otelWarning && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
