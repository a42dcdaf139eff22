package actors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What happens when an Engine, its adapter or the journal fails: one warning, no event, and no other game notices.

func TestH10NoObservationComesOfAFailedInspect(t *testing.T) {
	failures := map[string]func(*actorstest.World, *actorstest.Game){
		"garbage": func(w *actorstest.World, g *actorstest.Game) {
			actorstest.For(w, 15*time.Second, g.Fail, actorstest.ErrGarbage)
		},
		"a time-out of the connection": func(w *actorstest.World, g *actorstest.Game) {
			actorstest.For(w, 15*time.Second, g.Fail, fmt.Errorf("dial: %w", context.DeadlineExceeded))
		},
		"a panic of the adapter": func(w *actorstest.World, g *actorstest.Game) {
			w.When(g.Before(actorstest.Inspect), func() { panic("a bug") })
		},
		"a full journal": func(w *actorstest.World, g *actorstest.Game) {
			actorstest.For(w, 15*time.Second, g.Stream().Full, true)
		},
		"a journal that is too slow": func(w *actorstest.World, g *actorstest.Game) {
			actorstest.For(w, 25*time.Second, g.Stream().Slow, 15*time.Second)
		},
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game, other := w.Game("game-7"), w.Game("game-8")
				game.Restart(4)
				w.Start()
				fail(w, game)
				game.Restart(1)
				other.Restart(1)
				w.Tick()
				w.Expect(other.Unhealthy(restarted))
				w.Pass(35 * time.Second)
				w.Expect(game.Unhealthy(restarted).Count(5))
				for _, warning := range w.Logged(slog.LevelWarn) {
					if warning.Attrs["game"] != "game-7" || warning.Attrs["container"] != game.Container() || warning.Attrs["error"] == "" {
						t.Errorf("warned: %v, want game, container and error", warning)
					}
				}
			})
		})
	}
}

// A slow journal holds up what waits for it, one game's stream no other game.
func TestH10OneSlowStreamHoldsUpNoOtherGame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		game.Stream().Slow(8 * time.Second)
		game.Restart(1)
		other.Restart(1)
		w.Tick()
		w.Expect(other.Unhealthy(restarted))
		w.Pass(8 * time.Second)
		w.Expect(game.Unhealthy(restarted))
		w.ExpectWarnings()
	})
}

func TestH10ADamagedStreamIsOneGamesTrouble(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		w.Crash()
		game.Restart(1)
		other.Restart(1)
		game.Stream().Damage(true)
		w.Start()
		w.Expect(other.Unhealthy(restarted))
		w.Ticks(3)
		w.ExpectNothing()
		game.Stream().Damage(false) // a person has restored it
		w.Pass(20 * time.Second)
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

func TestH10AJournalThatIsAwayWhileAllRestart(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(20)
		w.Start()
		actorstest.For(w, time.Minute, w.Journal.All().Fail, errors.New("connection refused"))
		var expected []actorstest.Event
		for _, g := range games {
			g.Restart(1)
			expected = append(expected, g.Unhealthy(restarted).Count(1))
		}
		w.ExpectNothingFor(time.Minute)
		w.Pass(20 * time.Second)
		w.Expect(expected...)
	})
}

func TestH10FailedInspectIsOneWarning(t *testing.T) {
	failures := map[string]error{
		"error":       errors.New("500 Internal Server Error"),
		"unreachable": fmt.Errorf("dial: %w", actors.ErrEngineUnreachable),
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				game.Restart(1)
				game.Fail(failure)
				w.Tick()
				w.ExpectNothing()
				w.ExpectWarnings(actorstest.Line{
					"game": "game-7", "container": game.Container(), "error": failure.Error(),
				})
				game.Fail(nil)
				w.Tick()
				w.Expect(game.Unhealthy(restarted))
			})
		})
	}
}

func TestH10TimeoutIsOneWarning(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		other := w.Game("game-8")
		w.Start()
		game.Hang(true)
		other.State("exited")
		w.Tick()
		w.Expect(other.Unhealthy(notRunning))
		w.Pass(w.Config.InspectTimeout)
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "no answer within 5s"})
	})
}

func TestH10ManyThatFailAlikeAreOneWarning(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(30)
		w.Start()
		for _, g := range games[:20] {
			g.Fail(errors.New("500 Internal Server Error"))
		}
		games[20].Fail(errors.New("another error"))
		w.Tick()
		warned := w.Logged(slog.LevelWarn)
		if len(warned) != 2 {
			t.Fatalf("warned: %v, want one line for twenty games and one for the other", warned)
		}
		if warned[0].Attrs["count"] == "" {
			warned[0], warned[1] = warned[1], warned[0]
		}
		if warned[0].Attrs["count"] != "20" || len(strings.Fields(warned[0].Attrs["games"])) != 10 || warned[1].Attrs["game"] != "game-20" {
			t.Errorf("warned: %v, want twenty games with ten names, and game-20", warned)
		}
	})
}

