package actorstest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// logs keeps what the nodes log.
type logs struct {
	timeline *timeline
	mu       sync.Mutex
	records  []LogRecord
	panics   []string
}

// LogRecord is one line that a node logged.
type LogRecord struct {
	Level   slog.Level
	Message string
	Attrs   map[string]string
}

// logHandler is a node's way to the logs; a dead node logs nothing.
type logHandler struct {
	*logs
	life *life
}

func (h *logHandler) Enabled(context.Context, slog.Level) bool { return !h.life.dead.Load() }

func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	record := LogRecord{Level: r.Level, Message: r.Message, Attrs: map[string]string{}}
	var text strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		record.Attrs[a.Key] = a.Value.String()
		if a.Key == "stack" {
			h.panics = append(h.panics, a.Value.String())
			return true
		}
		fmt.Fprintf(&text, " %s=%s", a.Key, a.Value)
		return true
	})
	h.records = append(h.records, record)
	l := line{
		rank: ofTheNode, game: record.Attrs["game"], who: "log" + h.life.by(),
		format: "%s %s%s", args: []any{r.Level, r.Message, shorten(text.String(), 80)}, repeats: true, kind: r.Message,
	}
	if l.game != "" {
		l.rank = ofAGame
	}
	h.timeline.add(l)
	return nil
}

// shorten keeps the table narrow; Logged has the whole.
func shorten(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

func (h *logHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h *logHandler) WithGroup(string) slog.Handler { return h }

// stacks returns where the panics came from that the nodes logged.
func (l *logs) stacks() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.panics, "\n")
}

// Logged returns what the nodes logged at a level since the last call for that level.
func (w *World) Logged(level slog.Level) []LogRecord {
	w.logs.mu.Lock()
	defer w.logs.mu.Unlock()
	var taken []LogRecord
	w.logs.records = slices.DeleteFunc(w.logs.records, func(r LogRecord) bool {
		if r.Level == level {
			taken = append(taken, r)
		}
		return r.Level == level
	})
	return taken
}
