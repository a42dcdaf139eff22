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

func TestP2EveryDeliveryOfADetectionIsTheSame(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.LoseAcks(2)
		game.Restart(1)
		w.Tick()
		w.Pass(5 * time.Second)
		arrived := w.Broker.Arrived()
		if len(arrived) != 3 {
			t.Fatalf("deliveries: %d, want two without an acknowledgement and one with", len(arrived))
		}
		first := arrived[0]
		for _, d := range arrived[1:] {
			if d.UUID != first.UUID || string(d.Value) != string(first.Value) || fmt.Sprint(d.Metadata) != fmt.Sprint(first.Metadata) {
				t.Errorf("delivery differs:\n%+v\n%+v", d, first)
			}
		}
		w.TakeEvents("game-7")
		game.Restart(1)
		w.Tick()
		if second := w.TakeEvents("game-7"); len(second) != 1 || second[0].EventID == first.Event.EventID {
			t.Errorf("second detection: %+v, want one with an id of its own", second)
		}
	})
}

func TestP2ADetectionKilledBeforeItsMarkIsDeliveredAgain(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.Broker.Slow(time.Second)
		w.Pass(w.Config.Interval + 900*time.Millisecond)
		w.Journal.Fail("game-7", errors.New("away")) // the mark can't be written
		w.Pass(time.Second)
		w.Crash()
		w.Journal.Fail("game-7", nil)
		w.Start()
		w.Pass(2 * time.Second)
		w.Expect(game.Unhealthy(restarted))
		if n := len(w.Broker.Arrived()); n < 2 {
			t.Errorf("deliveries: %d, want more than one", n)
		}
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

func TestP4AFailedPublishIsRetriedWithGrowingPauses(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(50)
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		for _, g := range games {
			g.Restart(1)
		}
		w.Tick()
		w.Pass(5 * time.Second)
		var pauses []time.Duration
		for _, r := range w.Logged(slog.LevelError) {
			pause, err := time.ParseDuration(r.Attrs["pause"])
			if err != nil {
				t.Errorf("error line without a pause: %v", r)
			}
			pauses = append(pauses, pause)
		}
		if len(pauses) < 4 || len(pauses) > 6 || !slices.IsSorted(pauses) {
			t.Errorf("pauses: %v, want a growing one for each try", pauses)
		}
		if inspects := w.Engine("default").Inspects(games[0].Container()); inspects != 2 {
			t.Errorf("inspects: %d, want 2: inspection goes on", inspects)
		}
		w.Broker.Down(nil)
		w.Pass(10 * time.Second)
		if n := len(w.Broker.Arrived()); n != 50 {
			t.Errorf("arrived: %d, want 50", n)
		}
	})
}

// One game's events that fail, whatever the reason, hold up no other game's for longer than a pause.
func TestP4OneGamesFailureHoldsUpNoOther(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		sick, other := w.Game("sick"), w.Game("other")
		w.Start()
		w.Broker.Refuse("sick", errors.New("the partition has no leader"))
		sick.State("exited")
		w.Ticks(10)
		w.ExpectNothing()
		other.State("exited")
		w.Ticks(3)
		if events := w.TakeEvents("other"); len(events) < 2 {
			t.Errorf("events of the other game: %d, want 2 or 3", len(events))
		}
	})
}

func TestP4ATooLargeEventIsParkedAndTheNextGoesOn(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		metrics := w.Metrics()
		game := w.Game("game-7")
		w.Start()
		w.Broker.Refuse("game-7", fmt.Errorf("refused: %w", actors.ErrTooLarge))
		game.Restart(1)
		w.Tick()
		w.ExpectNothing()
		if errs := w.Logged(slog.LevelError); len(errs) != 1 || errs[0].Attrs["game"] != "game-7" {
			t.Errorf("errors: %v, want one that names the game", errs)
		}
		if parked, pending := metrics.Sum("healthactors_events_parked"), metrics.Sum("healthactors_events_pending"); parked != 1 || pending != 0 {
			t.Errorf("parked %v, pending %v; want 1 and 0", parked, pending)
		}
		w.Broker.Refuse("game-7", nil)
		game.Restart(1)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(2))
		w.Crash()
		w.Start() // the parked one is tried again
		w.Expect(game.Unhealthy(restarted).Count(1))
		if parked := metrics.Sum("healthactors_events_parked"); parked != 0 {
			t.Errorf("parked: %v, want none", parked)
		}
	})
}

// A batch can be too large where each event in it is not: an event is parked only when it was refused alone.
func TestP4AnEventIsParkedOnlyWhenRefusedAlone(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		games := w.Fleet(10)
		w.Start()
		w.Broker.RefuseTogether(actors.ErrTooLarge)
		w.Broker.Slow(time.Millisecond)
		var expected []actorstest.Event
		for _, g := range games {
			g.Restart(1)
			expected = append(expected, g.Unhealthy(restarted))
		}
		w.Tick()
		w.Pass(time.Second)
		w.Expect(expected...)
		if errs := w.Logged(slog.LevelError); len(errs) != 0 {
			t.Errorf("errors: %v, want none", errs)
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

func published(w *actorstest.World) []actorstest.LogRecord {
	return w.Logged(slog.LevelInfo)
}
