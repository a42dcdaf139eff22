package actors_test

import (
	"sync/atomic"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// A stop in order, and what it leaves behind.

func TestS8AStopThatIsKilledLeavesTheRestToTheNextStart(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		actorstest.For(w, time.Minute, w.Broker.Down, actorstest.ErrBrokerDown)
		game.Restart(2)
		w.Tick()
		w.Stop(0)
		game.Restart(1)
		w.Start()
		w.Pass(time.Minute)
		w.Expect(game.Unhealthy(restarted).Count(2), game.Unhealthy(restarted).Count(3))
	})
}

func TestS8AStopCutsOffWhatHangs(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		w.Config.InspectConcurrency = 1
		games := w.Fleet(3)
		w.Start()
		for _, g := range games {
			g.Hang(true)
		}
		w.Tick() // one hangs, two wait for their turn
		if took := w.Stop(time.Minute); took != 0 {
			t.Errorf("the stop took %s, want no time", took)
		}
		w.ExpectWarnings()
	})
}

func TestS8AStoppingNodeIsNotReadyAndInspectsNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Slow(25 * time.Second)
		game.Restart(1)
		w.Tick()
		late := w.Game("late") // its inspector recovers when the stop begins
		w.Journal.Of("late").Slow(8 * time.Second)
		w.List.Slow(3 * time.Second) // the second reading is under way then
		w.Pass(w.Config.Interval + 4*time.Second)
		node := w.Node()
		var looks atomic.Int32
		for n := range 10 {
			time.AfterFunc(time.Duration(n)*time.Second+time.Millisecond, func() {
				if looks.Add(1); node.Ready() {
					w.T.Errorf("ready %d s after the stop began", n)
				}
			})
		}
		w.Stop(30 * time.Second)
		if n := looks.Load(); n != 10 {
			t.Errorf("%d looks while it stopped", n)
		}
		w.Expect(game.Unhealthy(restarted))
		late.ExpectInspects(0)
	})
}

// A reading of the list that is under way when the stop begins brings no tick to its end.
func TestS8TheListIsOfNoInterestAfterAStopBegan(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Slow(30 * time.Second)
		game.Restart(1)
		w.Tick()
		w.List.Slow(4 * time.Second)
		w.List.Add(actors.Entry{GameID: "game-8", ContainerID: "../x"})
		w.Pass(w.Config.Interval + 2*time.Second)
		w.Stop(30 * time.Second)
		w.ExpectWarnings()
		w.Expect(game.Unhealthy(restarted))
	})
}

// What an inspector is about to write when the stop begins is published too.
func TestS8AStopWaitsForWhatIsBeingDetected(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Journal.Slow(3 * time.Second)
		game.Restart(1)
		w.Tick()
		w.Stop(20 * time.Second)
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS8AStopWithNothingToDoTakesNoTime(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Game("game-7")
		w.Start()
		if took := w.Stop(10 * time.Second); took != 0 {
			t.Errorf("the stop took %s", took)
		}
	})
}

func TestS8AStopPublishesWhatIsDetected(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, hung := w.Game("game-7"), w.Game("hung")
		w.Start()
		hung.Hang(true)
		game.Restart(1)
		w.Broker.Slow(3 * time.Second)
		w.Tick()
		if took := w.Stop(10 * time.Second); took != 3*time.Second {
			t.Errorf("the stop took %s, want the three seconds of the broker", took)
		}
		w.Expect(game.Unhealthy(restarted))
	})
}

// The first game is done while the second has an event that nobody has begun to publish.
func TestS8AStopWaitsForTheLastGame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		slow, quick := w.Game("slow"), w.Game("quick")
		w.Start()
		slow.SlowPublish(25 * time.Second)
		quick.SlowPublish(3 * time.Second)
		slow.Restart(1)
		w.Tick()
		slow.Restart(1)
		quick.Restart(1)
		w.Tick()
		if took := w.Stop(time.Minute); took != 40*time.Second {
			t.Errorf("the stop took %s, want the forty seconds of the slow game's events", took)
		}
		w.Expect(slow.Unhealthy(restarted).Count(1), quick.Unhealthy(restarted), slow.Unhealthy(restarted).Count(2))
	})
}

func TestS8WhatAStopCouldNotPublishIsPublishedAfterTheNextStart(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		if took := w.Stop(10 * time.Second); took != 10*time.Second {
			t.Errorf("the stop took %s, want the drain time-out", took)
		}
		w.ExpectNothing()
		w.Broker.Down(nil)
		w.Start()
		w.Expect(game.Unhealthy(restarted))
	})
}
