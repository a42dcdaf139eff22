package actors_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// Who may inspect when: the slots of an Engine, and the lane of those that hang.

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

// hangOnce lets each game time out once, so that its next inspect waits in the lane.
func hangOnce(w *actorstest.World, games ...*actorstest.Game) {
	for _, g := range games {
		g.Hang(true)
	}
	w.Pass(w.Config.Interval*time.Duration(1+len(games)/w.Config.InspectConcurrency) - time.Nanosecond)
	w.Logged(slog.LevelWarn)
}
