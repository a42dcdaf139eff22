package actors_test

import (
	"errors"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// What --emit=on-change says of a sick container's successor (H6, H8): the old one's reasons are kept until the new one's first
// observation, whatever happens between.

// succession is what may lie between a sick container and the first observation of its successor.
type succession func(w *actorstest.World, game *actorstest.Game)

// successions end with a healthy container that was observed.
var successions = map[string]succession{
	"at once": func(w *actorstest.World, game *actorstest.Game) {
		game.Replace("second")
		w.Tick()
	},
	"of the same name": func(w *actorstest.World, game *actorstest.Game) {
		game.Recreate("another-full-id")
		w.Tick()
	},
	"on another engine": func(w *actorstest.World, game *actorstest.Game) {
		game.State("running")
		game.Move("east")
		w.Tick()
	},
	"that is not there yet": func(w *actorstest.World, game *actorstest.Game) {
		game.Replace("second")
		game.Remove()
		w.Ticks(2)
		w.ExpectNothing()
		game.State("running")
		w.Tick()
	},
	"that fails first": func(w *actorstest.World, game *actorstest.Game) {
		game.Replace("second")
		game.Fail(errors.New("no answer"))
		w.Ticks(2)
		w.ExpectNothing()
		game.Fail(nil)
		w.Tick()
	},
	"that hangs first": func(w *actorstest.World, game *actorstest.Game) {
		game.Replace("second")
		actorstest.For(w, 15*time.Second, game.Hang, true)
		w.Ticks(4)
	},
	"after one that was never observed": func(w *actorstest.World, game *actorstest.Game) {
		game.Replace("second")
		game.Remove()
		w.Tick()
		game.Replace("third")
		w.Tick()
	},
	"after a crash": func(w *actorstest.World, game *actorstest.Game) {
		w.Crash()
		game.Replace("second")
		w.Start()
	},
	"after a crash between": func(w *actorstest.World, game *actorstest.Game) {
		game.Replace("second")
		game.Remove()
		w.Tick()
		w.Crash()
		w.Start()
		w.ExpectNothing()
		game.State("running")
		w.Tick()
	},
	"after an outage of the journal": func(w *actorstest.World, game *actorstest.Game) {
		game.Replace("second")
		actorstest.For(w, 25*time.Second, game.Stream().Fail, errors.New("connection refused"))
		w.Ticks(2)
		w.ExpectNothing()
		w.Ticks(2)
	},
	"that is the first one again": func(w *actorstest.World, game *actorstest.Game) {
		first := game.Container()
		game.Replace("second")
		game.Remove()
		w.Tick()
		game.Replace(first)
		game.Restart(3) // which counts for nothing in another lifecycle
		w.Tick()
	},
	"that is the first one again when an outage of the journal ends": func(w *actorstest.World, game *actorstest.Game) {
		first := game.Container()
		game.Stream().Fail(errors.New("connection refused"))
		game.Replace("second")
		game.Hang(true)
		w.Tick()
		game.Hang(false)
		game.Replace(first)
		game.Restart(3)
		game.Stream().Fail(nil)
		w.Tick()
	},
	"that is the first one again during an outage of the journal": func(w *actorstest.World, game *actorstest.Game) {
		first := game.Container()
		game.Stream().Fail(errors.New("connection refused"))
		game.Replace("second")
		w.Ticks(2)
		game.Replace(first)
		game.Restart(3)
		w.Ticks(2)
		w.ExpectNothing()
		game.Stream().Fail(nil)
		w.Ticks(2)
	},
}

func TestH6AHealthySuccessorOfASickContainerIsARecovery(t *testing.T) {
	for name, happens := range successions {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				w.Config.Emit = actors.EmitOnChange
				w.Engine("east")
				game := w.Game("game-7")
				w.Start()
				game.State("exited")
				w.Tick()
				w.Expect(game.Unhealthy(notRunning))
				happens(w, game)
				w.Expect(game.Recovered())
				w.Ticks(2)
				w.ExpectNothing()
			})
		})
	}
}

func TestH6AHealthySuccessorOfAHealthyContainerIsNoNews(t *testing.T) {
	for name, happens := range successions {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				w.Config.Emit = actors.EmitOnChange
				w.Engine("east")
				game := w.Game("game-7")
				w.Start()
				happens(w, game)
				w.Ticks(2)
				w.ExpectNothing()
			})
		})
	}
}

