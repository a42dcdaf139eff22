// Package actorstest runs a whole node, its real supervisor, inspectors and publisher, in virtual time, against doubles of
// everything outside: Engines, running list, journal, broker and wall clock. A spec says what happens to a fleet of games
// and which events must follow:
//
//	func TestH2RestartIsReportedOnce(t *testing.T) {
//		actorstest.Spec(t, func(w *actorstest.World) {
//			game := w.Game("game-7")
//			w.Start()
//			game.Restart(3)
//			w.Tick()
//			w.Expect(game.Unhealthy("restart_count_increased").Count(3))
//			w.Tick()
//			w.ExpectNothing()
//		})
//	}
//
// # Time
//
// Nothing sleeps and nothing polls: a spec runs in a testing/synctest bubble, in which time passes when every goroutine
// waits for it. Tick, Ticks and Pass let it pass, and return when the node is quiet: mailboxes empty, inspects answered,
// writes done. In and Every plan what happens meanwhile. An hour takes milliseconds.
//
// # Faults
//
// Every double can be made to fail, the Engine, the broker and the journal also for one game alone. A fault is a method
// that takes one value, whose zero value mends it, so it can be set for good, or by For for a while:
//
//	game.Hang(true)                                                     // until game.Hang(false)
//	actorstest.For(w, time.Hour, w.Broker.Down, actorstest.ErrBrokerDown)
//	actorstest.For(w, time.Minute, game.Stream().Full, true)            // the game's stream in the journal
//
// w.List.ByEngine, set before Start, has the running list in parts, one for each Engine, as "docker:" has it; FailEngine,
// SlowEngine and HangEngine are the faults of one part.
//
// # Lives and moments
//
// Stop ends the node in order, Crash kills it, and Start starts it again on the same journal and broker. CrashWhen kills it
// at a moment between two steps of its work on a game, such as game.After(Detect): the detection is in the journal, nothing
// else has happened. When does anything else at such a moment, a panic for example. NodeNamed has further nodes, which share
// the world.
//
// # Expectations
//
// Expect compares what arrived with exactly these events, each game's in order. ExpectWarnings and ExpectErrors do the
// same with the log; ExpectBaseline, ExpectForgotten and others look at one game. A spec that fails prints its timeline:
// when, who, what, and the state before and after. Golden compares the timeline with a file, which go test -update
// writes.
//
// A goroutine that outlives its spec fails it: synctest reports a bubble in which goroutines remain.
//
// docs/specs.md writes a new rule, spec first.
package actorstest
