package actors_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

func TestS1AnUnreadableListStopsNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.List.Fail(errors.New("no such table"))
		game.Restart(1)
		w.Tick()
		w.ExpectNothing()
		w.ExpectWarnings(actorstest.Line{"error": "no such table"})
		if inspects := w.Engine("default").Inspects(game.Container()); inspects != 1 {
			t.Errorf("inspects: %d, want the first one only", inspects)
		}
		w.List.Fail(nil)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS1TheListTimesOutAndTicksMeanwhileAreSkipped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.List.Slow(time.Hour)
		w.Pass(w.Config.Interval + w.Config.ListTimeout)
		w.ExpectWarnings(actorstest.Line{"error": "no answer within 30s"})
		w.List.Slow(0)
		game.Restart(1)
		w.Ticks(4)
		w.Expect(game.Unhealthy(restarted))
	})
}

func TestS1OneEnginesPartOfTheListIsMissing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		here, there := w.Game("here"), w.GameOn("east", "there")
		w.Start()
		w.List.FailEngine("east", errors.New("connection refused"))
		here.Restart(1)
		there.Restart(1)
		w.Tick()
		w.Expect(here.Unhealthy(restarted))
		w.ExpectWarnings(actorstest.Line{"engine": "east", "error": "connection refused"})
		w.List.FailEngine("east", nil)
		w.Tick()
		w.Expect(there.Unhealthy(restarted)) // its baseline was kept
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

func TestS2AReplacedContainerIsInspectedInTheSameTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = time.Hour
		game := w.Game("game-7")
		w.Start()
		game.Hang(true)
		w.Tick() // hangs
		game.Replace("second")
		game.State("exited")
		w.Tick()
		w.Expect(game.Unhealthy(notRunning).In("second"))
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

func TestS3TheFirstTickStartsAtOnce(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = 24 * time.Hour
		game := w.Game("game-7")
		game.State("exited")
		w.Start()
		w.Expect(game.Unhealthy(notRunning))
		if !w.Node().Ready() {
			t.Error("not ready after the first tick")
		}
	})
}

func TestS4AGameUnderWayIsNotInspectedTwice(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = 25 * time.Second
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		game.Hang(true)
		w.Ticks(3) // asked once, skipped twice
		if inspects := w.Engine("default").Inspects(game.Container()); inspects != 2 {
			t.Errorf("inspects: %d, want 2", inspects)
		}
		if skipped := metrics.Sum("healthactors_inspections_skipped"); skipped != 2 {
			t.Errorf("skipped: %v, want 2", skipped)
		}
	})
}

func TestS4HungInspectsDelayNoOtherGame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectConcurrency = 4
		hung := w.Fleet(40) // ten times the slots
		healthy := w.Game("healthy")
		w.Start()
		for _, g := range hung {
			g.Hang(true)
		}
		w.Pass(100 * time.Second) // every hung game has had its first time-out
		healthy.State("exited")
		for range 5 {
			w.Logged(slog.LevelWarn)
			w.Tick()
			w.Expect(healthy.Unhealthy(notRunning))
		}
		hung[3].Hang(false)
		hung[3].State("exited")
		w.Pass(500 * time.Second) // its turn in the lane comes
		events := w.TakeEvents("game-3")
		if len(events) < 2 {
			t.Errorf("events of a game that answers again: %d, want one a tick", len(events))
		}
	})
}

func TestS4OverloadStarvesNobody(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectConcurrency = 2
		games := w.Fleet(30)
		w.Engine("default").Slow(time.Second) // a pass takes 15 s
		w.Start()
		w.Ticks(60)
		var inspects []int
		for _, g := range games {
			inspects = append(inspects, w.Engine("default").Inspects(g.Container()))
		}
		if least := slices.Min(inspects); least < 29 { // at least every second pass
			t.Errorf("inspects of a game: %d, want 30", least)
		}
	})
}

