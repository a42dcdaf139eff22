package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// What was written without an answer, and comes to light only after its game has left the list (R6, S2).

func TestR6S2AnObservationThatComesToLightAfterItsGameLeftIsForgotten(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Ticks(2)
		expected := game.Unhealthy(restarted).Count(1)
		game.Stream().Late(true)
		game.Replace("second")
		w.Ticks(2)
		game.Stream().Late(false)
		game.Leave()
		w.Tick()
		w.Broker.Down(nil)
		w.Pass(15 * time.Second)
		w.Expect(expected)
		game.ExpectForgotten()
		game.Return()
		game.Restart(2)
		w.Tick()
		w.ExpectNothing()
		game.ExpectBaseline(2)
		if open := w.Journal.OpenStreams(); len(open) != 1 {
			t.Errorf("open streams: %v, want the game's", open)
		}
	})
}
