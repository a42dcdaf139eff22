package actors_test

import (
	"errors"
	"fmt"
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

func TestH2TheStepCountsFromTheLastObservation(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		game.Fail(errors.New("no answer"))
		w.Tick()
		game.Restart(1)
		game.Fail(nil)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(2)) // once, however large the step
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

func TestH7ACounterThatWasResetAndRoseAgain(t *testing.T) {
	for since, reported := range map[int]bool{4: false, 5: false, 6: true} { // the baseline is 5
		t.Run(fmt.Sprint(since), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				game.Restart(5)
				w.Start()
				game.StartByHand()
				game.Restart(since)
				w.Tick()
				if reported {
					w.Expect(game.Unhealthy(restarted).Count(int64(since)))
				} else {
					w.ExpectNothing()
				}
				game.ExpectBaseline(int64(since))
			})
		})
	}
}

func TestH7ALoweredBaselineSurvivesACrash(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Restart(5)
		w.Start()
		game.StartByHand()
		w.Tick()
		w.Crash()
		game.Restart(1)
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(1))
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
