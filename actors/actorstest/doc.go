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
// Nothing sleeps and nothing polls: a spec runs in a testing/synctest bubble, in which time passes when every goroutine
// waits for it. Each step ends when the node is quiet: mailboxes empty, inspects answered, writes done.
//
// A spec that fails prints its timeline: when, who, what.
package actorstest
