package actors_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// The running list: when it can't be read, and when its entries are malformed.

func TestS1AListThatFailsAtTheStartForgetsNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Crash()
		game.Restart(1)
		actorstest.For(w, 25*time.Second, w.List.Fail, errors.New("no such file"))
		w.Start()
		w.Ticks(2)
		w.ExpectNothing()
		game.ExpectInspects(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
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
		if took := metrics.Seconds("healthactors_tick_duration"); took != 25 {
			t.Errorf("the tick took %v s, want 25: those that fell due meanwhile are no passes", took)
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
		w.List.Watch = func(string) func([]actors.Entry, error) {
			if readings++; readings == 2 {
				panic("a bug")
			}
			return func([]actors.Entry, error) {}
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

func TestS6TheSameEntryTwiceIsOneGame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Return() // once more
		w.Start()
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "second entry for a game"})
		game.Restart(1)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted))
		game.ExpectInspects(3)
		w.ExpectWarnings()
	})
}

func TestS6AnEntryIsMalformedForAWhile(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		actorstest.For(w, 45*time.Second, game.Malform, "container_id is null")
		game.Restart(1)
		w.Ticks(4)
		w.ExpectNothing()
		game.ExpectInspects(1)
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "container_id is null"})
		w.Tick()
		w.Expect(game.Unhealthy(restarted))
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
			actors.Entry{GameID: "game-7", ContainerID: "newer", Created: time.Unix(2, 0)},
			actors.Entry{GameID: "game-7", ContainerID: game.Container(), Created: time.Unix(1, 0)},
		)
		w.Tick()
		if got := w.Games()[0].ContainerID; got != "newer" {
			t.Errorf("container: %s, want the list's first", got)
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
