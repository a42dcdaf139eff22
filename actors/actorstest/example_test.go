package actorstest_test

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// A story ends with a table of all that happened. In a test, Spec runs it; it prints the table when the spec fails.
func ExamplePlay() {
	timeline, err := actorstest.Play(func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(3)
		w.Tick()
		w.Expect(game.Unhealthy("restart_count_increased").Count(3))
		w.Tick()
		w.ExpectNothing()
	})
	fmt.Print(timeline)
	fmt.Println(err)
	// Output:
	// time  who             what                                                                                                   before → after
	// 0s    game-7          comes onto the list
	// 0s    spec            starts node a
	// 0s    list            reads [game-7]
	// 0s    log             INFO a game came onto the running list game=game-7 container=container-of-game-7 engine=default
	// 0s    engine default  inspect of container-of-game-7: running, 0 restarts
	// 0s    journal         game-7 #0: observed for the first time                                                                 no baseline → baseline 0
	// 0s    game-7          restarts                                                                                               running, 0 restarts → running, 3 restarts
	// 10s   engine default  inspect of container-of-game-7: running, 3 restarts
	// 10s   journal         game-7 #1: observed, detected e1                                                                       baseline 0 → baseline 3 [H2], 1 pending
	// 10s   broker          e1 of game-7 arrives: inspect_unhealthy [restart_count_increased], 3 restarts, running
	// 10s   journal         game-7 #2: delivered through #1                                                                        baseline 3 [H2], 1 pending → baseline 3 [H2]
	// 11s   log             INFO event published game=game-7 container=container-of-game-7 type=inspect_unhealthy reasons=[resta…
	// 20s   engine default  inspect of container-of-game-7: running, 3 restarts
	// 20s   journal         game-7 #3: observed                                                                                    baseline 3 [H2] → baseline 3
	// <nil>
}

// A failed expectation says what was expected and what arrived.
func ExampleWorld_Expect() {
	_, err := actorstest.Play(func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.State("paused")
		w.Tick()
		w.Expect(game.Unhealthy("healthcheck_unhealthy"))
	})
	fmt.Println(err)
	// Output:
	// events by 10s
	// expected:
	//   game-7: inspect_unhealthy [healthcheck_unhealthy]
	// arrived:
	//   game-7: inspect_unhealthy [not_running], 0 restarts, paused, container container-of-game-7, at 2000-01-01T00:00:10Z
}

// Faults compose: For lets one last a while, In and Every plan what happens later.
func ExampleFor() {
	_, err := actorstest.Play(func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		actorstest.For(w, time.Hour, w.Broker.Down, actorstest.ErrBrokerDown)
		w.Every(time.Minute, func() { actorstest.For(w, 15*time.Second, game.Hang, true) })
		w.In(90*time.Second, func() { game.Restart(1) })
		w.ExpectNothingFor(time.Hour)
		w.Pass(10 * time.Second)
		w.Expect(game.Unhealthy("restart_count_increased"))
	})
	fmt.Println(err)
	// Output: <nil>
}

// The node can be killed between any two steps of its work, and is started again on the same journal and broker.
func ExampleProcess_CrashWhen() {
	_, err := actorstest.Play(func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.CrashWhen(game.After(actorstest.Publish)) // the broker has the event, the node doesn't know
		w.Tick()
		w.Start()
		w.Expect(game.Unhealthy("restart_count_increased")) // one event
		for _, d := range w.Broker.Arrived() {              // two deliveries of the same bytes
			fmt.Println(d.Event.GameID, d.Event.Reasons, d.Same(w.Broker.Arrived()[0]))
		}
	})
	fmt.Println(err)
	// Output:
	// game-7 [restart_count_increased] true
	// game-7 [restart_count_increased] true
	// <nil>
}

// When steps in at a moment: here the inspector panics, and recovers from its journal.
func ExampleWorld_When() {
	_, err := actorstest.Play(func(w *actorstest.World) {
		game := w.Game("game-7")
		w.Start()
		game.Restart(1)
		w.When(game.Before(actorstest.Detect), func() { panic("a bug") })
		w.Ticks(2)
		w.Expect(game.Unhealthy("restart_count_increased").Count(1))
		w.ExpectWarnings(actorstest.Line{"game": "game-7", "error": "panic: a bug"})
	})
	fmt.Println(err)
	// Output: <nil>
}

// Several nodes share the world.
func ExampleWorld_NodeNamed() {
	_, err := actorstest.Play(func(w *actorstest.World) {
		w.Game("game-7")
		b := w.NodeNamed("b")
		w.Start()
		w.Stop(time.Second)
		b.Start()
		fmt.Println(b.Games()[0].GameID, "is watched by", b.Games()[0].Node)
	})
	fmt.Println(err)
	// Output:
	// game-7 is watched by b
	// <nil>
}

// Each game has its own faults, in the Engine, on the list, at the broker and in the journal.
func ExampleGame() {
	_, err := actorstest.Play(func(w *actorstest.World) {
		games := w.Fleet(5)
		w.Start()
		games[0].Fail(actorstest.ErrGarbage)
		games[1].Malform("container_id is null")
		games[2].Refuse(errors.New("the partition has no leader"))
		games[3].Stream().Full(true)
		for _, g := range games {
			g.State("exited")
		}
		w.Tick()
		w.Pass(time.Second) // the broker's refusal makes the publisher pause
		w.Expect(games[4].Unhealthy("not_running"))
		for _, warning := range w.Logged(slog.LevelWarn) {
			fmt.Println(warning.Attrs["game"], warning.Attrs["error"])
		}
	})
	fmt.Println(err)
	// Unordered output:
	// game-0 the answer can't be read
	// game-1 container_id is null
	// game-3 write to the journal: no space left on device
	// <nil>
}
