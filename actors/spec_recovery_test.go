package actors_test

import (
	"errors"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

func TestR1ARestartThatNobodyWatchedIsReported(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Restart(2)
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(2))
		w.Crash()
		w.Start()
		w.ExpectNothing()
	})
}

func TestR1BaselinesSurviveSnapshots(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		for range 600 { // each restart is two events: some snapshots
			game.Restart(1)
			w.Tick()
		}
		if n := len(w.TakeEvents("game-7")); n != 600 {
			t.Errorf("events: %d, want 600", n)
		}
		if snapshots := w.Journal.Snapshots(); snapshots < 3 {
			t.Errorf("snapshots: %d, want some", snapshots)
		}
		w.Crash()
		w.Start()
		w.Tick()
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(601))
	})
}

func TestR1ANodeWaitsForAJournalThatIsAway(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Restart(1)
		w.Journal.Fail("", errors.New("connection refused"))
		w.Start()
		w.Tick()
		w.ExpectNothing()
		w.Journal.Fail("", nil)
		w.Pass(5 * time.Second)
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestR2AGameThatLeftWhileNobodyWatchedIsDropped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Leave()
		game.Restart(1)
		w.Start()
		w.ExpectNothing()
		if open := w.Journal.OpenStreams(); len(open) != 0 {
			t.Errorf("open streams: %v, want none", open)
		}
		game.Return()
		w.Tick()
		w.ExpectNothing() // H1
	})
}

func TestR2NothingIsForgottenWhileTheListCanNotBeRead(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		w.Crash()
		game.Restart(1)
		w.Broker.Down(nil)
		w.List.Fail(errors.New("away"))
		w.Start()
		w.Expect(game.Unhealthy(restarted).Count(1)) // what was detected needs no list
		w.List.Fail(nil)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(2))
	})
}
