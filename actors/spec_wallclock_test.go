package actors_test

import (
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// A wall clock that jumps: nothing waits by it, and nothing is ordered by it.

// Nothing waits by the wall clock: ticks, time-outs and pauses go on when it jumps.
func TestS3AJumpOfTheWallClockMovesNoTick(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		for n, jump := range []time.Duration{time.Hour, -time.Hour, -time.Hour, time.Hour} {
			w.Clock.Jump(jump)
			w.Tick()
			game.ExpectInspects(n + 2)
		}
		w.ExpectNothing()
	})
}

// The first deliveries are in the order of the observations, whatever the wall clock said at them.
func TestP3OrderIsNotTheWallClocks(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		w.Broker.Down(actorstest.ErrBrokerDown)
		var expected []actorstest.Event
		for n, jump := range []time.Duration{0, time.Hour, -2 * time.Hour, time.Hour} {
			w.Clock.Jump(jump)
			game.Restart(1)
			w.Tick()
			expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)).At(w.Clock.Now()))
		}
		w.Crash()
		w.Broker.Down(nil)
		w.Start()
		w.Expect(expected...)
	})
}

// An event that is pending has an age, whatever the wall clock does meanwhile; ids and order are not the clock's.
func TestP4PendingAgesAndIDsSurviveAWallClockThatJumps(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				metrics := w.Metrics()
				oldest := func() time.Duration {
					return time.Duration(metrics.Seconds("healthactors_oldest_pending") * float64(time.Second)).Round(time.Second)
				}
				game := w.Game("game-7")
				w.Start()
				w.Broker.Down(actorstest.ErrBrokerDown)
				var expected []actorstest.Event
				for n, off := range []time.Duration{0, 0, jump, jump, 0, 0} {
					w.Clock.Offset(off)
					game.Restart(1)
					w.Tick()
					expected = append(expected, game.Unhealthy(restarted).Count(int64(n+1)))
					if age := oldest(); age != max(0, off+time.Duration(n)*w.Config.Interval) {
						t.Errorf("tick %d, clock off by %s: the oldest event is pending for %s", n, off, age)
					}
				}
				w.Broker.Down(nil)
				w.Pass(20 * time.Second)
				ids := map[string]bool{}
				for _, d := range w.Broker.Arrived() {
					ids[d.UUID] = true
				}
				w.Expect(expected...)
				if len(ids) != len(expected) || oldest() != 0 {
					t.Errorf("%d ids of %d events, the oldest pending for %s", len(ids), len(expected), oldest())
				}
			})
		})
	}
}

func TestR1AJumpOfTheWallClockBetweenTwoLives(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				game := w.Game("game-7")
				w.Start()
				w.Broker.Down(actorstest.ErrBrokerDown)
				game.Restart(1)
				w.Tick()
				w.Crash()
				w.Clock.Jump(jump)
				game.Restart(1)
				w.Broker.Down(nil)
				w.Start()
				w.Expect(game.Unhealthy(restarted).Count(1), game.Unhealthy(restarted).Count(2))
			})
		})
	}
}
