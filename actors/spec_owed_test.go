package actors_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// Marks that fail together with something else: a snapshot, a stop, a list that can't be read, a game that leaves.

// blip makes the writes of a game fail from its next mark on, for a moment.
func blip(w *actorstest.World, game *actorstest.Game, fail func(actorstest.Stream, bool)) {
	w.When(game.Before(actorstest.Mark), func() {
		fail(game.Stream(), true)
		w.In(time.Millisecond, func() { fail(game.Stream(), false) })
	})
}

// Some marks in a row fail, the observations between them do not, and one of these brings a snapshot, which has what is owed.
func TestR6MarksThatFailAroundASnapshotLoseNoEvent(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		var expected []actorstest.Event
		failing := false
		failMarks(w, game, func() bool { return failing })
		for n := range 40 {
			failing = n == 31 || n == 32 // a snapshot is due at the 64th event
			game.Restart(1)
			w.Tick()
			expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)))
		}
		w.Pass(time.Minute)
		w.Crash()
		w.Start()
		w.Pass(time.Minute)
		w.Expect(expected...)
		game.ExpectPending(0)
		if w.Journal.Snapshots() == 0 {
			t.Error("no snapshot was written")
		}
	})
}

// twoInFlight has a game restart twice; the first event is being published when the second is detected.
func twoInFlight(w *actorstest.World, game *actorstest.Game, publish time.Duration) []actorstest.Event {
	w.Start()
	w.Broker.Slow(publish)
	game.Restart(1)
	w.Tick()
	game.Restart(1)
	w.Tick()
	return []actorstest.Event{game.Unhealthy(restarted).Count(1), game.Unhealthy(restarted).Count(2)}
}

func TestR6AMarkThatFailsWhileTheListCantBeReadHoldsUpNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		expected := twoInFlight(w, game, 15*time.Second)
		blip(w, game, actorstest.Stream.Full)
		w.List.Fail(errors.New("connection refused"))
		w.Pass(30 * time.Second)
		w.Expect(expected...)
	})
}

func TestS8AMarkThatFailsInAStopHoldsUpNothing(t *testing.T) {
	for name, hangs := range map[string]bool{"alone": false, "beside an inspect that is withdrawn": true} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				w.Config.InspectTimeout = time.Minute
				game := w.Game("game-7")
				expected := twoInFlight(w, game, 25*time.Second)
				game.Hang(hangs)
				w.When(game.Before(actorstest.Mark), func() {
					game.Stream().Full(true)
					w.When(game.Before(actorstest.Mark), func() { game.Stream().Full(false) })
				})
				w.Pass(14 * time.Second)
				if took := w.Stop(10 * time.Minute); took > time.Minute {
					t.Errorf("the stop took %s", took)
				}
				w.Expect(expected...)
			})
		})
	}
}

// A mark that turns out to be written pays for what was settled until then, and for nothing that was since.
func TestR6ALateMarkPaysOnlyForItself(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		expected := twoInFlight(w, game, 25*time.Second)
		game.Leave()
		blip(w, game, actorstest.Stream.Late)
		w.Ticks(12)
		w.Expect(expected...)
		if n := len(w.Broker.Arrived()); n != 2 {
			t.Errorf("deliveries: %d, want each event once", n)
		}
		game.ExpectForgotten()
	})
}

func TestR6AStreamIsClosedAfterItsMark(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Slow(15 * time.Second)
		game.Restart(1)
		w.Tick() // its publish is under way for two intervals
		game.Leave()
		w.Tick()
		w.When(game.Before(actorstest.Mark), func() { game.Stream().Full(true) })
		w.When(game.Before(actorstest.CloseStream), func() { game.Stream().Full(false) })
		w.In(6*time.Second, func() { game.Stream().Full(false) })
		w.Pass(2 * time.Minute)
		game.ExpectForgotten()
		before := len(w.Broker.Arrived())
		game.Return()
		w.Ticks(10)
		if n := len(w.Broker.Arrived()); n != before {
			t.Errorf("delivered when the game came back: %d", n-before)
		}
	})
}

func TestR6ALateDetectionThatADropFindsIsPublished(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Stream().Late(true)
		game.State("exited")
		w.Tick()
		game.Stream().Late(false)
		game.Leave()
		w.Pass(time.Minute)
		w.Expect(game.Unhealthy(notRunning))
		game.ExpectForgotten()
	})
}

// The first observation's append is still on its way when the game leaves: it must not open a stream that nobody owns.
func TestR6ALateOpeningOfAGameThatLeftOpensNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Start()
		game := w.Game("game-7")
		game.State("exited")
		game.Stream().Late(true)
		w.Tick()
		game.Stream().Late(false)
		game.Leave()
		w.Tick()
		game.Stream().Land()
		w.Pass(time.Minute)
		if open := w.Journal.OpenStreams(); len(open) != 0 {
			t.Errorf("open streams that nobody owns: %v", open)
		}
	})
}

func TestH10TroubleWithTheJournalHidesNoFailedInspect(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.When(game.Before(actorstest.Mark), func() { game.Stream().Full(true) })
		game.Restart(1)
		w.Tick()
		w.Logged(slog.LevelWarn)
		game.Fail(errors.New("500 Internal Server Error"))
		w.Ticks(3)
		failed := 0
		for _, l := range w.Logged(slog.LevelWarn) {
			if l.Message == "inspect failed" {
				failed++
			}
		}
		if failed != 3 {
			t.Errorf("warned of %d failed inspects, want one a tick", failed)
		}
	})
}

func TestS1ANodeThatHasReadNoListIsNotReady(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		w.Config.Interval = time.Minute
		w.Game("game-7")
		w.List.Slow(4 * time.Second)
		w.Start()
		w.Pass(time.Second)
		w.SlowLeases(10 * time.Second) // the lease is lost while the first list is read
		w.Pass(6 * time.Second)
		if w.Node().Ready() {
			t.Error("ready although no list was taken in")
		}
	})
}
