package actors_test

import (
	"slices"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// A first observation opens its game's stream, and counts like a claim.

// openingLate plays a story in which the first appends of node a, which is alone in its cluster, wait for nine seconds. They
// have detected something. Its lease ends meanwhile and can't be renewed.
func openingLate(t *testing.T, story func(w *actorstest.World, fleet []*actorstest.Game, metrics *actorstest.Metrics)) {
	t.Helper()
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		w.Config.Interval = 2 * time.Second
		metrics := w.Metrics()
		w.Start()
		fleet := w.Fleet(5)
		for _, g := range fleet {
			g.State("exited")
			g.Delay(500 * time.Millisecond)
		}
		w.Tick() // their inspectors have read the journal, and ask the Engine
		w.Journal.All().Slow(9 * time.Second)
		w.Pass(time.Second)
		w.Journal.All().Slow(0)
		w.SlowLeases(10 * time.Second)
		w.Journal.ExpireLease("a")
		story(w, fleet, metrics)
	})
}

// wantSick expects one event of each game, which that node watches.
func wantSick(w *actorstest.World, node *actorstest.Process, fleet []*actorstest.Game) {
	w.T.Helper()
	var events []actorstest.Event
	for _, g := range fleet {
		events = append(events, g.Unhealthy(notRunning).While("exited"))
		g.ExpectWatchedBy(node)
	}
	w.Expect(events...)
}

// The games have left the list by the time the appends arrive, so nobody else knows of them, and the other node looked for
// open streams for the last time when it had been a member for one lease.
func TestC8ANodeWhoseLeaseEndedOpensNoStream(t *testing.T) {
	openingLate(t, func(w *actorstest.World, fleet []*actorstest.Game, _ *actorstest.Metrics) {
		for _, g := range fleet {
			g.Leave()
			g.SlowPublish(5 * time.Second)
		}
		b := w.NodeNamed("b")
		b.Start()
		w.Pass(9 * time.Second)
		w.Crash() // before it can deliver what it may have detected
		w.Pass(20 * time.Second)
		w.ExpectNothing()
		if open := w.Journal.OpenStreams(); len(open) > 0 {
			t.Errorf("nobody watches the open streams %v", open)
		}
		for _, g := range fleet {
			g.SlowPublish(0)
			g.Return()
		}
		w.Pass(3 * time.Second)
		wantSick(w, b, fleet)
	})
}

// Its inspectors wait for a reading of the members that gives them their games, as after a refused claim (C2).
func TestC8ARefusedOpeningIsLikeARefusedClaim(t *testing.T) {
	openingLate(t, func(w *actorstest.World, fleet []*actorstest.Game, metrics *actorstest.Metrics) {
		w.Pass(9 * time.Second)
		if refused := metrics.Sum("healthactors_fenced_writes"); refused != int64(len(fleet)) {
			t.Errorf("%d refusals are counted, want one of each of %d games", refused, len(fleet))
		}
		w.ExpectNothing()
		if open := w.Journal.OpenStreams(); len(open) > 0 {
			t.Errorf("open streams: %v", open)
		}
		w.SlowLeases(0)
		w.Pass(25 * time.Second) // a new session for the lease may have been begun while the answers were slow
		for _, g := range fleet {
			g.ExpectWatchedBy(w.Process)
			if !slices.ContainsFunc(w.Broker.Arrived(), func(d actorstest.Delivery) bool { return d.Event.GameID == g.ID }) {
				t.Errorf("no event of %s", g.ID)
			}
		}
	})
}

// In a stream that is open the index alone decides: another container's first observation is refused to nobody (H8).
func TestC8AnotherContainerIsNoOpening(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		game := w.Game("game-7")
		w.Start()
		game.Restart(3)
		w.Tick()
		w.Expect(game.Unhealthy(restarted).Count(3))
		game.Replace("other")
		game.Delay(700 * time.Millisecond)
		w.Tick() // its inspect is under way, and the lease runs out without a word
		w.SlowLeases(time.Second)
		w.Journal.ExpireLease("a")
		w.Pass(time.Second)
		game.ExpectBaseline(0)
	})
}
