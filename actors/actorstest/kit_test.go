package actorstest_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// The kit's own promises: what fails must fail, and say why.

func TestAFailedExpectationSaysWhatWasExpectedAndWhatArrived(t *testing.T) {
	timeline, err := actorstest.Play(func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(3)
		w.Tick()
		w.Expect(game.Unhealthy("not_running"))
		t.Error("the story went on")
	})
	expectText(t, fmt.Sprint(err),
		"game-7: inspect_unhealthy [not_running]", "game-7: inspect_unhealthy [restart_count_increased], 3 restarts")
	expectText(t, timeline, "running, 0 restarts → running, 3 restarts", "baseline 0 → baseline 3 [H2], 1 pending", "e1 of game-7 arrives")
}

// Every probe can fail.
func TestProbesFail(t *testing.T) {
	probes := map[string]func(*actorstest.World, *actorstest.Game){
		"nothing":        func(w *actorstest.World, _ *actorstest.Game) { w.ExpectNothing() },
		"nothing for":    func(w *actorstest.World, _ *actorstest.Game) { w.ExpectNothingFor(time.Hour) },
		"another count":  func(w *actorstest.World, g *actorstest.Game) { w.Expect(g.Unhealthy("not_running").Count(2)) },
		"another state":  func(w *actorstest.World, g *actorstest.Game) { w.Expect(g.Unhealthy("not_running").While("dead")) },
		"another health": func(w *actorstest.World, g *actorstest.Game) { w.Expect(g.Unhealthy("not_running").Feeling("healthy")) },
		"another box":    func(w *actorstest.World, g *actorstest.Game) { w.Expect(g.Unhealthy("not_running").In("other")) },
		"another time": func(w *actorstest.World, g *actorstest.Game) {
			w.Expect(g.Unhealthy("not_running").At(time.Now().Add(1)))
		},
		"another type":     func(w *actorstest.World, g *actorstest.Game) { w.Expect(g.Recovered()) },
		"one more":         func(w *actorstest.World, g *actorstest.Game) { w.Expect(g.Unhealthy("not_running"), g.Recovered()) },
		"a baseline":       func(_ *actorstest.World, g *actorstest.Game) { g.ExpectBaseline(1) },
		"no baseline":      func(_ *actorstest.World, g *actorstest.Game) { g.ExpectNoBaseline() },
		"pending":          func(_ *actorstest.World, g *actorstest.Game) { g.ExpectPending(1) },
		"forgotten":        func(_ *actorstest.World, g *actorstest.Game) { g.ExpectForgotten() },
		"inspects":         func(_ *actorstest.World, g *actorstest.Game) { g.ExpectInspects(2) },
		"a warning":        func(w *actorstest.World, _ *actorstest.Game) { w.ExpectWarnings(actorstest.Line{}) },
		"an error":         func(w *actorstest.World, _ *actorstest.Game) { w.ExpectErrors(actorstest.Line{}) },
		"a golden file":    func(w *actorstest.World, _ *actorstest.Game) { w.Golden("of-another-story") },
		"a second start":   func(w *actorstest.World, _ *actorstest.Game) { w.Start() },
		"a crash that was": func(w *actorstest.World, _ *actorstest.Game) { w.Crash(); w.Crash() },
	}
	for name, probe := range probes {
		t.Run(name, func(t *testing.T) {
			_, err := actorstest.Play(func(w *actorstest.World) {
				game := w.Game("game-7")
				game.State("exited")
				w.Start()
				probe(w, game)
			})
			if err == nil {
				t.Error("the probe did not fail")
			}
		})
	}
}

// Equal stories have equal timelines, whatever order the scheduler chose.
func TestTimelinesAreDeterministic(t *testing.T) {
	tell := func() string {
		timeline, err := actorstest.Play(func(w *actorstest.World) {
			w.Broker.Slow(time.Second)
			games := w.Fleet(20)
			w.Start()
			for _, g := range games {
				g.State("exited")
			}
			actorstest.For(w, 15*time.Second, games[3].Fail, actorstest.ErrGarbage)
			w.Pass(35 * time.Second)
			w.Crash()
			w.Start()
			w.Pass(5 * time.Second)
		})
		if err != nil {
			t.Error(err)
		}
		return timeline
	}
	if first, second := tell(), tell(); first != second {
		t.Errorf("two timelines of one story:\n%s\n%s", first, second)
	}
}

