package actorstest

import (
	"cmp"
	"fmt"
	"regexp"
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
	rank   rank
	game   string
	who    string
	format string
	args   []any
	// state before and after, for what has one.
	before, after fmt.Stringer
	// repeats: of many alike in a row the first is told; they are alike if their text is, or their kind if there is one.
	repeats bool
	kind    string
}

// rank orders things of one moment that may come in any order.
type rank int

const (
	// byTheSpec: the spec did it while the node was at rest, so that all else comes before or after it.
	byTheSpec rank = iota
	ofTheList
	ofAGame
	ofTheNode
)

func (t *timeline) add(l line) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	l.at = time.Since(t.began)
	t.lines = append(t.lines, l)
}

func (t *timeline) spec(format string, args ...any) {
	t.add(line{who: "spec", format: format, args: args})
}

// fault tells of a fault that begins or ends; what changes nothing is not told.
func (t *timeline) fault(who, what string, before, after any) {
	b, a := words{before}, words{after}
	if b.String() != a.String() {
		t.add(line{who: who, format: "%s", args: []any{what}, before: b, after: a})
	}
}

// words are a fault's value as the timeline shows it.
type words struct{ value any }

func (w words) String() string {
	switch w.value {
	case nil, false:
		return "no"
	case true:
		return "yes"
	default:
		return fmt.Sprint(w.value)
	}
}

// table returns the timeline in the order in which things happened or, if sorted, in one that is the same for all runs.
func (t *timeline) table(sorted bool) string {
	t.mu.Lock()
	lines := slices.Clone(t.lines)
	t.mu.Unlock()
	if sorted {
		sortMoments(lines)
	}
	rows := []string{"time\twho\twhat\tbefore → after"}
	for n := 0; n < len(lines); n++ {
		rows = append(rows, lines[n].String())
		last := n
		for last+1 < len(lines) && lines[n].isLike(lines[last+1]) {
			last++
		}
		if last > n+1 {
			rows = append(rows, fmt.Sprintf("%s\t%s\t… and %d more\t", lines[last].at, lines[last].who, last-n))
			n = last
		}
	}
	return align(shortenIDs(rows))
}

// align makes columns of what stands between tabs.
func align(rows []string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, row)
	}
	_ = w.Flush()
	lines := strings.Split(b.String(), "\n")
	for n := range lines {
		lines[n] = strings.TrimRight(lines[n], " ")
	}
	return strings.Join(lines, "\n")
}

func (l line) text() string { return fmt.Sprintf(l.format, l.args...) }

func (l line) isLike(other line) bool {
	return l.repeats && other.repeats && l.who == other.who && l.game == other.game && l.kind == other.kind &&
		(l.kind != "" || l.text() == other.text())
}

func (l line) String() string {
	s := fmt.Sprintf("%s\t%s\t%s\t", l.at, l.who, l.text())
	if l.after != nil {
		s += fmt.Sprintf("%s → %s", l.before, l.after)
	}
	return s
}

// sortMoments sorts what may come in any order: things of one moment between which the spec did nothing. What one game
// did stays in its order.
func sortMoments(lines []line) {
	for from := 0; from < len(lines); {
		to := from + 1
		for to < len(lines) && lines[from].rank != byTheSpec && lines[to].rank != byTheSpec && lines[to].at == lines[from].at {
			to++
		}
		slices.SortStableFunc(lines[from:to], func(a, b line) int {
			return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.game, b.game))
		})
		from = to
	}
}

var eventIDs = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// shortenIDs names event ids e1, e2 and so on, in their order.
func shortenIDs(rows []string) []string {
	names := map[string]string{}
	for n := range rows {
		rows[n] = eventIDs.ReplaceAllStringFunc(rows[n], func(id string) string {
			if names[id] == "" {
				names[id] = fmt.Sprintf("e%d", len(names)+1)
			}
			return names[id]
		})
	}
	return rows
}
