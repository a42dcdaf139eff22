package actors_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// The words of the contract, for the specs.
const (
	restarted  = "restart_count_increased"
	notRunning = "not_running"
	unhealthy  = "healthcheck_unhealthy"
)

func TestH1FirstObservationIsTheBaseline(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Restart(4)
		w.Start()
		w.ExpectNothing()
		if got := w.Games()[0]; got.Baseline == nil || *got.Baseline != 4 {
			t.Errorf("baseline: %v, want 4", got.Baseline)
		}
	})
}

func TestH1FirstObservationReportsStateAndHealth(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Restart(4)
		game.State("exited")
		game.Health("unhealthy")
		w.Start()
		w.Expect(game.Unhealthy(notRunning, unhealthy).Count(4).While("exited"))
	})
}

func TestH2RestartIsReportedOnce(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.ExpectNothing()
		game.Restart(3)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(3))
		w.Ticks(3)
		w.ExpectNothing()
	})
}

func TestH2OneRestartAfterTheOther(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		for n := range 3 {
			game.Restart(1)
			w.Tick()
			w.Expect(game.Unhealthy(restarted).Count(int64(n + 1)))
		}
	})
}

func TestH3NotRunningIsReportedAtEveryTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.State("paused")
		w.Ticks(2)
		w.Expect(game.Unhealthy(notRunning), game.Unhealthy(notRunning))
		game.State("running")
		w.Tick()
		w.ExpectNothing()
	})
}

func TestH4OnlyUnhealthyIsReported(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		for _, health := range []string{"starting", "healthy", "none", ""} {
			game.Health(health)
			if health == "starting" {
				w.Start()
			}
			w.Tick()
			w.ExpectNothing()
		}
		game.Health("unhealthy")
		w.Tick()
		w.Expect(game.Unhealthy(unhealthy))
	})
}

func TestH5OneEventNamesEveryReason(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		game.State("restarting")
		game.Health("unhealthy")
		w.Tick()
		w.Expect(game.Unhealthy(restarted, notRunning, unhealthy).Count(1))
	})
}

func TestH6EveryTickPublishesAgainAndNeverARecovery(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		game.Health("unhealthy")
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted, unhealthy), game.Unhealthy(unhealthy))
		w.Crash()
		w.Start()
		w.Expect(game.Unhealthy(unhealthy))
		game.Health("healthy")
		w.Ticks(2)
		w.ExpectNothing()
	})
}

func TestH6OnChangePublishesChangesAndRecovery(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		game := w.Game("game-7")
		w.Start()
		game.State("exited")
		w.Ticks(3)
		w.Expect(game.Unhealthy(notRunning))
		game.Health("unhealthy")
		w.Ticks(2)
		w.Expect(game.Unhealthy(notRunning, unhealthy))
		game.State("running")
		game.Health("healthy")
		w.Ticks(2)
		w.Expect(game.Recovered())
	})
}

func TestH6OnChangeSurvivesACrash(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		game := w.Game("game-7")
		game.State("exited")
		w.Start()
		w.Expect(game.Unhealthy(notRunning))
		w.Crash()
		w.Start()
		w.Tick()
		w.ExpectNothing()
		w.Crash()
		game.State("running")
		w.Start()
		w.Expect(game.Recovered())
	})
}

func TestH7LowerCountLowersTheBaseline(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Restart(5)
		w.Start()
		game.StartByHand()
		w.Tick()
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

func TestH8AnotherContainerStartsALifecycle(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Replace("second")
		game.Restart(7)
		w.Tick()
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(8).In("second"))
	})
}

func TestH8AnotherIDInTheAnswerStartsALifecycle(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Recreate("another-full-id")
		game.Restart(7)
		w.Tick()
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(8).In(game.Container()))
	})
}

// A container that was listed ends the lifecycle of the one before it, even if it never answered.
func TestH8AContainerThatNeverAnsweredStillEndsTheLifecycle(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		first := game.Container()
		game.Replace("second")
		game.Fail(errors.New("no answer"))
		w.Tick()
		game.Replace(first)
		game.Restart(2)
		w.Tick()
		w.ExpectNothing()
	})
}

func TestH9ContainerNotFoundIsNoEvent(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Restart(4)
		w.Start()
		game.Remove()
		w.Ticks(2)
		w.ExpectNothing()
		if warned := w.Logged(slog.LevelWarn); len(warned) != 0 {
			t.Errorf("warned: %v", warned)
		}
		if said := w.Logged(slog.LevelDebug); len(said) != 2 || said[0].Attrs["game"] != "game-7" {
			t.Errorf("debug lines: %v, want one a tick that names the game", said)
		}
		if got := w.Games()[0]; got.Baseline == nil || *got.Baseline != 4 || got.LastError == "" {
			t.Errorf("status: %+v, want the baseline 4 and an error", got)
		}
		game.Restart(1) // it is back, with one restart more
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(5))
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
		"answers nobody":   errors.New("500 Internal Server Error"),
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
