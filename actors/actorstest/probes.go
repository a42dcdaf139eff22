package actorstest

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"galaxy/healthactors/actors"
)

// Line is a line of the log that a spec expects, by its attributes and, as "msg", its words; what it doesn't say may have any
// value.
type Line map[string]string

// Matches says whether a logged line is the expected one.
func (l Line) Matches(r LogRecord) bool {
	for key, want := range l {
		if got := r.Attrs[key]; got != want && (key != slog.MessageKey || r.Message != want) {
			return false
		}
	}
	return true
}

// ExpectWarnings fails the spec unless exactly these warnings were logged since the last look at warnings, in any order.
func (w *World) ExpectWarnings(lines ...Line) {
	w.T.Helper()
	w.expectLogged(slog.LevelWarn, lines)
}

// ExpectInfos fails the spec unless exactly these infos were logged since the last look at infos, in any order.
func (w *World) ExpectInfos(lines ...Line) {
	w.T.Helper()
	w.expectLogged(slog.LevelInfo, lines)
}

// ExpectErrors fails the spec unless exactly these errors were logged since the last look at errors, in any order.
func (w *World) ExpectErrors(lines ...Line) {
	w.T.Helper()
	w.expectLogged(slog.LevelError, lines)
}

func (w *World) expectLogged(level slog.Level, want []Line) {
	w.T.Helper()
	got := w.Logged(level)
	left := slices.Clone(got)
	ok := len(got) == len(want)
	for _, l := range want {
		n := slices.IndexFunc(left, l.Matches)
		if ok = ok && n >= 0; !ok {
			break
		}
		left = slices.Delete(left, n, n+1)
	}
	if ok {
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s lines\nexpected:\n", level)
	for _, l := range want {
		fmt.Fprintf(&b, "  %v\n", map[string]string(l))
	}
	b.WriteString("logged:\n")
	for _, r := range got {
		fmt.Fprintf(&b, "  %s %v\n", r.Message, r.Attrs)
	}
	w.T.Fatal(b.String())
}

// ExpectBaseline fails the spec unless the game is watched and has this baseline, as the API shows it.
func (g *Game) ExpectBaseline(want int64) {
	g.world.T.Helper()
	s := g.status()
	switch {
	case s == nil:
		g.world.T.Fatalf("%s is not watched, expected it with the baseline %d", g.ID, want)
	case s.Baseline == nil:
		g.world.T.Fatalf("%s has no baseline, expected %d", g.ID, want)
	case *s.Baseline != want:
		g.world.T.Fatalf("%s has the baseline %d, expected %d", g.ID, *s.Baseline, want)
	}
}

// ExpectNoBaseline fails the spec unless the game is watched and has not been observed in this lifecycle.
func (g *Game) ExpectNoBaseline() {
	g.world.T.Helper()
	s := g.status()
	if s == nil || s.Baseline != nil {
		g.world.T.Fatalf("%s: the API says %+v, expected it without a baseline", g.ID, s)
	}
}

// ExpectPending fails the spec unless the game is watched and has that many events that are not acknowledged.
func (g *Game) ExpectPending(want int64) {
	g.world.T.Helper()
	s := g.status()
	if s == nil || s.EventsPending != want {
		g.world.T.Fatalf("%s: the API says %+v, expected %d events pending", g.ID, s, want)
	}
}

// ExpectForgotten fails the spec unless the game has left the API and its stream is closed, so that its inspector has
// stopped: its baseline is gone and all that was detected is delivered.
func (g *Game) ExpectForgotten() {
	g.world.T.Helper()
	if s := g.status(); s != nil {
		g.world.T.Fatalf("%s: the API says %+v, expected it to be forgotten", g.ID, *s)
	}
	if slices.Contains(g.world.Journal.OpenStreams(), g.ID) {
		g.world.T.Fatalf("the stream of %s is open, expected it to be closed", g.ID)
	}
}

// ExpectInspects fails the spec unless the game's present container was asked for that many times.
func (g *Game) ExpectInspects(want int) {
	g.world.T.Helper()
	if got := g.engine.Inspects(g.listed); got != want {
		g.world.T.Fatalf("%s was inspected %d times, expected %d", g.listed, got, want)
	}
}

// Watchers are the names of the running nodes whose API shows the game.
func (g *Game) Watchers() []string {
	g.world.T.Helper()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(g.world.processes)) {
		if p := g.world.processes[name]; p.Running() && g.statusAt(p) != nil {
			names = append(names, name)
		}
	}
	return names
}

// ExpectWatchedBy fails the spec unless exactly this node watches the game.
func (g *Game) ExpectWatchedBy(p *Process) {
	g.world.T.Helper()
	if got := g.Watchers(); len(got) != 1 || got[0] != p.Config.Node {
		g.world.T.Fatalf("%s is watched by %q, expected %q alone", g.ID, got, p.Config.Node)
	}
}

// status is what the API says of the game, nil for nothing. In a cluster it is its watcher's, of the first by name if there
// are several.
func (g *Game) status() *actors.GameStatus {
	g.world.T.Helper()
	for _, name := range g.Watchers() {
		return g.statusAt(g.world.processes[name])
	}
	g.world.Node()
	return nil
}

func (g *Game) statusAt(p *Process) *actors.GameStatus {
	g.world.T.Helper()
	for _, s := range p.Games() {
		if s.GameID == g.ID {
			return &s
		}
	}
	return nil
}
