package demo

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"galaxy/healthactors/messages"
)

// column is a column of the demo's table.
type column struct {
	title string
	width int
	// narrow: shown on a narrow terminal too.
	narrow bool
	cell   func(e messages.HealthEvent, words string) string
}

// columns of the table. The last one may be as wide as it likes.
var columns = []column{
	{"TIME", 8, true, func(e messages.HealthEvent, _ string) string { return e.OccurredAt.Local().Format("15:04:05") }},
	{"GAME", 12, true, func(e messages.HealthEvent, _ string) string { return e.GameID }},
	{"WHAT HAPPENED", 31, true, func(_ messages.HealthEvent, words string) string { return words }},
	{"RESTARTS", 8, false, func(e messages.HealthEvent, _ string) string { return fmt.Sprint(e.Details.RestartCount) }},
	{"STATE", 10, false, func(e messages.HealthEvent, _ string) string { return e.Details.State }},
	{"HEALTH", 9, false, func(e messages.HealthEvent, _ string) string { return orDash(e.Details.Health) }},
	{"REASONS", 0, true, func(e messages.HealthEvent, _ string) string { return orDash(strings.Join(e.Reasons, ", ")) }},
}

// wideTable is how many columns of a terminal the whole table needs.
const wideTable = 113

// gap is between two columns.
const gap = "  "

// table prints health events as lines that a person reads. It remembers each game's last event to tell what changed.
type table struct {
	out     io.Writer
	colour  bool
	columns []column
	// nextLine goes between the last column's words where the terminal is narrow: each has a line.
	nextLine string
	last     map[string]messages.HealthEvent
}

// newTable returns a table for a terminal of a width, of which 0 means any.
func newTable(out io.Writer, colour bool, width int) *table {
	t := &table{out: out, colour: colour, columns: columns, last: map[string]messages.HealthEvent{}}
	if 0 < width && width < wideTable {
		t.columns = slices.DeleteFunc(slices.Clone(columns), func(c column) bool { return !c.narrow })
		indent := 0
		for _, c := range t.columns[:len(t.columns)-1] {
			indent += c.width + len(gap)
		}
		t.nextLine = "\n" + strings.Repeat(" ", indent)
	}
	return t
}

func (t *table) header() error {
	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.title
	}
	return t.line(bold, titles)
}

// event prints one line, in one write so that it stays whole beside the log.
func (t *table) event(e messages.HealthEvent) error {
	last, known := t.last[e.GameID]
	words := narrate(e, last, known)
	t.last[e.GameID] = e
	cells := make([]string, len(t.columns))
	for i, c := range t.columns {
		cells[i] = c.cell(e, words)
	}
	if t.nextLine != "" {
		cells[len(cells)-1] = strings.ReplaceAll(cells[len(cells)-1], ", ", t.nextLine)
	}
	return t.line(colourOf(e), cells)
}

func (t *table) line(style style, cells []string) error {
	var line strings.Builder
	for i, cell := range cells {
		if width := t.columns[i].width; width > 0 {
			cell = runewidth.FillRight(runewidth.Truncate(cell, width, "…"), width) + gap
		}
		line.WriteString(cell)
	}
	_, err := io.WriteString(t.out, style.paint(line.String(), t.colour)+"\n")
	return err
}

// narrate says in words what an event tells, given the game's event before it, if there was one.
func narrate(e, last messages.HealthEvent, known bool) string {
	if e.EventType == messages.InspectRecovered {
		return "is well again"
	}
	var words []string
	if known && e.ContainerID != last.ContainerID {
		words = append(words, "new container")
	}
	for _, reason := range e.Reasons {
		switch reason {
		case messages.ReasonRestartCountIncreased:
			words = append(words, "crashed, was restarted")
		case messages.ReasonNotRunning:
			words = append(words, stateInWords(e.Details.State))
		case messages.ReasonHealthcheckUnhealthy:
			words = append(words, "fails its health check")
		}
	}
	if len(words) > 1 && words[0] == "crashed, was restarted" {
		words[0] = "crashed"
	}
	return strings.Join(words, ", ")
}

func stateInWords(state string) string {
	switch state {
	case "created":
		return "is not started"
	case "restarting":
		return "is being restarted"
	case "exited":
		return "has stopped"
	case "paused":
		return "is paused"
	default:
		return "is " + state
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// style is an ANSI style, empty for none.
type style string

const (
	bold   style = "1"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	purple style = "35"
)

func (s style) paint(text string, colour bool) string {
	if !colour || s == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// colourOf an event is that of its gravest reason.
func colourOf(e messages.HealthEvent) style {
	switch {
	case e.EventType == messages.InspectRecovered:
		return green
	case slices.Contains(e.Reasons, messages.ReasonNotRunning):
		return red
	case slices.Contains(e.Reasons, messages.ReasonHealthcheckUnhealthy):
		return purple
	default:
		return yellow
	}
}
