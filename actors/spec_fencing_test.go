package actors_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// Two nodes believe that they own the same game, or one can't know whether it does.

func TestC2AClaimFencesTheOwnerBefore(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		metrics := w.Metrics()
		fleet := w.Fleet(12)
		w.Start()
		w.NodeNamed("b").Start()
		w.Tick()
		game := watchedBy(w.Process, fleet)[0]
		claims := w.Journal.Claims()
		game.Delay(700 * time.Millisecond)
		game.Restart(1)
		w.Tick() // its inspect is under way, and the lease runs out without a word
		w.SlowLeases(time.Second)
		w.Journal.ExpireLease("a")
		w.Pass(3 * time.Second)
		w.SlowLeases(0)
		if now := w.Journal.Claims(); now == claims {
			t.Error("nobody claimed the games of the node whose lease ran out")
		}
		w.Ticks(2)
		if metrics.Sum("healthactors_fenced_writes") == 0 {
			t.Error("no write of the owner before was refused")
		}
		w.Expect(game.Unhealthy(restarted).Count(1))
		if names := game.Watchers(); len(names) != 1 {
			t.Errorf("%s is watched by %q", game.ID, names)
		}
	})
}

func TestC2ARefusedInspectorWaitsForALaterReadingOfTheMembers(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		own := watchedBy(nodes[0], fleet)
		w.Pass(9400 * time.Millisecond)
		nodes[0].LateLeases(1200 * time.Millisecond)
		w.Pass(200 * time.Millisecond) // a has read the members without d, and doesn't know them yet
		w.NodeNamed("d").Start()
		w.Pass(0)
		game := alsoWatchedBy("d", own)
		game.Restart(1)
		claims := w.Journal.Claims()
		w.Pass(500 * time.Millisecond) // a's tick
		w.ExpectWarnings(actorstest.Line{"game": game.ID, "error": "write to the journal: the stream has another next index"})
		w.Pass(time.Second) // it hears of that reading, and reads the members anew
		nodes[0].LateLeases(0)
		w.Tick()
		if now := w.Journal.Claims(); now != claims {
			t.Errorf("a member that was refused has claimed %d streams of the new owner", now-claims)
		}
		w.Expect(game.Unhealthy(restarted).Count(1))
		game.ExpectWatchedBy(w.NodeNamed("d"))
	})
}

func TestC2AnOwnerThatWasRefusedInspectsAgainAtOnce(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		own := watchedBy(nodes[2], fleet)
		w.Pass(9400 * time.Millisecond)
		nodes[2].Stop(time.Second)
		nodes[1].LateLeases(1200 * time.Millisecond)
		w.Pass(200 * time.Millisecond) // b has read the members without c, and doesn't know them yet
		nodes[2].Start()
		w.Pass(1200 * time.Millisecond) // b has claimed streams of c's, and hasn't heard of c
		game := alsoWatchedBy("b", own)
		nodes[1].LateLeases(0)
		w.Pass(7 * time.Second)
		game.Restart(1)
		w.Pass(3 * time.Second) // c's tick, and its next reading of the members
		w.Expect(game.Unhealthy(restarted).Count(1))
		game.ExpectWatchedBy(nodes[2])
	})
}

// alsoWatchedBy is the first of the games that this node watches beside the one that had it before.
func alsoWatchedBy(node string, games []*actorstest.Game) *actorstest.Game {
	return games[slices.IndexFunc(games, func(g *actorstest.Game) bool { return slices.Contains(g.Watchers(), node) })]
}

func TestC2ANodeThatWasSilentReadsWhatOthersWrote(t *testing.T) {
	inCluster(t, 12, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		game := watchedBy(nodes[1], fleet)[0]
		game.Restart(1)
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted).Count(1))
		nodes[1].CutOff(true)
		w.Ticks(2)
		game.StartByHand()
		w.Tick()
		nodes[1].CutOff(false)
		game.Restart(1) // the count is what it was when b saw it last
		w.Ticks(2)
		w.Expect(game.Unhealthy(restarted).Count(1))
		game.ExpectWatchedBy(nodes[1])
	})
}

func TestC2AnInspectorThatIsReleasedWhileItRecoversClaimsNothing(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		metrics := w.Metrics()
		games := watchedBy(nodes[2], fleet)
		nodes[2].Crash()
		for _, g := range games {
			g.Stream().Slow(2 * time.Second)
		}
		w.Pass(3500 * time.Millisecond) // the others read the journal
		for _, g := range games {
			g.Stream().Slow(0)
		}
		nodes[2].Start()
		w.Ticks(2)
		for _, g := range games {
			g.ExpectWatchedBy(nodes[2])
			g.Restart(1)
		}
		w.Ticks(1)
		if refused := metrics.Sum("healthactors_fenced_writes"); refused > 0 {
			t.Errorf("%v writes of the owner were refused, since others claimed its streams after it", refused)
		}
		var expected []actorstest.Event
		for _, g := range games {
			expected = append(expected, g.Unhealthy(restarted).Count(1))
		}
		w.Expect(expected...)
	})
}

func TestC3ANodeWithoutALeaseInspectsNothing(t *testing.T) {
	inCluster(t, 12, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		nodes[0].Crash()
		nodes[2].Crash()
		w.Ticks(2)
		nodes[1].CutOff(true)
		w.Pass(lease)
		w.ExpectWarnings(actorstest.Line{"error": "the journal's connection is cut"}, actorstest.Line{"lease": "lost"})
		before := w.Engine("default").Inspects(fleet[0].Container())
		fleet[0].Restart(1)
		w.Ticks(3)
		fleet[0].ExpectInspects(before)
		nodes[1].CutOff(false)
		w.Tick()
		w.Expect(fleet[0].Unhealthy(restarted).Count(1))
		w.Ticks(2)
		w.ExpectNothing()
	})
}

func TestC3ANodeWithoutALeaseCutsOffWhatIsUnderWay(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		w.Config.InspectTimeout = 30 * time.Second
		game := w.Game("game-7")
		w.Start()
		game.Hang(true)
		w.Tick()
		w.CutOff(true)
		w.Pass(time.Minute) // the inspect, had it gone on, would have timed out
		w.ExpectWarnings(actorstest.Line{"error": "the journal's connection is cut"}, actorstest.Line{"lease": "lost"})
	})
}

func TestC3AShortOutageOfTheJournalMovesNothing(t *testing.T) {
	inCluster(t, 12, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		claims := w.Journal.Claims()
		actorstest.For(w, 2*time.Second, w.Journal.All().Fail, errors.New("connection refused"))
		w.Ticks(2)
		if now := w.Journal.Claims(); now != claims {
			t.Errorf("%d streams were claimed", now-claims)
		}
		for _, g := range fleet {
			if len(g.Watchers()) != 1 {
				t.Errorf("%s is watched by %q", g.ID, g.Watchers())
			}
		}
	})
}

func TestC4AStaleOwnerOnlyRepeatsDeliveries(t *testing.T) {
	inCluster(t, 12, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		game := watchedBy(nodes[1], fleet)[0]
		actorstest.For(w, 20*time.Second, func(d time.Duration) { w.Broker.SlowFor(game.ID, d) }, 15*time.Second)
		game.Restart(1)
		w.Tick() // b publishes, and waits for the acknowledgement
		nodes[1].CutOff(true)
		w.Pass(time.Minute)
		w.Expect(game.Unhealthy(restarted).Count(1))
		if all := w.Broker.Arrived(); len(all) != 2 || !all[0].Same(all[1]) {
			t.Errorf("%d deliveries, want b's and its successor's, of the same bytes: %+v", len(all), all)
		}
	})
}