func TestH6ASickSuccessorIsNews(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.Emit = actors.EmitOnChange
		game := w.Game("game-7")
		w.Start()
		game.State("exited")
		game.Health("unhealthy")
		w.Tick()
		w.Expect(game.Unhealthy(notRunning, unhealthy))
		game.Replace("second")
		game.State("exited")
		w.Tick()
		w.Expect(game.Unhealthy(notRunning).In("second"))
		w.Tick()
		w.ExpectNothing()
	})
}

func TestH6EveryTickSaysNothingOfASuccessorsRecovery(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.State("exited")
		w.Tick()
		w.Expect(game.Unhealthy(notRunning))
		game.Replace("second")
		w.Ticks(2)
		w.ExpectNothing()
	})
}

// A snapshot between the two containers keeps the old one's reasons.
func TestH8TheReasonsOfTheOldContainerOutliveASnapshot(t *testing.T) {
	for events := range 4 { // the snapshot comes before, at and after the end of the lifecycle
		actorstest.Spec(t, func(w *actorstest.World) {
			w.Config.Emit = actors.EmitOnChange
			game := w.Game("game-7")
			w.Start()
			w.Broker.Down(actorstest.ErrBrokerDown)
			expected := restarts(w, game, 60+events)
			game.State("exited")
			w.Tick()
			game.Replace("second")
			game.Remove()
			w.Tick()
			w.Broker.Down(nil)
			w.Pass(time.Minute)
			w.Expect(append(expected, game.Unhealthy(notRunning))...)
			w.Crash()
			w.Start()
			game.State("running")
			w.Tick()
			w.Expect(game.Recovered())
		})
	}
}

func TestH8LeavingTheListForgetsTheReasonsOfTheOldContainer(t *testing.T) {
	const (
		noCrash = iota
		crash
		crashAndReturn // before the next start
	)
	tests := map[string]struct {
		successor bool
		then      int
	}{
		"that is its only one":                          {false, noCrash},
		"that is its only one, over a crash":            {false, crash},
		"that is its only one, back from a crash":       {false, crashAndReturn},
		"whose successor nobody saw":                    {true, noCrash},
		"whose successor nobody saw, over a crash":      {true, crash},
		"whose successor nobody saw, back from a crash": {true, crashAndReturn},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			actorstest.Spec(t, func(w *actorstest.World) {
				w.Config.Emit = actors.EmitOnChange
				game := w.Game("game-7")
				w.Start()
				w.Broker.Down(actorstest.ErrBrokerDown) // so that the stream stays open
				game.State("exited")
				w.Tick()
				if tt.successor {
					game.Replace("second")
					game.Remove()
					w.Tick()
				}
				game.Leave()
				w.Tick()
				game.State("running")
				switch tt.then {
				case crash:
					w.Crash()
					w.Start()
					game.Return()
				case crashAndReturn:
					w.Crash()
					game.Return()
					w.Start()
				default:
					game.Return()
				}
				w.Tick()
				w.Broker.Down(nil)
				w.Pass(time.Minute)
				w.Expect(game.Unhealthy(notRunning))
			})
		})
	}
}

func TestH8R3AnotherOwnerKnowsTheReasonsOfTheOldContainer(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		game := w.Game("game-7")
		nodes := map[string]*actorstest.Process{w.Config.Node: w.Process, "b": w.NodeNamed("b")}
		for _, n := range nodes {
			n.Config.Emit = actors.EmitOnChange
			n.Start()
		}
		w.Tick()
		game.State("exited")
		w.Tick()
		w.Expect(game.Unhealthy(notRunning))
		game.Replace("second")
		game.Remove()
		w.Tick()
		nodes[game.Watchers()[0]].Crash()
		w.Ticks(2)
		w.ExpectNothing()
		game.State("running")
		w.Tick()
		w.Expect(game.Recovered())
	})
}

// The list has shown another container, and no inspect of it ended: it was another container all the same.
func TestH8TheFirstContainerComesBackWhileTheSecondsInspectHangs(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Config.InspectTimeout = 3 * w.Config.Interval
		game := w.Game("game-7")
		first := game.Container()
		w.Start()
		game.Stream().Fail(errors.New("connection refused"))
		game.Replace("second")
		game.Hang(true)
		w.Tick()
		game.Stream().Fail(nil)
		w.Tick()
		w.Crash() // only what is journaled counts from here on
		game.Replace(first)
		game.Restart(3)
		w.Start()
		w.ExpectNothing()
		game.ExpectBaseline(3)
	})
}
