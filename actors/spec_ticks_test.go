package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// The beat of the ticks.

func TestS3AdoptedGamesAreInspectedAtOnceToo(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = 24 * time.Hour
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Restart(1)
		w.Start()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS3ANodeIsReadyWhenItsFirstTickIsComplete(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Delay(2 * time.Second)
		w.Start()
		w.Pass(time.Second)
		if w.Node().Ready() {
			t.Error("ready before the first tick is complete")
		}
		w.Pass(time.Second)
		if !w.Node().Ready() {
			t.Error("not ready after the first tick")
		}
	})
}

func TestS3TheFirstTickStartsAtOnce(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = 24 * time.Hour
		game := w.Game("game-7")
		game.State("exited")
		w.Start()
		w.Expect(game.Unhealthy(notRunning))
		if !w.Node().Ready() {
			t.Error("not ready after the first tick")
		}
	})
}
