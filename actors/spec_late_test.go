package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors"
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

// A commit of an inspector that has failed since may come late too. On a node alone nobody else writes, so it costs no observation;
// and what is of the time before the game left is compared with nothing.
func TestR6S2AFailedInspectorsLateWriteIsForgottenWhenTheGameHasComeBack(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Minute
		game := w.Game("game-7")
		game.Stream().Late(true)
		w.Start()
		game.Stream().FailLoads(errAnswerLost) // so that the inspector fails when its game leaves
		game.Leave()
		w.Tick()
		game.Return()
		game.Restart(2)
		game.State("exited")
		game.Stream().Late(false)
		w.In(61*time.Second, func() { game.Stream().FailLoads(nil) })
		w.Tick()
		w.Pass(30 * time.Second)
		w.Expect(game.Unhealthy(notRunning).Count(2))
		game.ExpectBaseline(2)
	})
}

// The late commit may be of a delivery mark. What the publisher was asked for meanwhile counts for nothing then: its answer would
// settle what was detected since.
func TestR6P3AFailedInspectorsLateMarkSettlesNothingElse(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		game := w.Game("game-7")
		w.Start()
		game.SlowPublish(2 * time.Second)
		game.Restart(1)
		w.In(11*time.Second, func() { game.Stream().Late(true) })
		w.In(12*time.Second+time.Millisecond, func() { game.Stream().FailLoads(errAnswerLost) })
		w.Tick()
		w.Pass(5 * time.Second)
		game.Leave()
		w.Tick() // so that its inspector fails
		game.Return()
		game.State("exited")
		w.In(6*time.Second, func() {
			game.Stream().Late(false)
			game.Stream().FailLoads(nil)
		})
		w.Ticks(3)
		w.Expect(game.Unhealthy(restarted).Count(1).While("running"), game.Unhealthy(notRunning).Count(1))
		game.ExpectPending(0)
	})
}