// A goroutine that outlives its spec fails the spec. The test runs itself anew, because it kills the process.
func TestALeakedGoroutineFailsTheSpec(t *testing.T) {
	const leaks = "ACTORSTEST_LEAKS"
	if os.Getenv(leaks) != "" {
		actorstest.Spec(t, func(w *actorstest.World) {
			w.Start()
			go func() { <-make(chan struct{}) }()
		})
		return
	}
	again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	again.Env = append(os.Environ(), leaks+"=1")
	said, err := again.CombinedOutput()
	if failed := new(exec.ExitError); !errors.As(err, &failed) {
		t.Fatalf("the run ended with %v:\n%s", err, said)
	}
	expectText(t, string(said), "blocked goroutines remain", "TestALeakedGoroutineFailsTheSpec")
}

func TestWhatIsPlannedIsDoneInOrderAndOnTime(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		began := time.Now()
		var done []string
		note := func(what string) func() {
			return func() { done = append(done, fmt.Sprint(what, " at ", time.Since(began))) }
		}
		stop := w.Every(2*time.Second, note("every"))
		w.In(3*time.Second, note("second"))
		w.In(time.Second, note("first"))
		w.In(3*time.Second, note("third"))
		w.In(time.Hour, note("never"))
		actorstest.For(w, 3*time.Second, func(v string) { note("for " + v)() }, "a while")
		w.Pass(4 * time.Second)
		stop()
		w.Pass(4 * time.Second)
		want := "for a while at 0s, first at 1s, every at 2s, second at 3s, third at 3s, for  at 3s, every at 4s"
		if got := strings.Join(done, ", "); got != want {
			t.Errorf("done: %s\nwant: %s", got, want)
		}
	})
}

// Each process lives its own life; what is outside is theirs together.
func TestProcessesShareTheWorld(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.GameOn("east", "game-7")
		b := w.NodeNamed("b")
		w.Start()
		b.Start()
		w.Crash()
		if games := b.Games(); len(games) != 1 || games[0].Node != "b" {
			t.Errorf("games of b: %v, want the one", games)
		}
		b.Stop(time.Second)
		if w.Running() || b.Running() {
			t.Error("a node runs still")
		}
		b.Start()
	})
}

func TestEveryFaultIsMendedByItsZeroValue(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		err := errors.New("away")
		second := func(fault func(time.Duration)) { actorstest.For(w, time.Minute, fault, time.Second) }
		fails := func(fault func(error)) { actorstest.For(w, time.Minute, fault, err) }
		yes := func(fault func(bool)) { actorstest.For(w, time.Minute, fault, true) }
		stream, all, engine := game.Stream(), w.Journal.All(), w.Engine(actors.DefaultEngine)
		for _, f := range []func(error){game.Fail, game.Refuse, stream.Fail, stream.FailAfter, all.Fail, all.FailAfter, engine.Down, w.List.Fail, w.Broker.Down, w.Broker.RefuseTogether} {
			fails(f)
		}
		for _, f := range []func(time.Duration){game.Delay, game.SlowPublish, stream.Slow, all.Slow, engine.Slow, w.List.Slow, w.Broker.Slow, w.Clock.Offset} {
			second(f)
		}
		for _, f := range []func(bool){game.Hang, stream.Full, stream.Damage, all.Full, all.Damage, w.List.Hang} {
			yes(f)
		}
		actorstest.For(w, time.Minute, game.Malform, "container_id is null")
		actorstest.For(w, time.Minute, w.Broker.LoseAcks, 5)
		w.Start()
		w.Pass(2 * time.Minute)
		w.TakeEvents("game-7")
		w.Logged(0)
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy("restart_count_increased").Count(1))
	})
}

func expectText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}
