package actors_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// Leases when the database's clock jumps, and when it answers slowly.

// dies kills node b, lets a time pass, and wants its games, whose containers restart meanwhile, to be watched by others.
func dies(t *testing.T, w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game, within time.Duration) {
	t.Helper()
	orphans := watchedBy(nodes[1], fleet)
	nodes[1].Crash()
	for _, g := range orphans {
		g.Restart(1)
	}
	w.Pass(within)
	for _, g := range orphans {
		g.ExpectBaseline(1)
		if names := g.Watchers(); len(names) != 1 || names[0] == "b" {
			t.Errorf("%s after the death of b: %s is watched by %q", within, g.ID, names)
		}
	}
	w.Expect(restartsOf(orphans)...)
}

func restartsOf(games []*actorstest.Game) []actorstest.Event {
	var expected []actorstest.Event
	for _, g := range games {
		expected = append(expected, g.Unhealthy(restarted).Count(1))
	}
	return expected
}

func TestC7ADeathIsNoticedAlthoughTheDatabasesClockJumps(t *testing.T) {
	for _, jump := range []time.Duration{-time.Minute, -4 * time.Second, time.Minute, 2 * time.Hour} {
		for _, before := range []time.Duration{0, 300 * time.Millisecond, 4 * time.Second} {
			t.Run(fmt.Sprintf("by %s, %s before", jump, before), func(t *testing.T) {
				inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
					w.Journal.ClockOff(jump)
					w.Pass(before)
					dies(t, w, nodes, fleet, 5*time.Second) // and the next tick is more than five seconds away
				})
			})
		}
	}
}

// All leases run out at once by the database's clock, and all are renewed: nobody takes another one's games for a moment.
func TestC7AClockThatGoesForthMovesNoGame(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		owner := map[string]string{}
		for _, g := range fleet {
			owner[g.ID] = g.Watchers()[0]
		}
		for _, off := range []time.Duration{time.Minute, 2 * time.Minute, 0, time.Minute} {
			w.Journal.ClockOff(off)
			for range 20 {
				w.Pass(100 * time.Millisecond)
				for _, g := range fleet {
					if names := g.Watchers(); len(names) > 1 || len(names) == 1 && names[0] != owner[g.ID] {
						t.Fatalf("%s was %s's and is watched by %q", g.ID, owner[g.ID], names)
					}
				}
			}
		}
		w.Tick()
		for _, n := range nodes {
			for _, g := range watchedBy(n, fleet) {
				delete(owner, g.ID)
			}
		}
		if len(owner) > 0 {
			t.Errorf("nobody watches %v", owner)
		}
		w.ExpectNothing()
	})
}

func TestC7AClockThatGoesForthCutsOffNoInspect(t *testing.T) {
	inCluster(t, 3, func(w *actorstest.World, _ []*actorstest.Process, fleet []*actorstest.Game) {
		w.Pass(9 * time.Second)
		for _, g := range fleet {
			g.Delay(700 * time.Millisecond)
		}
		fleet[0].State("exited")
		w.Pass(time.Second)
		w.Journal.ClockOff(time.Minute)
		w.Pass(750 * time.Millisecond)
		fleet[0].State("running")
		w.Expect(fleet[0].Unhealthy(notRunning))
		fleet[0].Restart(1)
		w.Ticks(2)
		w.Expect(fleet[0].Unhealthy(restarted).Count(1))
	})
}

// A node that was stopped while the database's clock was wrong comes back as a member.
func TestC7AMemberThatWasMissedComesBack(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		own := watchedBy(nodes[1], fleet)
		w.Journal.ClockOff(-time.Minute)
		nodes[1].CutOff(true)
		w.Pass(5 * time.Second)
		for _, g := range own {
			g.Restart(1)
		}
		w.Pass(10 * time.Second)
		w.Expect(restartsOf(own)...)
		nodes[1].CutOff(false)
		w.Pass(2 * time.Second)
		if now := watchedBy(nodes[1], fleet); !slices.Equal(own, now) {
			t.Errorf("node b watches %d games, %d before", len(now), len(own))
		}
	})
}

// The bound of C1: five seconds where answers take 100 ms, else a lease and six answers. Here Load and claim take none.
func TestC7C1SlowAnswersTakeNoLease(t *testing.T) {
	for _, answer := range []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, 900 * time.Millisecond, time.Second} {
		t.Run(answer.String(), func(t *testing.T) {
			inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
				claims := w.Journal.Claims()
				for _, n := range nodes {
					n.SlowLeases(answer)
				}
				w.Ticks(3)
				if lost := lostLeases(w); lost > 0 || w.Journal.Claims() != claims {
					t.Fatalf("leases were lost %d times, and %d streams claimed", lost, w.Journal.Claims()-claims)
				}
				dies(t, w, nodes, fleet, min(5*time.Second, lease+4*answer))
			})
		})
	}
}

func TestC7AtAClockThatJumpsSlowAnswersKeepTheBound(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		for _, n := range nodes {
			n.SlowLeases(900 * time.Millisecond)
		}
		w.Tick()
		w.Journal.ClockOff(-time.Minute)
		dies(t, w, nodes, fleet, lease+4*900*time.Millisecond)
	})
}

// A session that is cut is made anew, however long that takes beside the lease.
func TestC7ACutSessionLosesNoLeaseForGood(t *testing.T) {
	for _, answer := range []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, 900 * time.Millisecond} {
		t.Run(answer.String(), func(t *testing.T) {
			inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
				for _, n := range nodes {
					n.SlowLeases(answer)
					n.SlowSessions(2 * answer)
				}
				w.Tick()
				w.Logged(slog.LevelWarn)
				for _, n := range nodes {
					n.CutLease()
				}
				w.Pass(4 * answer)
				if lost := lostLeases(w); answer < lease/6 && lost > 0 {
					t.Errorf("leases were lost %d times", lost)
				}
				w.Ticks(2)
				w.Logged(slog.LevelWarn)
				w.Ticks(2)
				if lost := lostLeases(w); lost > 0 {
					t.Errorf("leases were lost %d times, long after the cut", lost)
				}
				dies(t, w, nodes, fleet, min(5*time.Second, lease+4*answer))
			})
		})
	}
}

func TestC7TheLogSaysAnewWhyALeaseCantBeRenewed(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		w.Start()
		w.Journal.All().Fail(errors.New("connection refused"))
		w.Pass(20 * time.Second)
		w.ExpectWarnings(actorstest.Line{"error": "connection refused"}, actorstest.Line{"lease": "lost"})
		w.Journal.All().Fail(errors.New("the database is read-only"))
		again := actorstest.Line{"error": "the database is read-only"}
		w.Pass(10 * time.Second)
		w.ExpectWarnings(again)
		w.Pass(time.Minute)
		w.ExpectWarnings(again)
		w.Logged(slog.LevelInfo)
		w.Journal.All().Fail(nil)
		w.Pass(20 * time.Second)
		w.ExpectWarnings()
		said := w.Logged(slog.LevelInfo)
		if n := slices.IndexFunc(said, func(r actorstest.LogRecord) bool { return r.Message == "this node's lease is renewed again" }); n < 0 ||
			said[n].Attrs["after"] == "" {
			t.Errorf("when the lease is renewed again the log says %v", said)
		}
	})
}

// lostLeases counts the warnings of lost leases since the last call.
func lostLeases(w *actorstest.World) (lost int) {
	for _, r := range w.Logged(slog.LevelWarn) {
		if r.Attrs["lease"] == "lost" {
			lost++
		}
	}
	return lost
}
