package actors_test

import (
	"fmt"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What becomes of an inspect that is under way, or waits for its turn, when its game leaves.

// The game leaves, and the inspect's answer comes just before or just after the tick that finds out.
func TestS2AnAnswerAroundTheTickThatDropsTheGame(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprintf("late %t", late), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				w.Config.InspectTimeout = time.Hour
				game := w.Game("game-7")
				game.State("exited")
				game.Delay(w.Config.Interval - time.Nanosecond)
				if late {
					game.Delay(w.Config.Interval + time.Nanosecond)
				}
				w.Start()
				game.Leave()
				w.Ticks(2)
				if late {
					w.ExpectNothing()
				} else {
					w.Expect(game.Unhealthy(notRunning))
				}
				game.ExpectForgotten()
			})
		})
	}
}

// A restart comes just before or just after the last tick that sees the game.
func TestS2ARestartAroundTheTickThatDropsTheGame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		seen, unseen := w.Game("seen"), w.Game("unseen")
		w.Start()
		w.In(9*time.Second, func() { seen.Restart(1) })
		w.In(10*time.Second, func() { unseen.Restart(1) }) // after the tick's inspects
		w.Tick()
		seen.Leave()
		unseen.Leave()
		w.Tick()
		w.Expect(seen.Unhealthy(restarted))
		seen.ExpectForgotten()
		unseen.ExpectForgotten()
	})
}

func TestS2AnInspectThatHangsIsCutOffWhenTheGameLeaves(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		w.Config.InspectConcurrency = 1
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		game.Hang(true)
		w.Tick() // it takes the only slot
		game.Leave()
		other.State("exited")
		w.Tick()
		w.Expect(other.Unhealthy(notRunning))
		game.ExpectForgotten()
		w.ExpectWarnings()
	})
}

// What a dropped game had detected keeps its inspector for a while; an answer that comes then is nobody's.
func TestS2AnAnswerAfterTheGameLeftIsDropped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		game := w.Game("game-7")
		game.State("exited")
		w.Broker.Down(actorstest.ErrBrokerDown)
		w.Start()
		game.Delay(15 * time.Second) // the second inspect would answer after the game has left
		w.Tick()
		game.Leave()
		w.Ticks(2)
		w.Broker.Down(nil)
		w.Pass(20 * time.Second)
		w.Expect(game.Unhealthy(notRunning))
		game.ExpectForgotten()
	})
}

func TestS2WhatIsCutOffCountsAsNoInspect(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		game.Hang(true)
		w.Tick()
		game.Replace("second")
		w.Tick()
		if inspects := metrics.Sum("healthactors_inspections"); inspects != 2 {
			t.Errorf("inspects that ended: %d, want one of each container", inspects)
		}
	})
}

func TestS2AnInspectThatIsCutOffGivesItsSlotBack(t *testing.T) {
	tests := []struct {
		name string
		end  func(w *actorstest.World, g *actorstest.Game)
	}{
		{"the game left", func(w *actorstest.World, g *actorstest.Game) {
			g.Leave()
			w.Tick()
		}},
		{"it got another container", func(w *actorstest.World, g *actorstest.Game) {
			g.Replace("second")
			w.Tick()
		}},
		{"its inspector was restarted", func(w *actorstest.World, g *actorstest.Game) {
			w.Journal.PanicOnce(g.ID) // when the event is marked
			w.Pass(6 * time.Second)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				w.Config.InspectTimeout, w.Config.InspectConcurrency = time.Hour, 1
				hung, other := w.Game("game-1"), w.Game("game-2")
				w.Start()
				w.Broker.SlowFor("game-1", 35*time.Second)
				hung.Restart(1)
				w.Tick() // the event of the hung game is on its way from now on
				hung.Hang(true)
				w.Ticks(2) // it has the slot
				other.State("exited")
				w.Tick()
				w.ExpectNothing()
				tt.end(w, hung)
				if len(w.TakeEvents("game-2")) == 0 {
					w.T.Error("the other game has no slot")
				}
			})
		})
	}
}

func TestS2AGameThatLeftIsNotInspectedWhenItsTurnComes(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout, w.Config.InspectConcurrency = time.Hour, 1
		hung, waiting := w.Game("game-1"), w.Game("game-2")
		w.Start()
		hung.Hang(true)
		w.Ticks(2)
		before := w.Engine(actors.DefaultEngine).Inspects(waiting.Container())
		waiting.Leave()
		w.Tick()
		hung.Leave()
		w.Tick()
		waiting.ExpectInspects(before)
	})
}

func TestS2AnInspectUnderWayIsCutOffWhenTheGameLeaves(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		game := w.Game("game-7")
		game.State("exited")
		w.Engine("default").Delay(game.Container(), 15*time.Second)
		w.Start() // it would answer in the middle of the second tick
		game.Leave()
		w.Ticks(3)
		w.ExpectNothing()
	})
}
