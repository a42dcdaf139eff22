package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// Nodes of the release before on the same journal (C6).

// betweenTwoContainers plays a story that goes on when an older node has rewritten the snapshot of a game, whose sick container is
// gone, and whose new one has not come yet.
func betweenTwoContainers(t *testing.T, story func(w *actorstest.World, game *actorstest.Game)) {
	t.Helper()
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		w.Lease = lease
		game := w.Game("game-7")
		w.Start()
		untilSnapshot(w, game)
		game.State("exited")
		w.Tick()
		game.Replace("second")
		game.Remove()
		w.Tick()
		w.TakeEvents(game.ID)
		w.Stop(time.Second)

		older := w.NodeNamed("b")
		older.Older = true
		rewriteSnapshot(w, older)
		w.ExpectNothing()
		story(w, game)
	})
}

// rewriteSnapshot starts a node, which claims the stream, and stops it until it has saved a snapshot.
func rewriteSnapshot(w *actorstest.World, older *actorstest.Process) {
	for written := w.Journal.Snapshots(); w.Journal.Snapshots() == written; {
		older.Start()
		older.Stop(time.Second)
	}
}

func TestC6H8AnOlderNodesSnapshotKeepsTheReasonsOfTheOldContainer(t *testing.T) {
	betweenTwoContainers(t, func(w *actorstest.World, game *actorstest.Game) {
		w.Start()
		game.State("running")
		w.Tick()
		w.Expect(game.Recovered().In("second"))
		w.Ticks(2)
		w.Crash()
		w.Start()
		w.ExpectNothing()
	})
}

// What an older node has published is not published again by this one.
func TestC6H8WhatAnOlderNodeObservedCounts(t *testing.T) {
	betweenTwoContainers(t, func(w *actorstest.World, game *actorstest.Game) {
		older := w.NodeNamed("b")
		game.State("running")
		older.Start()
		w.TakeEvents(game.ID) // it may have forgotten that there is something to recover from
		older.Stop(time.Second)
		rewriteSnapshot(w, older)
		w.Start()
		w.Ticks(2)
		w.ExpectNothing()
	})
}

// Where retention took the events between, nobody knows whether there was something to recover from: nothing is invented.
func TestC6H8WhatIsNotKnownAnyMoreIsForgotten(t *testing.T) {
	betweenTwoContainers(t, func(w *actorstest.World, game *actorstest.Game) {
		w.Journal.Of(game.ID).RemoveOld()
		w.Start()
		game.State("running")
		w.Ticks(2)
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).In("second"))
	})
}
