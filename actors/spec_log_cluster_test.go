package actors_test

import (
	"log/slog"
	"slices"
	"strconv"
	"testing"
	"time"

	"galaxy/healthactors/actors/actorstest"
)

// What the members of a cluster tell of themselves, of each other, and of games that go from one to another (S9).

// infosOf are the infos of these words.
func infosOf(records []actorstest.LogRecord, messages ...string) []actorstest.LogRecord {
	return slices.DeleteFunc(slices.Clone(records), func(r actorstest.LogRecord) bool { return !slices.Contains(messages, r.Message) })
}

const (
	joined = "a member joined the cluster"
	gone   = "a member is gone from the cluster"
)

func TestS9AMemberWhoseLeaseHoldsAgainDidNotJoinItself(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		w.Fleet(3)
		w.Start()
		w.Tick()
		w.Logged(slog.LevelInfo)
		w.CutOff(true)
		w.Ticks(2)
		w.CutOff(false)
		w.Tick()
		infos := w.Logged(slog.LevelInfo)
		if own := infosOf(infos, joined, gone); len(own) > 0 {
			t.Errorf("a node alone in its cluster logs %v", own)
		}
		expectOne(t, infos, actorstest.Line{"msg": "this node's lease holds again"})
	})
}

func TestS9AMemberThatCameBackIsGoneFirst(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		b := w.NodeNamed("b")
		w.Start()
		b.Start()
		w.Tick()
		w.Logged(slog.LevelInfo)
		b.CutOff(true)
		w.CutOff(true)
		w.Ticks(2)
		b.CutOff(false)
		w.Tick()
		w.Logged(slog.LevelInfo)
		w.CutOff(false)
		w.Tick()
		var said []string
		for _, r := range infosOf(w.Logged(slog.LevelInfo), joined, gone) {
			if r.Attrs["member"] == "b" {
				said = append(said, r.Message)
			}
		}
		if !slices.Equal(said, []string{gone, joined}) {
			t.Errorf("of b, which came back, the log says %q", said)
		}
	})
}

func TestS9AGameThatMovesToAnotherMembersEngineGotAnotherContainer(t *testing.T) {
	actorstest.Spec(t, func(w *actorstest.World) {
		w.Lease = lease
		w.Engine("west")
		b := w.NodeNamed("b")
		game := w.GameOn("east", "game-7")
		w.Serves, b.Serves = []string{"east"}, []string{"west"}
		w.Start()
		b.Start()
		w.Tick()
		w.Logged(slog.LevelInfo)
		game.Move("west")
		w.Ticks(2)
		w.ExpectInfos(actorstest.Line{
			"msg": "a game got another container", "game": "game-7", "engine": "west", "was": game.Container() + " on east",
		})
	})
}

// A node whose lease was lost reads the list anew before it knows which games others had meanwhile.
func TestS9GamesOfAMemberThatDiedWhileTheLeaseWasLostDidNotCome(t *testing.T) {
	for name, slow := range map[string]time.Duration{"a fast journal": 0, "a slow journal": 300 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
				others := len(fleet) - len(watchedBy(nodes[2], fleet))
				nodes[2].CutOff(true)
				w.Pass(12 * time.Second)
				nodes[0].Crash()
				nodes[1].Crash()
				w.Pass(4 * time.Second)
				w.Logged(slog.LevelInfo)
				nodes[2].CutOff(false)
				w.Journal.Slow(slow)
				w.Ticks(2)
				infos := w.Logged(slog.LevelInfo)
				if came := infosOf(infos, "a game came onto the running list", "games came onto the running list"); len(came) > 0 {
					t.Errorf("logged %v", came)
				}
				expectOne(t, infos, actorstest.Line{"msg": "games taken over", "count": strconv.Itoa(others)})
			})
		})
	}
}

// Whenever the members change all games are shared out anew, and each that moves is told once, by its new owner.
func TestS9GamesThatAreTakenOverAreToldOnce(t *testing.T) {
	inCluster(t, 30, func(w *actorstest.World, nodes []*actorstest.Process, fleet []*actorstest.Game) {
		w.Ticks(3)
		w.Logged(slog.LevelInfo)
		d := w.NodeNamed("d")
		d.Start()
		w.Ticks(3)
		infos := infosOf(w.Logged(slog.LevelInfo), "games taken over", "a game came onto the running list")
		if len(infos) != 1 || infos[0].Attrs["count"] != strconv.Itoa(len(watchedBy(d, fleet))) {
			t.Errorf("d has %d games, the log says %v", len(watchedBy(d, fleet)), infos)
		}
	})
}
