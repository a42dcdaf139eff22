package actorstest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// timeline is the story of a spec: what happened, in virtual time.
type timeline struct {
	began time.Time
	mu    sync.Mutex
	lines []line
}

// line is one thing that happened; it is put into words only when somebody reads it.
type line struct {
	at     time.Duration
	who    string
	format string
	args   []any
}

func (t *timeline) add(who, format string, args ...any) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line{time.Since(t.began), who, format, args})
}

func (t *timeline) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "time\twho\twhat")
	for _, l := range t.lines {
		fmt.Fprintf(w, "%s\t%s\t%s\n", l.at, l.who, fmt.Sprintf(l.format, l.args...))
	}
	_ = w.Flush()
	return b.String()
}

// logs keeps what the node logs.
type logs struct {
	timeline *timeline
	mu       sync.Mutex
	records  []LogRecord
	muted    bool
}

// LogRecord is one line that the node logged.
type LogRecord struct {
	Level   slog.Level
	Message string
	Attrs   map[string]string
}

func (l *logs) Enabled(context.Context, slog.Level) bool { return true }

func (l *logs) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.muted {
		return nil
	}
	record := LogRecord{Level: r.Level, Message: r.Message, Attrs: map[string]string{}}
	var text strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		record.Attrs[a.Key] = a.Value.String()
		fmt.Fprintf(&text, " %s=%s", a.Key, a.Value)
		return true
	})
	l.records = append(l.records, record)
	l.timeline.add("log", "%s %s%s", r.Level, r.Message, text.String())
	return nil
}

func (l *logs) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l *logs) WithGroup(string) slog.Handler { return l }

func (l *logs) mute() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.muted = true
}

// Logged returns what the node logged at a level since the last call for that level.
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
