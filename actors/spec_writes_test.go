package actors_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What a write costs that fails, or of which nobody knows what became; and what an empty answer settles.

// passingSickness has a game restart at the first tick, and stop for a moment at the second, when an inspect of it is under way
// that takes three seconds. The mark of the restart's event is written a second after that inspect has begun.
func passingSickness(w *actorstest.World, game *actorstest.Game) {
	w.Start()
	game.Restart(1)
	w.Broker.Slow(w.Config.Interval + time.Second)
	w.Tick()
	game.Delay(3 * time.Second)
	game.State("exited")
	w.Tick()
	game.State("running")
}

func TestR6AMarkThatFailsCostsNoInspectUnderWay(t *testing.T) {
	for name, fail := range map[string]func(actorstest.Stream, bool){
		"and was not written": actorstest.Stream.Full,
		"and was written":     func(s actorstest.Stream, on bool) { s.FailAfter(map[bool]error{true: errAnswerLost}[on]) },
		"and is written late": actorstest.Stream.Late,
	} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				passingSickness(w, game)
				fail(game.Stream(), true)
				w.Pass(2 * time.Second)
				fail(game.Stream(), false)
				w.Pass(2 * time.Minute)
				w.Expect(game.Unhealthy(restarted), game.Unhealthy(notRunning))
				game.ExpectPending(0)
				if n := len(w.Broker.Arrived()); n != 2 {
					t.Errorf("deliveries: %d, want each event once", n)
				}
				w.ExpectWarnings(actorstest.Line{"game": "game-7"})
			})
		})
	}
}

var errAnswerLost = actorstest.ErrAnswerLost

func TestR6AnOwedMarkIsWrittenAtTheNextTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.When(game.Before(actorstest.Mark), func() { game.Stream().Full(true) })
		w.Tick()
		game.ExpectPending(0)
		game.Stream().Full(false)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted))
		w.Crash()
		w.Start()
		w.Ticks(2)
		if n := len(w.Broker.Arrived()); n != 1 {
			t.Errorf("deliveries: %d, want one, since the mark was written before the crash", n)
		}
	})
}

// failMarks fails those marks of a game for which fails says so, and no detection.
func failMarks(w *actorstest.World, game *actorstest.Game, fails func() bool) {
	var mark, detect func()
	mark = func() {
		game.Stream().Full(fails())
		w.When(game.Before(actorstest.Mark), mark)
	}
	detect = func() {
		game.Stream().Full(false)
		w.When(game.Before(actorstest.Detect), detect)
	}
	w.When(game.Before(actorstest.Mark), mark)
	w.When(game.Before(actorstest.Detect), detect)
}

// What the publisher settled is known although no mark of it was written; the events that came since go on.
func TestR6WhileMarksFailEachEventIsDeliveredOnce(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		failMarks(w, game, func() bool { return true })
		expected := restarts(w, game, 5)
		w.Expect(expected...)
		game.ExpectPending(0)
		if n := len(w.Broker.Arrived()); n != 5 {
			t.Errorf("deliveries: %d, want each event once", n)
		}
	})
}

func TestR6ASnapshotThatFailsCostsNoInspectUnderWay(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = w.Config.Interval
		game := w.Game("game-7")
		w.Start()
		failed := false
		w.When(game.Before(actorstest.SaveSnapshot), func() {
			failed = true
			game.Stream().Full(true)
			w.In(time.Millisecond, func() { game.Stream().Full(false) })
		})
		// An inspect is under way whenever a mark is written, and every other event is one: also those with a snapshot.
		w.Broker.Slow(5 * time.Second)
		game.Delay(9500 * time.Millisecond)
		const ticks = 70
		var expected []actorstest.Event
		for n := range ticks {
			game.Restart(1)
			w.Tick()
			expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)))
		}
		w.Pass(time.Hour)
		w.Expect(expected...)
		if !failed || w.Journal.Snapshots() == 0 {
			t.Errorf("a snapshot failed: %t, others written: %d", failed, w.Journal.Snapshots())
		}
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "write a snapshot to the journal: no space left on device"})
	})
}

// A detection of which nobody knew that it was written is published, although nothing else happens to the game.
func TestR6AnAppendThatWasDoneAllTheSameIsFound(t *testing.T) {
	for name, fail := range map[string]func(actorstest.Stream, bool){
		"at once": func(s actorstest.Stream, on bool) { s.FailAfter(map[bool]error{true: errAnswerLost}[on]) },
		"late":    actorstest.Stream.Late,
	} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				fail(game.Stream(), true)
				game.State("exited")
				w.Tick()
				w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "write to the journal: the answer was lost"})
				fail(game.Stream(), false)
				game.Stream().Land()
				game.State("running")
				w.Tick()
				w.Expect(game.Unhealthy(notRunning))
				w.ExpectWarnings()
			})
		})
	}
}

// What became of a write is known at the next observation, also of one that changes nothing: what would come to light later would
// be out of date, and its end would never be told.
func TestR6AnAppendThatIsLateIsFoundByTheNextObservation(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		game := w.Game("game-7")
		w.Start()
		game.Stream().Late(true)
		game.Health("unhealthy")
		w.Tick()
		w.ExpectNothing()
		game.Stream().Late(false)
		game.Health("")
		w.Tick()
		w.Expect(game.Unhealthy(unhealthy), game.Recovered())
		appends := w.Journal.Appends()
		w.Ticks(3)
		if n := w.Journal.Appends(); n != appends {
			t.Errorf("%d entries more, want none once it is known", n-appends)
		}
	})
}

