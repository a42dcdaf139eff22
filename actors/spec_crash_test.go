package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// moments are the steps from an observation to its delivery mark, and how often the event arrives when the node is killed
// there and started again.
var moments = map[string]struct {
	at         func(*actorstest.Game) actorstest.Moment
	deliveries int
}{
	"before the Engine is asked":          {before(actorstest.Inspect), 1},
	"after the Engine's answer":           {after(actorstest.Inspect), 1},
	"before the detection is journaled":   {before(actorstest.Detect), 1},
	"after the detection is journaled":    {after(actorstest.Detect), 1},
	"before the event is published":       {before(actorstest.Publish), 1},
	"after the event arrived":             {after(actorstest.Publish), 2},
	"after the broker's acknowledgement":  {after(actorstest.Acknowledge), 2},
	"before the delivery mark is written": {before(actorstest.Mark), 2},
	"after the delivery mark was written": {after(actorstest.Mark), 1},
}

func before(step actorstest.Step) func(*actorstest.Game) actorstest.Moment {
	return func(g *actorstest.Game) actorstest.Moment { return g.Before(step) }
}

func after(step actorstest.Step) func(*actorstest.Game) actorstest.Moment {
	return func(g *actorstest.Game) actorstest.Moment { return g.After(step) }
}

func TestS2ACrashWhileAGameIsDroppedForgetsItAllTheSame(t *testing.T) {
	for name, moment := range map[string]func(*actorstest.Game) actorstest.Moment{
		"before the lifecycle's end":  before(actorstest.EndLifecycle),
		"after the lifecycle's end":   after(actorstest.EndLifecycle),
		"before the mark":             before(actorstest.Mark),
		"after the mark":              after(actorstest.Mark),
		"before the stream is closed": before(actorstest.CloseStream),
		"after the stream is closed":  after(actorstest.CloseStream),
	} {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				w.Broker.Down(actorstest.ErrBrokerDown)
				game.Restart(1)
				w.Tick()
				game.Leave()
				w.In(12*time.Second, func() { w.Broker.Down(nil) })
				w.CrashWhen(moment(game))
				w.Ticks(3)
				w.Broker.Down(nil)
				w.Start()
				w.Expect(game.Unhealthy(restarted).Count(1))
				game.ExpectForgotten()
				game.Restart(1)
				game.Return()
				w.Tick()
				w.ExpectNothing() // H1
				game.ExpectBaseline(2)
			})
		})
	}
}

func TestP1ACrashBetweenAnyTwoStepsLosesNothing(t *testing.T) {
	for name, moment := range moments {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game, other := w.Game("game-7"), w.Game("game-8")
				w.Start()
				game.Restart(1)
				w.CrashWhen(moment.at(game))
				w.Tick()
				other.Restart(1) // while nobody watches
				w.Start()
				w.Expect(game.Unhealthy(restarted).Count(1), other.Unhealthy(restarted))
				if n := deliveriesOf(w, "game-7"); n != moment.deliveries {
					t.Errorf("deliveries: %d, want %d", n, moment.deliveries)
				}
				game.Restart(1)
				w.Tick()
				w.Expect(game.Unhealthy(restarted).Count(2))
				game.ExpectPending(0)
			})
		})
	}
}

// The same as a story, to be reviewed as prose.
func TestP1ACrashBeforeTheMarkAsAStory(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Broker.Slow(time.Second)
		w.Start()
		game.Restart(1)
		w.CrashWhen(game.After(actorstest.Publish))
		w.Pass(12 * time.Second)
		w.Start()
		w.Pass(3 * time.Second)
		w.Expect(game.Unhealthy(restarted))
		w.Golden("crash-before-the-mark")
	})
}

func TestP2ACrashAtAnyStepDeliversTheSameBytes(t *testing.T) {
	for name, moment := range moments {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				game.State("exited")
				w.CrashWhen(moment.at(game))
				w.Tick()
				w.Clock.Jump(time.Hour)
				w.Start()
				w.Ticks(2)
				expectSameDeliveries(t, w)
			})
		})
	}
}

// The first deliveries stay in order when the node dies at any step, again and again.
func TestP3OrderSurvivesACrashAtAnyStep(t *testing.T) {
	for name, moment := range moments {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				actorstest.For(w, 35*time.Second, w.Broker.Down, actorstest.ErrBrokerDown)
				var expected []actorstest.Event
				for n := range 8 {
					if n%2 == 1 {
						w.CrashWhen(moment.at(game))
					}
					game.Restart(1)
					expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)))
					w.Tick()
					if !w.Running() {
						w.Start()
					}
				}
				w.Pass(20 * time.Second)
				if !w.Running() {
					w.Start()
				}
				w.Expect(expected...)
			})
		})
	}
}

// restarts lets the game restart once a tick, and starts the node when it has crashed. It returns the events to expect.
func restarts(w *actorstest.World, game *actorstest.Game, n int) (expected []actorstest.Event) {
	for i := range n {
		game.Restart(1)
		w.Tick()
		if !w.Running() {
			w.Start()
		}
		expected = append(expected, game.Unhealthy(restarted).Count(int64(i+1)))
	}
	return expected
}

// expectSameDeliveries expects that all deliveries of an event have the same bytes (P2).
func expectSameDeliveries(t *testing.T, w *actorstest.World) {
	t.Helper()
	first := map[string]actorstest.Delivery{}
	for _, d := range w.Broker.Arrived() {
		if f, again := first[d.UUID]; again && !d.Same(f) {
			t.Errorf("delivery differs:\n%+v\n%+v", d, f)
		}
		if _, again := first[d.UUID]; !again {
			first[d.UUID] = d
		}
	}
	if len(first) == 0 {
		t.Error("nothing arrived")
	}
}

func deliveriesOf(w *actorstest.World, gameID string) int {
	n := 0
	for _, d := range w.Broker.Arrived() {
		if d.Event.GameID == gameID {
			n++
		}
	}
	return n
}
