package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// A journal that went back in time, as a failover that lost commits makes it: what is left counts.

// rolledBack has a game restart, whose event the journal then forgets. It returns the event's id.
func rolledBack(w *actorstest.World, game *actorstest.Game) string {
	w.Start()
	rollBack := w.Journal.Checkpoint()
	game.Restart(1)
	w.Tick()
	first := w.TakeEvents(game.ID)
	if len(first) != 1 {
		w.T.Fatalf("events: %v, want one", first)
	}
	w.Pass(time.Second)
	rollBack()
	return first[0].EventID
}

func TestR4WhatARollbackLostIsReportedAgain(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		lost := rolledBack(w, game)
		w.Node().JournalRolledBack()
		w.Tick()
		again := w.TakeEvents("game-7")
		if len(again) != 1 || again[0].EventID == lost || again[0].Details.RestartCount != 1 {
			t.Errorf("events: %v, want the restart once more, under another id than %s", again, lost)
		}
		game.Restart(1)
		other.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(2), other.Unhealthy(restarted).Count(1))
		w.ExpectWarnings()
	})
}

func TestR4ARollbackCutsOffWhatIsUnderWay(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Delay(3 * time.Second)
		w.Tick()
		w.Node().JournalRolledBack()
		w.Pass(time.Second)
		game.Delay(0)
		game.Restart(1)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted).Count(1))
	})
}

// Whoever comes upon it first: the next write finds that the stream lacks what came before.
func TestR4ARollbackIsFoundByTheNextWrite(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		rolledBack(w, game)
		game.Restart(1)
		w.Tick()
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "the journal has lost events of the game that it had acknowledged"})
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(2))
	})
}

// An event that is lost before it was delivered is missing in the journal, and its restart is reported anew.
func TestR4ARollbackThatTookAnUndeliveredEventIsFound(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		rollBack := w.Journal.Checkpoint()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		rollBack()
		w.Broker.Down(nil)
		w.Ticks(3)
		w.Expect(game.Unhealthy(restarted).Count(1))
		game.ExpectPending(0)
	})
}
