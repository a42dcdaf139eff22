package actors_test

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// These specs hold edges of the rules that the mutation check found nobody to hold: see docs/mutations.md.

func TestH9AnEngineThatFindsNoContainerAnswers(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(3)
		w.Start()
		games[0].Remove()
		games[1].Fail(errors.New("500 Internal Server Error"))
		games[2].Fail(errors.New("502 Bad Gateway"))
		w.Tick()
		w.ExpectWarnings(actorstest.Line{"game": "game-1"}, actorstest.Line{"game": "game-2"})
	})
}

func TestH10AFailureAfterTheEndOfItsPassIsLoggedAtTheNextTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Slow(2 * time.Second)
		game.Restart(1)
		w.Tick()
		w.Pass(time.Second)
		w.Journal.FailAfter("game-7", errors.New("disk full")) // the mark fails, long after the inspect has ended
		w.Pass(2 * time.Second)
		w.Journal.FailAfter("game-7", nil)
		w.ExpectWarnings()
		w.Pass(7 * time.Second)
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "write to the journal: disk full"})
	})
}

func TestS1OneReadingOfTheListAtATime(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		w.Game("game-7")
		w.List.Slow(25 * time.Second)
		w.Start()
		w.Pass(29 * time.Second)
		if ticks := metrics.Sum("healthactors_ticks"); ticks != 1 {
			t.Errorf("ticks: %d, want the one that read the list for 25 s", ticks)
		}
	})
}

func TestS1ANodeIsNotReadyBeforeItHasReadTheList(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Game("game-7")
		w.List.Fail(errors.New("no such table"))
		w.Start()
		w.Ticks(2)
		if w.Node().Ready() {
			t.Error("ready without a list")
		}
		w.List.Fail(nil)
		w.Tick()
		if !w.Node().Ready() {
			t.Error("not ready with a list")
		}
	})
}

func TestS1AListThatPanicsIsAListThatCanNotBeRead(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		readings := 0
		w.List.Watch = func() func(actors.Listing, error) {
			if readings++; readings == 2 {
				panic("a bug")
			}
			return func(actors.Listing, error) {}
		}
		w.Start()
		game.Restart(1)
		w.Tick()
		w.ExpectNothing()
		w.ExpectWarnings(actorstest.Line{"error": "reading the running list panicked: a bug"})
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
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

func TestS4AGameWhoseInspectorHasNotRecoveredMissesItsPass(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Config.Interval = time.Second
		w.Journal.Of("game-7").Slow(2500 * time.Millisecond)
		w.Start()
		w.Ticks(2)
		if skipped := metrics.Sum("healthactors_inspections_skipped"); skipped != 2 {
			t.Errorf("skipped: %d, want 2", skipped)
		}
		w.Journal.Of("game-7").Slow(0)
		w.Ticks(2)
		game.ExpectBaseline(0)
	})
}

// The inspector is busy with the first container's observation when the second is listed, which hangs then.
func TestS4TheEndOfAnEarlierInspectIsNotThatOfTheOneUnderWay(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval, w.Config.InspectTimeout = time.Second, time.Hour
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Journal.Slow(1500 * time.Millisecond)
		w.Tick()
		game.Replace("second")
		game.Hang(true)
		w.Tick() // the first one's end is told half a second later
		before := metrics.Sum("healthactors_inspections_skipped")
		w.Ticks(5)
		if skipped := metrics.Sum("healthactors_inspections_skipped") - before; skipped != 5 {
			t.Errorf("skipped: %d, want one a tick", skipped)
		}
		if got := w.Games()[0]; got.ContainerID != "second" || got.ObservedAt != nil {
			t.Errorf("status: %+v", got)
		}
	})
}

// hangOnce lets each game time out once, so that its next inspect waits in the lane.
func hangOnce(w *actorstest.World, games ...*actorstest.Game) {
	for _, g := range games {
		g.Hang(true)
	}
	w.Pass(w.Config.Interval*time.Duration(1+len(games)/w.Config.InspectConcurrency) - time.Nanosecond)
	w.Logged(slog.LevelWarn)
}

func TestS4AGameThatAnswersAgainLeavesTheLane(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectConcurrency = 4
		w.Config.Interval = time.Minute
		games := w.Fleet(4)
		w.Start()
		hangOnce(w, games...)
		w.Pass(2 * time.Nanosecond)
		w.Pass(50 * time.Second) // they wait for each other's time-outs
		for _, g := range games {
			g.Hang(false)
		}
		w.Tick() // in the lane
		for _, g := range games {
			g.Delay(3 * time.Second)
			g.State("exited")
		}
		w.Pass(w.Config.Interval - 50*time.Second + 4*time.Second)
		var expected []actorstest.Event
		for _, g := range games {
			expected = append(expected, g.Unhealthy(notRunning))
		}
		w.Expect(expected...) // all at once
	})
}