func TestH10AnEngineThatIsAwayIsOneWarningATick(t *testing.T) {
	failures := map[string]error{
		"can't be reached": actors.ErrEngineUnreachable,
		"answers nobody":   fmt.Errorf("dial: %w", context.DeadlineExceeded),
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				games := w.Fleet(3)
				sick := w.GameOn("east", "sick")
				sick.State("dead")
				w.Start()
				w.Expect(sick.Unhealthy(notRunning))
				w.Engine(actors.DefaultEngine).Down(failure)
				w.Ticks(2)
				w.Expect(sick.Unhealthy(notRunning), sick.Unhealthy(notRunning))
				if warned := w.Logged(slog.LevelWarn); len(warned) != 2 || warned[0].Attrs["count"] != "3" {
					t.Errorf("warned: %v, want one line a tick that counts three games", warned)
				}
				w.Engine(actors.DefaultEngine).Down(nil)
				games[0].Restart(1)
				w.Tick()
				w.Expect(sick.Unhealthy(notRunning), games[0].Unhealthy(restarted))
			})
		})
	}
}

// A connection that ends before the answer says nothing of an Engine that answers others, if only badly.
func TestH10OneClosedConnectionHidesNoOtherError(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		failures := []error{
			fmt.Errorf("%w: EOF", actors.ErrEngineUnreachable), errors.New("500 Internal Server Error"), errors.New("no RestartCount"),
		}
		var want []actorstest.Line
		for n, g := range w.Fleet(len(failures)) {
			g.Fail(failures[n])
			want = append(want, actorstest.Line{"game": g.ID, "container": g.Container(), "error": failures[n].Error()})
		}
		w.Start()
		w.ExpectWarnings(want...)
	})
}

func TestH10AJournalThatRefusesLeavesTheBaseline(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		other := w.Game("game-8")
		w.Start()
		w.Journal.Fail("game-7", errors.New("disk full"))
		game.Restart(1)
		other.Restart(1)
		w.Tick()
		w.Expect(other.Unhealthy(restarted))
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "container": game.Container(), "error": "write to the journal: disk full"})
		w.Journal.Fail("game-7", nil)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

// An append whose outcome is unknown may have been written: the inspector recovers from what is stored.
func TestH10AJournalThatFailsAfterTheWriteInventsNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Journal.FailAfter("game-7", errors.New("connection lost"))
		game.Restart(1)
		w.Tick()
		w.Journal.FailAfter("game-7", nil)
		w.Ticks(3)
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

func TestH10AFailureAfterTheEndOfItsPassIsLoggedAtTheNextTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Slow(2 * time.Second)
		game.Restart(1)
		w.Tick()
		w.Pass(time.Second)
		w.Journal.Fail("game-7", errors.New("disk full")) // the mark fails, long after the inspect has ended
		w.Pass(8 * time.Second)
		w.ExpectWarnings()
		w.Pass(time.Second)
		w.ExpectWarnings(
			actorstest.Line{"msg": "trouble with the journal", "game": "game-7", "error": "write to the journal: disk full"},
			actorstest.Line{"msg": "inspect failed", "game": "game-7"},
		)
	})
}

func TestH10TheNamesOfManyAreTheFirstByName(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(12)
		healthy := w.Game("healthy")
		w.Config.InspectConcurrency = 20
		w.Start()
		for n, g := range games {
			g.Fail(errors.New("500 Internal Server Error"))
			g.Delay(time.Second - time.Duration(n)*time.Millisecond) // the last one fails first
		}
		w.Tick()
		w.Pass(2 * time.Second)
		w.ExpectWarnings(actorstest.Line{
			"count": "12", "games": "[game-0 game-1 game-10 game-11 game-2 game-3 game-4 game-5 game-6 game-7]",
		})
		healthy.ExpectInspects(2)
	})
}

func TestH10AnInspectorThatFailsAgainAndAgainIsOneWarningATick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Restart(1)
		game.Stream().Fail(errors.New("connection refused"))
		w.Start()
		before := w.Journal.Loads()
		w.Ticks(5)
		if tries := w.Journal.Loads() - before; tries < 10 {
			t.Errorf("tries: %d, want several in a tick", tries)
		}
		if warned := w.Logged(slog.LevelWarn); len(warned) < 3 || len(warned) > 6 { // the first tick is at the start
			t.Errorf("warned: %v, want at most one line a tick", warned)
		}
		game.Stream().Fail(nil)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}
