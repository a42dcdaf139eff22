// Package porttest has one conformance suite for each port of package actors, which every adapter and every test double
// runs.
package porttest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors"
)

// EngineControl sets the scene on the other side of an actors.Engine. What it did is done when it returns.
type EngineControl interface {
	// Put adds a container, or replaces the one with the same ID.
	Put(actors.Observation)
	// Remove removes a container.
	Remove(containerID string)
	// Hang has inspects of a container stay without an answer.
	Hang(containerID string)
	// Fail has inspects of a container fail with a message of the Engine's.
	Fail(containerID, message string)
	// SetReachable takes the Engine away, or brings it back.
	SetReachable(bool)
}

// engineLimit is how long anything here may take before it counts as hung. Nothing waits for it when all is well.
const engineLimit = 20 * time.Second

// Engine is the conformance suite of actors.Engine. start makes an Engine without containers, and ends it by t.Cleanup.
func Engine(t *testing.T, start func(t *testing.T) (actors.Engine, EngineControl)) {
	t.Helper()
	run := func(name string, spec func(*testing.T, actors.Engine, EngineControl)) {
		t.Run(name, func(t *testing.T) {
			engine, control := start(t)
			spec(t, engine, control)
		})
	}
	run("an observation has what the Engine says", engineObserves)
	run("each inspect asks anew", engineAsksAnew)
	run("a container that is not there (H9)", engineNotFound)
	run("a failed inspect (H10)", engineFails)
	run("what is no container id is refused", engineRefusesIDs)
	run("an Engine that can't be reached (H10)", engineUnreachable)
	run("the end of the context ends an inspect", engineContextEnds)
	run("inspects don't wait for one another (S4)", engineConcurrent)
}

// engineID is a full id that begins with a digit of its own.
func engineID(first byte) string { return string(first) + strings.Repeat("0f", 31) + "e" }

func mustInspect(t *testing.T, engine actors.Engine, id string) actors.Observation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), engineLimit)
	defer cancel()
	seen, err := engine.Inspect(ctx, id)
	if err != nil {
		t.Fatalf("Inspect: %v", err)
	}
	return seen
}

func inspectFails(t *testing.T, engine actors.Engine, id string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), engineLimit)
	defer cancel()
	seen, err := engine.Inspect(ctx, id)
	if err == nil {
		t.Fatalf("Inspect returned %+v and no error", seen)
	}
	if ctx.Err() != nil {
		t.Fatalf("Inspect hung: %v", err)
	}
	if seen != (actors.Observation{}) {
		t.Errorf("Inspect returned an observation beside its error: %+v", seen)
	}
	checkErrorText(t, err, id)
	return err
}

// checkErrorText holds an error to the port's rules: short, printable, and without the container's id.
func checkErrorText(t *testing.T, err error, id string) {
	t.Helper()
	text := err.Error()
	if n := utf8.RuneCountInString(text); n == 0 || n > 200 {
		t.Errorf("the error has %d characters, want 1 to 200: %q", n, text)
	}
	if id != "" && strings.Contains(text, id) {
		t.Errorf("the error repeats the container's id: %q", text)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("the error has characters that can't be printed: %q", text)
	}
}

func engineObserves(t *testing.T, engine actors.Engine, control EngineControl) {
	for _, want := range []actors.Observation{
		{ID: engineID('1'), State: "running"},
		{ID: engineID('2'), State: "running", Health: "starting", RestartCount: 1},
		{ID: engineID('3'), State: "running", Health: "unhealthy", RestartCount: 1 << 30},
		{ID: engineID('4'), State: "exited", Health: "none"},
		{ID: engineID('5'), State: "a state that Docker invents tomorrow", Health: "größer"},
	} {
		control.Put(want)
		if diff := cmp.Diff(want, mustInspect(t, engine, want.ID)); diff != "" {
			t.Errorf("observation (-want +got):\n%s", diff)
		}
	}
}

func engineNotFound(t *testing.T, engine actors.Engine, control EngineControl) {
	gone := engineID('1')
	for _, when := range []string{"never there", "removed"} {
		if err := inspectFails(t, engine, gone); !errors.Is(err, actors.ErrNoSuchContainer) {
			t.Errorf("%s: got %v, want ErrNoSuchContainer", when, err)
		}
		control.Put(actors.Observation{ID: gone, State: "running"})
		mustInspect(t, engine, gone)
		control.Remove(gone)
	}
}