func TestS4AnEngineThatGoesAwayLeavesHungGamesInTheLane(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectConcurrency = 4
		hung := w.Fleet(20)
		healthy := w.Game("healthy")
		for n := range 20 {
			hung = append(hung, w.Game(fmt.Sprint("hung-", n)))
		}
		w.Start()
		hangOnce(w, hung...)
		healthy.State("exited")
		for range 3 {
			w.Engine(actors.DefaultEngine).Down(actors.ErrEngineUnreachable)
			w.Ticks(2)
			w.Engine(actors.DefaultEngine).Down(nil)
			w.TakeEvents("healthy")
			w.Tick()
			w.Expect(healthy.Unhealthy(notRunning))
		}
	})
}

func TestS4AnotherContainerDoesNotWaitInTheLane(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectConcurrency, w.Config.InspectTimeout = 4, 15*time.Second
		games := w.Fleet(2)
		w.Start()
		for _, g := range games {
			g.Hang(true)
		}
		w.Pass(25 * time.Second) // both have timed out
		games[1].Malform("container_id is null")
		w.Pass(5 * time.Second) // the first one alone is inspected, and has the lane
		games[1].Replace("second")
		games[1].State("exited")
		w.Tick()
		w.Expect(games[1].Unhealthy(notRunning).In("second"))
	})
}

func TestS5EnginesDoNotShareTheirSlots(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectConcurrency = 1
		here, there := w.Game("here"), w.GameOn("east", "there")
		w.Start()
		here.Hang(true)
		there.Hang(true)
		w.Tick()
		for _, g := range []*actorstest.Game{here, there} {
			g.ExpectInspects(2)
		}
	})
}

func TestS6TheSameMalformedEntryTwiceIsOneWarning(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		for range 2 {
			w.List.Add(actors.Entry{GameID: "game-8", ContainerID: "../x"})
		}
		w.Start()
		w.ExpectWarnings(actorstest.Line{"game": "game-8", "container": "../x"})
	})
}

func TestS6TheContainerOfALifecycleThatEndedDoesNotCount(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown) // its inspector stays
		game.Restart(1)
		w.Tick()
		game.Leave()
		w.Tick()
		w.Engine(actors.DefaultEngine).Put("newer", actors.Observation{ID: "newer", State: "running"})
		w.List.Set(
			actors.Entry{GameID: "game-7", ContainerID: "newer"},
			actors.Entry{GameID: "game-7", ContainerID: game.Container(), Alternative: true},
		)
		w.Tick()
		if got := w.Games()[0].ContainerID; got != "newer" {
			t.Errorf("container: %s, want the list's first", got)
		}
	})
}

func TestS7ThePausesBetweenRestartsGrow(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Journal.Fail("game-7", errors.New("connection refused"))
		before := w.Journal.Loads()
		w.Pass(2*w.Config.Interval - time.Millisecond)
		if tries := w.Journal.Loads() - before; tries < 5 || tries > 8 {
			t.Errorf("restarts in ten seconds: %d, want about 7", tries)
		}
		if warned := w.Logged(slog.LevelWarn); len(warned) != 1 {
			t.Errorf("warned: %v, want one line in one tick (H10)", warned)
		}
	})
}

// Every game is inspected at every tick, however long its journal has been away: the tick ends the pause.
func TestS2ATickEndsThePauseAfterAFailure(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Second
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Journal.Of("game-7").Full(true)
		w.Ticks(30)
		if inspects := w.Engine(actors.DefaultEngine).Inspects(game.Container()); inspects < 30 {
			t.Errorf("inspects: %d, want one a tick", inspects)
		}
		w.Journal.Of("game-7").Full(false)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS7ThePausesAreShortAgainAfterAnObservation(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = 3 * time.Second
		game := w.Game("game-7")
		w.Start()
		fail := func(d time.Duration) {
			game.Restart(1)
			actorstest.For(w, d, func(err error) { w.Journal.Fail("game-7", err) }, errors.New("connection refused"))
			w.Pass(d)
		}
		fail(time.Minute)
		w.Ticks(5)
		w.Expect(game.Unhealthy(restarted))
		fail(w.Config.Interval)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS7AnEnginesAdapterThatPanicsIsAFailedInspect(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		w.Engine(actors.DefaultEngine).Panic(game.Container(), true)
		other.Restart(1)
		w.Tick()
		w.Expect(other.Unhealthy(restarted))
		if warned := w.Logged(slog.LevelWarn); len(warned) != 1 || warned[0].Attrs["game"] != "game-7" {
			t.Errorf("warned: %v, want one line that names the game", warned)
		}
		w.Engine(actors.DefaultEngine).Panic(game.Container(), false)
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS7RecoveringInspectorsAreBounded(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Hour
		games := w.Fleet(300)
		w.Journal.Slow(time.Second)
		w.Start()
		inspected := func() (n int) {
			for _, g := range games {
				n += w.Engine(actors.DefaultEngine).Inspects(g.Container())
			}
			return n
		}
		w.Pass(2500 * time.Millisecond) // a second for the open streams, one for the first that recover
		if n := inspected(); n != 256 {
			t.Errorf("inspected: %d, want 256", n)
		}
		w.Pass(time.Second)
		if n := inspected(); n != 300 {
			t.Errorf("inspected: %d, want all", n)
		}
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
