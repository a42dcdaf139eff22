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

func TestR6S2AnObservationThatComesToLightAfterItsGameCameBackIsForgotten(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Stream().FailAfter(errAnswerLost)
		w.Start()
		game.Stream().FailAfter(nil)
		game.Stream().FailLoads(errAnswerLost)
		game.Leave()
		w.Tick()
		game.Return()
		game.Restart(2)
		game.Delay(2 * time.Second)
		w.In(11*time.Second, func() { game.Stream().FailLoads(nil) })
		w.Ticks(3)
		w.ExpectNothing()
		game.ExpectBaseline(2)
	})
}
