package actors

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors/internal/rules"
)

// pass is one tick's way over the running list: which inspects it called for, and what failed meanwhile. It ends when all
// parts of the list have been read, or failed, and all inspects have ended, at the latest when the next tick begins.
type pass struct {
	number uint64
	began  time.Time
	span   trace.Span
	// traceparent names the span to the inspects that the pass calls for.
	traceparent string
	// outstanding counts the inspects that this pass called for and that have not ended.
	outstanding int
	ended       bool
	// listed: the running list, or a part of it, was acted on. unread is why the last of the parts that could not be read could
	// not (S1).
	listed bool
	unread error

	failures []failure
	// failed are the games that failed in this pass: each is warned of once, and once of trouble with its journal.
	failed map[failed]bool
	// answered counts, by Engine, the inspects that the Engine answered.
	answered map[string]answers
}

// answers counts an Engine's answers in one pass. A good one is an observation or "no such container" (H9); a bad one is any
// other, such as a refusal, or one that can't be read.
type answers struct{ good, bad int }

func newPass(number uint64, span trace.Span) *pass {
	return &pass{
		number: number, began: time.Now(), span: span, traceparent: traceparentOf(span.SpanContext()),
		answered: map[string]answers{}, failed: map[failed]bool{},
	}
}

// answeredWell and answeredBadly note that an Engine answered an inspect.
func (p *pass) answeredWell(engine string) {
	a := p.answered[engine]
	a.good++
	p.answered[engine] = a
}

func (p *pass) answeredBadly(engine string) {
	a := p.answered[engine]
	a.bad++
	p.answered[engine] = a
}

// fail notes a game's failure. An inspector that fails again and again in one tick is one failure.
func (p *pass) fail(f failure) {
	if key := (failed{f.game, f.kind == journalTrouble}); !p.failed[key] {
		p.failed[key] = true
		p.failures = append(p.failures, f)
	}
}

// takeJournals takes out the failures of which no Engine is to blame.
func (p *pass) takeJournals() (taken []failure) {
	p.failures = slices.DeleteFunc(p.failures, func(f failure) bool {
		if f.kind != engineFailed {
			taken = append(taken, f)
		}
		return f.kind != engineFailed
	})
	return taken
}

// failed is a game, and whether it is its journal alone that gives trouble.
type failed struct {
	game    string
	journal bool
}

// failure is a failed inspect (H10).
type failure struct {
	game        string
	place       rules.Place
	err         string
	unreachable bool
	kind        failureKind
	// damaged: the game's stream is, and will be until somebody mends it, while the journal itself is well.
	damaged bool
	// stack says where a panic came from.
	stack string
}

// failureKind says who is to blame.
type failureKind byte

const (
	// engineFailed: the Engine gave no answer that is an observation.
	engineFailed failureKind = iota
	// notTaken: the journal did not take the observation, or the inspector failed.
	notTaken
	// journalTrouble: the journal did not take a delivery mark or a snapshot, which costs nothing now (R6), or did not show
	// what it must have (R7).
	journalTrouble
	// fencedOff: another node of the cluster has claimed the stream (C2).
	fencedOff
)

// said is what the log says of one failure, and of many.
var said = map[failureKind]struct{ one, many string }{
	engineFailed:   {"inspect failed", "inspects failed"},
	notTaken:       {"inspect failed", "inspects failed"},
	journalTrouble: {"trouble with the journal", "trouble with the journal"},
	fencedOff:      {"another node has claimed the game; its inspector stops", "another node has claimed the game; its inspector stops"},
}

// warning is one line of the log: what failed alike, on one Engine, in one tick.
type warning struct {
	what     string
	err      string
	failures []failure
}

// warnings sums up the failures (H10): one for each game; one for more than ten games that fail alike on one Engine; one
// for an Engine that can't be reached or answers no request.
func (p *pass) warnings() []warning {
	type source struct {
		engine string
		kind   failureKind
	}
	bySource := map[source][]failure{}
	for _, f := range p.failures {
		s := source{f.place.Engine, f.kind}
		bySource[s] = append(bySource[s], f)
	}
	var all []warning
	for s, failures := range bySource {
		what, first := "", failures[0]
		if s.kind == engineFailed {
			what, first = p.answered[s.engine].failedFor(failures)
		}
		if what == "" {
			all = append(all, alike(failures)...)
		} else {
			all = append(all, warning{what: what, err: first.err, failures: failures})
		}
	}
	slices.SortFunc(all, func(a, b warning) int { return cmp.Compare(a.failures[0].game, b.failures[0].game) })
	return all
}

// failedFor says what is wrong with the Engine as a whole, and which of the failures tells it best; empty where each of them
// speaks for itself, as all do once the Engine answered anybody.
func (a answers) failedFor(failures []failure) (what string, first failure) {
	unreachable := slices.IndexFunc(failures, func(f failure) bool { return f.unreachable })
	switch {
	case a == answers{} && unreachable >= 0:
		return "the engine can't be reached", failures[unreachable]
	case a == answers{} && len(failures) > 1:
		return "the engine answers no request", failures[0]
	default:
		return "", failures[0]
	}
}

// unwell returns the Engines that served nobody well: that can't be reached, or failed more than one game.
func (p *pass) unwell() (engines []string) {
	failed, away := map[string]int{}, map[string]bool{}
	for _, f := range p.failures {
		if f.kind == engineFailed {
			failed[f.place.Engine]++
			away[f.place.Engine] = away[f.place.Engine] || f.unreachable
		}
	}
	for engine, games := range failed {
		if p.answered[engine].good == 0 && (games > 1 || away[engine]) {
			engines = append(engines, engine)
		}
	}
	return engines
}

// alike groups failures with equal errors; up to ten stay apart.
func alike(failures []failure) []warning {
	byError := map[string][]failure{}
	for _, f := range failures {
		byError[f.err] = append(byError[f.err], f)
	}
	var all []warning
	for err, group := range byError {
		if len(group) > fewPerTick {
			all = append(all, warning{what: said[group[0].kind].many, err: err, failures: group})
			continue
		}
		for _, f := range group {
			all = append(all, warning{err: err, failures: []failure{f}})
		}
	}
	return all
}

// log writes the warning down.
func (w warning) log(log *slog.Logger) {
	first := w.failures[0]
	if len(w.failures) == 1 {
		attrs := []any{"game", first.game, "container", first.place.Container, "engine", first.place.Engine, "error", w.err}
		if first.stack != "" {
			attrs = append(attrs, "stack", first.stack)
		}
		log.Warn(said[first.kind].one, attrs...)
		return
	}
	names := make([]string, 0, len(w.failures))
	for _, f := range w.failures {
		names = append(names, f.game)
	}
	slices.Sort(names)
	names = names[:min(len(names), fewPerTick)]
	log.Warn(w.what, "engine", first.place.Engine, "count", len(w.failures), "error", w.err, "games", names)
}
