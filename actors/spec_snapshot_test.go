package actors_test

import (
	"fmt"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// Recovery from snapshots, and what happens at their edges.

func TestR1ACrashAroundASnapshotLosesNothing(t *testing.T) {
	for name, moment := range map[string]func(*actorstest.Game) actorstest.Moment{
		"before": before(actorstest.SaveSnapshot), "after": after(actorstest.SaveSnapshot),
	} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				w.Broker.Down(actorstest.ErrBrokerDown)
				w.CrashWhen(moment(game))
				expected := restarts(w, game, 300)
				w.Broker.Down(nil)
				w.Pass(20 * time.Second)
				w.Expect(expected...)
			})
		})
	}
}

// The journal reads one snapshot and what follows it: nothing is lost or told twice at its edges.
func TestR1SnapshotEdges(t *testing.T) {
	for _, events := range []int{63, 64, 65, 129} {
		t.Run(fmt.Sprint(events), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start() // the first event
				w.Broker.Down(actorstest.ErrBrokerDown)
				expected := restarts(w, game, events-1) // one event each
				if n := w.Journal.Appends(); n != events {
					t.Fatalf("events: %d, want %d", n, events)
				}
				w.Crash()
				w.Start()
				game.ExpectBaseline(int64(events - 1))
				game.ExpectPending(int64(events - 1))
				w.Crash()
				w.Broker.Down(nil)
				w.Start()
				w.Expect(expected...)
				w.Crash()
				w.Start()
				w.Tick()
				w.ExpectNothing()
				if n := len(w.Broker.Arrived()); n != events-1 {
					t.Errorf("deliveries: %d, want each event once", n)
				}
			})
		})
	}
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
		w.Lease = lease // a node alone would find its way back to the right index
		metrics := w.Metrics()
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
		if n := metrics.Sum("healthactors_fenced_writes"); n != 0 {
			t.Errorf("refused: %d writes, want none", n)
		}
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

// untilSnapshot restarts a game's container until its inspector has written a snapshot.
func untilSnapshot(w *actorstest.World, game *actorstest.Game) {
	for n := 0; w.Journal.Snapshots() == 0 && n < 300; n++ {
		game.Restart(1)
		w.Tick()
	}
	w.TakeEvents(game.ID)
}

// Also one that has no baseline whenever a snapshot is due: its container changes at every tick, and has nothing to tell.
func TestR1EachStreamGetsSnapshots(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		for n := range 100 {
			game.Replace(fmt.Sprintf("container-%d", n))
			w.Tick()
		}
		if n := w.Journal.Snapshots(); n < 3 {
			t.Errorf("snapshots: %d of %d events, want one for every 64", n, w.Journal.Appends())
		}
		w.Crash()
		game.Restart(1)
		w.Start()
		w.Expect(game.Unhealthy(restarted).In("container-99").Count(1))
	})
}
