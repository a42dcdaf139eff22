package actors_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What counts as another container of a game, and what a container that is gone means.

func TestH8AnotherEngineStartsALifecycle(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Engine("east")
		w.Start()
		game.Restart(3)
		game.Move("east")
		w.Tick()
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(4))
	})
}

func TestH8AReplacementWhileNobodyWatchedStartsALifecycle(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Replace("second")
		game.Restart(3)
		w.Start()
		w.ExpectNothing()
		game.ExpectBaseline(3)
	})
}

// The old container's answer comes after the tick that brought the new one.
func TestH8AnAnswerOfTheReplacedContainerIsDropped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		game := w.Game("game-7")
		game.State("exited")
		game.Delay(15 * time.Second)
		w.Start()
		game.Replace("second")
		w.Ticks(3)
		w.ExpectNothing()
		game.ExpectBaseline(0)
	})
}

func TestH8AReplacementDuringAHangIsInspectedAtOnce(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		w.Config.InspectConcurrency = 1
		game := w.Game("game-7")
		w.Start()
		game.Hang(true)
		w.Tick()
		game.Replace("second")
		game.Health("unhealthy")
		w.Tick() // the hung one gives its slot back
		w.Expect(game.Unhealthy(unhealthy).In("second"))
		w.ExpectWarnings()
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

func TestH9AContainerThatWasNeverThereHasNoBaseline(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Remove()
		w.Start()
		game.ExpectNoBaseline()
		game.Restart(2) // it is there now
		w.Tick()
		w.ExpectNothing() // H1
		game.ExpectBaseline(2)
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

func TestH9AnEngineThatFindsNoContainerAnswers(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(3)
		w.Start()
		games[0].Remove()
		games[1].Fail(fmt.Errorf("%w: EOF", actors.ErrEngineUnreachable))
		games[2].Fail(fmt.Errorf("dial: %w", context.DeadlineExceeded))
		w.Tick()
		w.ExpectWarnings(actorstest.Line{"game": "game-1"}, actorstest.Line{"game": "game-2"})
	})
}

func TestS2AReplacedContainerIsInspectedInTheSameTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		game := w.Game("game-7")
		w.Start()
		game.Hang(true)
		w.Tick() // hangs
		game.Replace("second")
		game.State("exited")
		w.Tick()
		w.Expect(game.Unhealthy(notRunning).In("second"))
	})
}