// The index is taken by oneself, which is no fencing.
func TestR6AnAppendThatIsLateFencesNobody(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		for n := range 3 {
			game.Stream().Late(true)
			game.Restart(1)
			w.Tick()
			game.Stream().Late(false)
			w.Logged(slog.LevelWarn)
			game.Restart(1)
			w.Tick()
			w.Expect(game.Unhealthy(restarted).Count(int64(2*n+1)), game.Unhealthy(restarted).Count(int64(2*n+2)))
		}
		if n := metrics.Sum("healthactors_fenced_writes"); n != 0 {
			t.Errorf("refused: %d writes, want none", n)
		}
	})
}

// The new container is looked at all the same.
func TestR6AFailedEndOfALifecycleCostsNoInspect(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Restart(3)
		w.Start()
		game.Replace("second")
		game.Delay(2 * time.Second)
		game.Stream().Full(true)
		w.Pass(w.Config.Interval + time.Second)
		game.Stream().Full(false)
		w.Pass(2 * time.Second)
		w.ExpectNothing()
		game.ExpectBaseline(0)
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).In("second").Count(1))
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "container": "second"})
	})
}

func TestR7AnEmptyAnswerSettlesNothing(t *testing.T) {
	for _, leaves := range []bool{false, true} {
		t.Run(fmt.Sprintf("leaves: %t", leaves), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				w.Broker.Down(actorstest.ErrBrokerDown)
				expected := restarts(w, game, 3)
				game.Stream().Lag(time.Hour)
				if leaves {
					game.Leave()
					w.Tick()
				}
				w.Broker.Down(nil)
				w.Pass(time.Minute)
				w.ExpectNothing()
				if open := w.Journal.OpenStreams(); len(open) != 1 {
					t.Errorf("open streams: %v, want the game's", open)
				}
				if len(w.Logged(slog.LevelWarn)) == 0 {
					t.Error("nobody is told")
				}
				game.Stream().Lag(0)
				w.Pass(15 * time.Second)
				w.Expect(expected...)
				if leaves {
					game.ExpectForgotten()
				} else {
					game.ExpectPending(0)
				}
			})
		})
	}
}

func TestR7AShortAnswerSettlesWhatItHas(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		expected := restarts(w, game, 5)
		game.Stream().Lag(3 * w.Config.Interval) // shows the first ones only
		w.Broker.Down(nil)
		w.Pass(12 * time.Second)
		if arrived := len(w.Broker.Arrived()); arrived == 0 || arrived == 5 {
			t.Errorf("arrived: %d, want some and not all", arrived)
		}
		w.Pass(time.Minute)
		w.Expect(expected...)
		game.ExpectPending(0)
		if n := len(w.Broker.Arrived()); n != 5 {
			t.Errorf("deliveries: %d, want each event once", n)
		}
	})
}

// A game whose events the journal does not show holds up no other.
func TestR7OneGamesMissingEventsHoldUpNoOther(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game, other := w.Game("game-7"), w.Game("game-8")
		w.Start()
		game.Stream().Lag(time.Hour)
		w.Broker.Down(actorstest.ErrBrokerDown)
		game.Restart(1)
		w.Tick()
		w.Broker.Down(nil)
		w.Pass(15 * time.Second)
		other.Restart(1)
		w.Tick()
		w.Expect(other.Unhealthy(restarted))
		game.Delay(3 * time.Second)
		game.State("exited")
		w.Tick()
		game.State("running")
		w.Pass(2 * time.Second)
		game.Stream().Lag(0)
		w.Pass(20 * time.Second)
		w.Expect(game.Unhealthy(restarted), game.Unhealthy(notRunning))
	})
}

// The end of the old container's lifecycle could not be written at first; the new one's first observation was, without an answer.
func TestR6AFirstObservationThatWasWrittenIsNotForgotten(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		game := w.Game("game-7")
		w.Start()
		game.Replace("second")
		game.State("exited")
		w.When(game.Before(actorstest.EndLifecycle), func() {
			game.Stream().Full(true)
			w.When(game.Before(actorstest.EndLifecycle), func() { game.Stream().Full(false) })
		})
		w.When(game.Before(actorstest.Detect), func() { game.Stream().FailAfter(errAnswerLost) })
		w.Tick()
		game.Stream().FailAfter(nil)
		game.Stream().FailLoads(errAnswerLost) // so that the next tick is the first to find out
		w.In(9*time.Second, func() { game.Stream().FailLoads(nil) })
		w.Ticks(3)
		w.Expect(game.Unhealthy(notRunning).In("second"))
	})
}

// That there was something to forget turns out only when the game has left.
func TestR6AGameThatLeavesIsForgottenWithWhatWasWrittenWithoutAnAnswer(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		game.Stream().FailAfter(errAnswerLost)
		w.Start()
		game.Stream().FailAfter(nil)
		game.Stream().FailLoads(errAnswerLost)
		w.In(9*time.Second, func() { game.Stream().FailLoads(nil) })
		game.Leave()
		w.Ticks(3)
		game.Return()
		game.Restart(2)
		w.Tick()
		w.ExpectNothing()
		game.ExpectBaseline(2)
	})
}