func engineFails(t *testing.T, engine actors.Engine, control EngineControl) {
	first, second := engineID('1'), engineID('2')
	texts := make(map[string]string)
	for _, id := range []string{first, second} {
		control.Put(actors.Observation{ID: id, State: "running"})
		for _, message := range []string{
			"", "plain", "about " + id + ", container " + id + ": gone wrong",
			"line\nline\r\n\x1b[31mred\x00\u202e", strings.Repeat("long ", 10_000), strings.Repeat("é", 300),
		} {
			control.Fail(id, message)
			err := inspectFails(t, engine, id)
			for _, other := range []error{
				actors.ErrNoSuchContainer, actors.ErrEngineUnreachable, context.DeadlineExceeded, context.Canceled,
			} {
				if errors.Is(err, other) {
					t.Errorf("a failure with the message %.20q is %v: %v", message, other, err)
				}
			}
			key := strings.ReplaceAll(message, id, "ID")
			if before, ok := texts[key]; ok && before != err.Error() {
				t.Errorf("equal failures of two containers differ: %q and %q", before, err)
			}
			texts[key] = err.Error()
		}
	}
}

func engineRefusesIDs(t *testing.T, engine actors.Engine, control EngineControl) {
	control.Put(actors.Observation{ID: engineID('1'), State: "running"})
	for _, id := range []string{
		"", ".", "..", "../" + engineID('1'), engineID('1') + "/../" + engineID('1'), engineID('1') + "?x=1",
		engineID('1') + "#", "%2e%2e", "-a", "_a", "a b", "a\nb", "ä", strings.Repeat("a", 256),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), engineLimit)
		seen, err := engine.Inspect(ctx, id)
		cancel()
		if err == nil {
			t.Errorf("Inspect(%q) returned %+v and no error", id, seen)
		} else {
			checkErrorText(t, err, "")
		}
	}
}

func engineUnreachable(t *testing.T, engine actors.Engine, control EngineControl) {
	id := engineID('1')
	control.Put(actors.Observation{ID: id, State: "running"})
	for range 2 {
		control.SetReachable(false)
		if err := inspectFails(t, engine, id); !errors.Is(err, actors.ErrEngineUnreachable) {
			t.Errorf("got %v, want ErrEngineUnreachable", err)
		}
		control.SetReachable(true)
		mustInspect(t, engine, id)
	}
}

func engineContextEnds(t *testing.T, engine actors.Engine, control EngineControl) {
	id, other := engineID('1'), engineID('2')
	control.Put(actors.Observation{ID: id, State: "running"})
	control.Put(actors.Observation{ID: other, State: "running"})
	mustInspect(t, engine, id)
	control.Hang(id)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	later, cancelLater := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancelLater)
	soon, cancelSoon := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancelSoon()
	for name, c := range map[string]struct {
		ctx  context.Context
		want error
	}{
		"cancelled before":    {ended, context.Canceled},
		"cancelled meanwhile": {later, context.Canceled},
		"timed out":           {soon, context.DeadlineExceeded},
	} {
		begin := time.Now()
		_, err := engine.Inspect(c.ctx, id)
		if !errors.Is(err, c.want) || errors.Is(err, actors.ErrEngineUnreachable) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if took := time.Since(begin); took > engineLimit {
			t.Errorf("%s: Inspect returned %v later", name, took)
		}
		checkErrorText(t, err, id)
	}
	mustInspect(t, engine, other)
}

func engineConcurrent(t *testing.T, engine actors.Engine, control EngineControl) {
	hanging := engineID('f')
	control.Put(actors.Observation{ID: hanging, State: "running"})
	control.Hang(hanging)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	for range 8 {
		all.Go(func() { _, _ = engine.Inspect(ctx, hanging) })
	}

	var inspects sync.WaitGroup
	for n := range 8 {
		want := actors.Observation{ID: engineID("12345678"[n]), State: "running", RestartCount: int64(n)}
		control.Put(want)
		inspects.Go(func() {
			for range 20 {
				ctx, cancel := context.WithTimeout(t.Context(), engineLimit)
				got, err := engine.Inspect(ctx, want.ID)
				cancel()
				if err != nil || got != want {
					t.Errorf("got %+v, %v, want %+v", got, err, want)
				}
			}
		})
	}
	inspects.Wait()
}

func engineAsksAnew(t *testing.T, engine actors.Engine, control EngineControl) {
	id := engineID('1')
	for n := range int64(3) {
		want := actors.Observation{ID: id, State: "running", RestartCount: n}
		control.Put(want)
		if got := mustInspect(t, engine, id); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
