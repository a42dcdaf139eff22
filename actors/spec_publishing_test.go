package actors_test

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// The events' order, bytes and count, across failures and restarts.

func TestP1NothingIsPublishedThatIsNotInTheJournal(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Journal.Slow(4 * time.Second)
		game.Restart(1)
		w.Pass(w.Config.Interval + 3*time.Second)
		w.ExpectNothing()
		w.Pass(2 * time.Second)
		w.Expect(game.Unhealthy(restarted))
	})
}

// The inspector fails while its first event is in flight. The delivery goes on, its answer is nobody's, and what the next
// incarnation asks for waits for it.
func TestP3ARestartedInspectorWaitsForTheDeliveryInFlight(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.SlowPublish(15 * time.Second)
		game.Restart(1)
		w.Tick()
		w.Journal.PanicOnce("game-7")
		game.Restart(1)
		w.Ticks(2)
		game.SlowPublish(0)
		w.Ticks(4)
		w.Expect(game.Unhealthy(restarted).Count(1), game.Unhealthy(restarted).Count(2))
		game.ExpectPending(0)
		if overlaps := w.Broker.Overlaps(); overlaps != 0 {
			t.Errorf("%d events were in flight beside another of the game", overlaps)
		}
	})
}

// Of a page of events the second fails: those behind it wait.
func TestP3AFailedEventIsNotSkipped(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		var expected []actorstest.Event
		for n := range 5 {
			game.Restart(1)
			w.Tick()
			expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)))
		}
		w.Broker.Slow(time.Second)
		w.Broker.Down(nil)
		for len(w.Broker.Arrived()) == 0 {
			w.Pass(100 * time.Millisecond)
		}
		actorstest.For(w, 1500*time.Millisecond, w.Broker.Down, actorstest.ErrBrokerDown)
		w.Pass(30 * time.Second)
		w.Expect(expected...)
		game.ExpectPending(0)
	})
}

// The broker is down for an hour, the node is killed in the middle, and every event arrives once it is back, in order.
func TestP3OrderSurvivesAnOutageAndACrash(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		actorstest.For(w, time.Hour, w.Broker.Down, actorstest.ErrBrokerDown)
		w.In(30*time.Minute, func() { w.Crash(); w.Start() })
		expected := restarts(w, game, 360) // one a tick, an hour long
		w.Pass(20 * time.Second)
		w.Expect(expected...)
	})
}

// The same as a story, to be reviewed as prose, with a tick every quarter of an hour.
func TestP3OrderSurvivesAnOutageAndACrashAsAStory(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Interval = 15 * time.Minute
		w.Broker.Slow(time.Second) // so that nothing of it falls on the moment of a tick
		game := w.Game("game-7")
		w.Start()
		w.Every(w.Config.Interval-time.Second, func() { game.Restart(1) })
		actorstest.For(w, time.Hour, w.Broker.Down, actorstest.ErrBrokerDown)
		w.Pass(35 * time.Minute)
		w.Crash()
		w.Start()
		w.Pass(31 * time.Minute)
		w.Expect(game.Unhealthy(restarted).Count(1), game.Unhealthy(restarted).Count(2),
			game.Unhealthy(restarted).Count(3), game.Unhealthy(restarted).Count(4))
		w.Golden("outage-and-crash")
	})
}

// The broker is away for one publish in the middle of many: what comes behind it waits for it.
func TestP3AFailureInTheMiddleReordersNothing(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		expected := restarts(w, game, 10)
		w.Broker.Down(nil)
		w.Broker.Slow(time.Second)
		w.When(game.After(actorstest.Acknowledge), func() {
			w.In(1500*time.Millisecond, func() { actorstest.For(w, time.Second, w.Broker.Down, actorstest.ErrBrokerDown) })
		})
		w.Pass(time.Minute)
		w.Expect(expected...)
	})
}

func TestP3OneEventOfAGameAtATime(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(20)
		w.Start()
		w.Broker.Slow(25 * time.Second) // longer than two intervals
		for _, g := range games {
			g.State("exited")
		}
		w.Ticks(20)
		if overlaps := w.Broker.Overlaps(); overlaps != 0 {
			t.Errorf("%d events of a game were in flight beside another of the same game", overlaps)
		}
		var last time.Time
		for _, e := range w.TakeEvents("game-3") {
			if !e.OccurredAt.After(last) {
				t.Errorf("event of %s arrived after one of %s", e.OccurredAt, last)
			}
			last = e.OccurredAt
		}
	})
}

func TestP5AnEventThatWasNotAcknowledgedIsNotCounted(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		w.Broker.LoseAcks(1000)
		game.Restart(1)
		w.Tick()
		w.Pass(3 * time.Second)
		if n := metrics.Sum("healthactors_health_events"); n != 0 {
			t.Errorf("counted %d of which none was acknowledged", n)
		}
		if lines := published(w); len(lines) != 0 {
			t.Errorf("logged as published: %v, want nothing", lines)
		}
	})
}

func TestP5WhatWasPublishedBeforeAStopIsLogged(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Tick()
		w.Stop(time.Second)
		if infos := published(w); !slices.ContainsFunc(infos, func(r actorstest.LogRecord) bool { return r.Attrs["game"] == "game-7" }) {
			t.Errorf("logged: %v, want the event", infos)
		}
	})
}

func TestP5PublishedEventsAreCountedAndLogged(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		games := w.Fleet(30)
		w.Start()
		games[0].Restart(1)
		games[1].Restart(1)
		w.Broker.LoseAcks(1)
		w.Tick()
		w.Pass(2 * time.Second)
		if n := metrics.Sum("healthactors_health_events"); n != 2 {
			t.Errorf("counted %v, want the 2 acknowledged ones", n)
		}
		if infos := published(w); len(infos) != 2 || infos[0].Attrs["container"] == "" || infos[0].Attrs["type"] != "inspect_unhealthy" {
			t.Errorf("logged: %v, want two lines with game, container and type", infos)
		}
		for _, g := range games {
			g.Restart(1)
		}
		w.Tick()
		w.Pass(2 * time.Second)
		if infos := published(w); len(infos) != 1 || infos[0].Attrs["count"] != "30" {
			t.Errorf("logged: %v, want one line with the count", infos)
		}
	})
}

// published are the lines about events that were acknowledged.
func published(w *actorstest.World) []actorstest.LogRecord {
	return slices.DeleteFunc(w.Logged(slog.LevelInfo), func(r actorstest.LogRecord) bool {
		return r.Message != "event published" && r.Message != "events published"
	})
}
