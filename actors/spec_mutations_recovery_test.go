package actors_test

import (
	"errors"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// These specs hold edges of the rules that the mutation check found nobody to hold: see docs/mutations.md.

// untilSnapshot restarts a game's container until its inspector has written a snapshot.
func untilSnapshot(w *actorstest.World, game *actorstest.Game) {
	for n := 0; w.Journal.Snapshots() == 0 && n < 300; n++ {
		game.Restart(1)
		w.Tick()
	}
	w.TakeEvents(game.ID)
}

// The last thing in the journal is the mark of a delivery, so that the baseline is in the snapshot only.
func TestR1TheBaselineIsInTheSnapshot(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		if n := w.Journal.Snapshots(); n != 0 {
			t.Errorf("snapshots of a stream of one event: %d, want none", n)
		}
		untilSnapshot(w, game)
		w.Crash()
		game.Restart(1)
		w.Start()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestR1IndexesGoOnAfterASnapshot(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		untilSnapshot(w, game)
		w.Crash()
		w.Start()
		game.Restart(1)
		w.Tick()
		w.Broker.LoseAcks(1) // what is pending is read back
		game.Restart(1)
		w.Tick()
		w.Pass(5 * time.Second)
		w.Expect(game.Unhealthy(restarted), game.Unhealthy(restarted))
		game.ExpectPending(0)
	})
}

// The event at which protoactor asks for a snapshot is a detection: the snapshot is of the moment before it.
func TestR1ASnapshotIsOfTheMomentBeforeItsEvent(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Tick()
		game.StartByHand() // an observation without a detection
		w.Tick()
		untilSnapshot(w, game)
		w.Crash()
		w.Start()
		game.ExpectPending(0)
		w.ExpectNothing()
	})
}

// A journal that fails for one game is no empty journal: the game left, and what it had detected is still there.
func TestR1AStreamThatCanNotBeReadIsNotEmpty(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		w.Crash()
		game.Leave()
		w.Broker.Down(nil)
		w.Journal.Fail("game-7", errors.New("connection refused"))
		w.Start()
		w.Tick()
		w.Journal.Fail("game-7", nil)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted))
		game.ExpectForgotten()
	})
}

func TestR1AGameIDMayHaveSlashes(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		east, west := w.Game("east/7"), w.Game("west/7")
		east.Replace("east-7")
		west.Replace("west-7")
		w.Start()
		east.Restart(1)
		w.Tick()
		w.Expect(east.Unhealthy(restarted))
		w.Crash()
		west.Restart(1)
		w.Start()
		w.Expect(west.Unhealthy(restarted))
	})
}

// Without the list of open streams a node can't know which games left: it asks until it knows.
func TestR2ANodeAsksForItsOpenStreamsUntilItKnows(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Leave()
		w.Journal.Fail("", errors.New("connection refused"))
		w.Start()
		w.Tick()
		w.Journal.Fail("", nil)
		w.Ticks(2)
		game.ExpectForgotten()
	})
}

func TestR2AGameOfWhichOnlyASnapshotIsReadIsDropped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		untilSnapshot(w, game)
		w.Crash()
		game.Leave()
		w.Start()
		game.ExpectForgotten()
	})
}

func TestR2AnAdoptedGamesContainerIsThePresentOne(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		w.List.Set(
			actors.Entry{GameID: "game-7", ContainerID: "newer"},
			actors.Entry{GameID: "game-7", ContainerID: game.Container(), Alternative: true},
		)
		game.Restart(1)
		w.Start()
		w.Expect(game.Unhealthy(restarted).In(game.Container()))
	})
}
