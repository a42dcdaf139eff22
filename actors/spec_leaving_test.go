package actors_test

import (
	"errors"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// Games that leave the list, and games that come back.

func TestS2AnEmptyListDropsAll(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(3)
		w.Start()
		w.List.Set()
		w.Tick()
		for _, g := range games {
			g.ExpectForgotten()
		}
		w.ExpectWarnings()
	})
}

func TestS2AGameThatLeavesAndReturnsBetweenTwoTicksHasNotLeft(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Leave()
		game.Restart(1)
		w.Pass(5 * time.Second)
		game.Return()
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS2AGameThatComesBackAfterACrashDeliversTheOldFirst(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Tick()
		game.Return()
		w.Crash()
		game.State("exited")
		w.Start()
		w.ExpectNothingFor(time.Minute)
		w.Broker.Down(nil)
		w.Pass(9 * time.Second)
		events := w.TakeEvents("game-7")
		if len(events) < 2 || events[0].Reasons[0] != restarted || events[1].Reasons[0] != notRunning {
			t.Errorf("events: %v, want the restart before the new lifecycle's", events)
		}
	})
}

func TestS2AStreamStaysOpenForWhatIsParked(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Refuse(actors.ErrTooLarge)
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Tick()
		if open := w.Journal.OpenStreams(); len(open) != 1 {
			t.Errorf("open streams: %v, want the game's", open)
		}
		game.Refuse(nil)
		w.Crash()
		w.Start()
		w.Expect(game.Unhealthy(restarted))
		game.ExpectForgotten()
	})
}

func TestS2AStreamStaysOpenWhileTheGameIsOnTheList(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		stillOpen := func(when string) {
			if open := w.Journal.OpenStreams(); len(open) != 1 {
				t.Errorf("open streams %s: %v, want the game's", when, open)
			}
		}
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
		stillOpen("when all is delivered")
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Tick()
		game.Return()
		w.Tick()
		w.Broker.Down(nil)
		w.Pass(9 * time.Second)
		w.Expect(game.Unhealthy(restarted))
		stillOpen("when the game has come back")
	})
}

// The inspector is busy with the drop when the game is on the list again.
func TestS2AGameThatComesBackAtOnceIsInspected(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Second
		game := w.Game("game-7")
		w.Start()
		w.Journal.Slow(1500 * time.Millisecond)
		game.Leave()
		w.Tick()
		game.Return()
		game.Delay(200 * time.Millisecond)
		w.Tick()
		w.Journal.Slow(0)
		w.Ticks(5)
		game.Delay(0)
		w.ExpectNothing()
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS2AGameThatLeavesTwiceIsDroppedTwice(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		for range 2 {
			game.Leave()
			w.Tick()
			game.Return()
			w.Tick()
		}
		game.Leave()
		w.Tick()
		w.Broker.Down(nil)
		w.Pass(10 * time.Second)
		w.Expect(game.Unhealthy(restarted))
		game.ExpectForgotten()
	})
}

func TestS2AGameThatLeavesIsForgotten(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Leave()
		w.Tick()
		game.Restart(3)
		if games := w.Games(); len(games) != 0 {
			t.Errorf("games: %v, want none", games)
		}
		if open := w.Journal.OpenStreams(); len(open) != 0 {
			t.Errorf("open streams: %v, want none", open)
		}
		game.Return()
		w.Tick()
		w.ExpectNothing() // H1
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(4))
	})
}

func TestS2WhatADroppedGameHadDetectedIsDeliveredFirst(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Tick()
		game.Return() // the broker is still away
		game.State("exited")
		w.Tick()
		w.ExpectNothing()
		w.Broker.Down(nil)
		w.Pass(9 * time.Second)
		w.Expect(game.Unhealthy(restarted), game.Unhealthy(notRunning))
	})
}

func TestS2ADroppedGamesEventsAreDeliveredAndItsStreamClosed(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Tick()
		w.Crash()
		w.Broker.Down(nil)
		w.Start()
		w.Expect(game.Unhealthy(restarted))
		if open := w.Journal.OpenStreams(); len(open) != 0 {
			t.Errorf("open streams: %v, want none", open)
		}
	})
}

// What the game was before it left counts for nothing, although the journal could not take that it left.
func TestS2H1AGameThatComesBackBeforeTheJournalTookItsEndStartsAnew(t *testing.T) {
	faults := map[string]func(actorstest.Stream, bool){
		"a full journal": actorstest.Stream.Full,
		"a journal that is away": func(s actorstest.Stream, away bool) {
			s.Fail(map[bool]error{true: errors.New("connection refused")}[away])
		},
	}
	for name, fault := range faults {
		for _, comesBack := range []string{"while it fails", "at the tick at which it is well again"} {
			t.Run(name+" "+comesBack, func(t *testing.T) {
				actorstest.Spec(t, func(w *actorstest.World) {
					w.Config.Emit = actors.EmitOnChange
					game := w.Game("game-7")
					w.Start()
					game.State("exited")
					w.Tick()
					w.Expect(game.Unhealthy(notRunning))
					fault(w.Journal.All(), true)
					game.Leave()
					w.Ticks(2)
					game.State("running")
					game.Restart(5)
					game.Return()
					if comesBack == "while it fails" {
						w.Tick()
					}
					fault(w.Journal.All(), false)
					w.Ticks(3)
					w.ExpectNothing()
					game.Restart(1)
					w.Tick()
					w.Expect(game.Unhealthy(restarted).Count(6))
				})
			})
		}
	}
}
