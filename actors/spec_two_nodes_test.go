package actors_test

import (
	"errors"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// Two nodes on one journal.

// Two nodes on one journal are a mistake; the journal makes it harmless: the one whose write comes second starts again
// from what the first has written.
func TestP3TwoNodesOnOneJournalLoseAndReorderNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		b := w.NodeNamed("b")
		w.Start()
		b.Start()
		var expected []actorstest.Event
		for n := range 20 {
			if n == 10 {
				actorstest.For(w, 25*time.Second, w.Broker.Down, actorstest.ErrBrokerDown)
			}
			game.Restart(1)
			w.Tick()
			expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)))
		}
		w.Pass(25 * time.Second)
		w.Expect(expected...) // each restart is one event, in order, whoever told of it
		expectSameDeliveries(t, w)
		w.Crash()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(21))
	})
}

func TestP3TwoNodesThatBothDropAGameForgetIt(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		b := w.NodeNamed("b")
		w.Start()
		b.Start()
		game.Restart(1)
		game.Fail(errors.New("nobody answers"))
		game.Leave()
		w.Ticks(3)
		game.ExpectForgotten()
		game.Fail(nil)
		game.Return()
		w.Ticks(3)
		w.ExpectNothing() // H1
		game.ExpectBaseline(1)
	})
}