func TestS5ConcurrencyIsBoundedPerEngine(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectConcurrency = 3
		w.Fleet(20)
		for n := range 20 {
			w.GameOn("east", fmt.Sprintf("east-%d", n))
		}
		w.Engine("default").Slow(time.Second)
		w.Engine("east").Slow(time.Second)
		w.Start()
		w.Pass(7 * time.Second)
		for _, engine := range []string{"default", "east"} {
			if most := w.Engine(engine).MostAtOnce(); most != 3 {
				t.Errorf("%s: %d inspects at once, want 3", engine, most)
			}
		}
		if observed := w.Games()[0].ObservedAt; observed == nil {
			t.Error("the pass is not over after seven seconds")
		}
	})
}

func TestS6MalformedEntriesAreRefusedOnce(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.List.Add(actors.Entry{GameID: "has space", ContainerID: "c"})
		w.List.Add(actors.Entry{GameID: "game-8", ContainerID: "../x"})
		w.List.Add(actors.Entry{GameID: "game-9", ContainerID: "c", Engine: "nowhere"})
		w.List.Add(actors.Entry{GameID: "game-7", ContainerID: "second"})
		w.List.Add(actors.Entry{GameID: "game-1", Malformed: "container_id is null"})
		game.State("exited")
		w.Start()
		w.Ticks(2)
		w.Expect(game.Unhealthy(notRunning), game.Unhealthy(notRunning), game.Unhealthy(notRunning))
		if warned := w.Logged(slog.LevelWarn); len(warned) != 5 {
			t.Errorf("warnings: %v, want one for each malformed entry", warned)
		}
		w.List.Remove("game-9")
		w.Tick()
		w.List.Add(actors.Entry{GameID: "game-9", ContainerID: "c", Engine: "nowhere"})
		w.Tick()
		w.ExpectWarnings(actorstest.Line{"game": "game-9", "engine": "nowhere"})
		w.TakeEvents("game-7")
	})
}

func TestS6AWatchedGameWhoseEntryIsRefusedIsLeftAlone(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.List.Set(actors.Entry{GameID: "game-7", Malformed: "container_id is null"})
		game.Restart(1)
		w.Tick()
		w.ExpectNothing()
		w.List.Set()
		game.Return()
		w.List.Set(actors.Entry{GameID: "game-7", ContainerID: game.Container()})
		w.Tick()
		w.Expect(game.Unhealthy(restarted)) // the baseline was kept
	})
}

func TestS6OfSeveralEntriesThePresentContainerCounts(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.List.Set(
			actors.Entry{GameID: "game-7", ContainerID: "newer"},
			actors.Entry{GameID: "game-7", ContainerID: game.Container(), Alternative: true},
		)
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).In(game.Container()))
		if warned := w.Logged(slog.LevelWarn); len(warned) != 0 {
			t.Errorf("warned: %v, want nothing", warned)
		}
	})
}

func TestS7APanickingInspectorIsRestartedFromItsJournal(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		game.Restart(2)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
		w.Journal.PanicOnce("game-7")
		game.Restart(1)
		other.Restart(1)
		w.Tick()
		w.Expect(other.Unhealthy(restarted))
		if warned := w.Logged(slog.LevelWarn); len(warned) != 1 || warned[0].Attrs["stack"] == "" {
			t.Errorf("warned: %v, want one line with the stack", warned)
		}
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(3))
	})
}

// The news of a failure overtakes the inspector's last words, here that it had recovered.
func TestS7AnInspectorThatFailsAtOnceAfterItsRestartIsRestartedAgain(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = time.Minute
		games := w.Fleet(50)
		w.Start()
		for _, g := range games {
			w.Journal.FailAfter(g.ID, errors.New("connection lost")) // neither detections nor marks go well
			g.State("exited")
		}
		w.Ticks(20)
		for _, g := range games {
			w.Journal.FailAfter(g.ID, nil)
		}
		w.Ticks(1)
		for _, g := range games {
			if inspects := w.Engine("default").Inspects(g.Container()); inspects != 1+20+1 {
				t.Fatalf("inspects of %s: %d, want one a tick", g.ID, inspects)
			}
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
