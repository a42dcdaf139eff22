package actors

import (
	"fmt"
	"testing"
)

func membersNamed(engines []string, names ...string) []Member {
	var all []Member
	for _, name := range names {
		all = append(all, Member{Node: name, Engines: engines})
	}
	return all
}

// TestC1SharesAreEven holds the shares to at most 10 % more or less than the mean.
func TestC1SharesAreEven(t *testing.T) {
	for _, nodes := range []int{3, 10} {
		for _, name := range []string{"node-%d", "%d", "game-node-%03d.example"} {
			var names []string
			for n := range nodes {
				names = append(names, fmt.Sprintf(name, n))
			}
			members := membersNamed([]string{"e"}, names...)
			shares := map[string]int{}
			const games = 10_000
			for n := range games {
				shares[owner(fmt.Sprint("game-", n), "e", members)]++
			}
			for _, node := range names {
				if mean := games / nodes; shares[node] < mean*9/10 || shares[node] > mean*11/10 {
					t.Errorf("%s of %d has %d games, the mean is %d", node, nodes, shares[node], mean)
				}
			}
		}
	}
}

// TestC5OnlyALeaversGamesMove: whoever stays keeps its games when a member leaves, and loses some only to one that joins.
func TestC5OnlyALeaversGamesMove(t *testing.T) {
	before := membersNamed([]string{"e"}, "a", "b", "c", "d")
	after := membersNamed([]string{"e"}, "a", "c", "d")
	for n := range 1000 {
		game := fmt.Sprint("game-", n)
		had, has := owner(game, "e", before), owner(game, "e", after)
		if had != "b" && had != has {
			t.Errorf("%s moved from %s to %s although only b left", game, had, has)
		}
	}
}

func TestC1TheOwnerServesTheEngine(t *testing.T) {
	members := []Member{{Node: "a", Engines: []string{"one"}}, {Node: "b", Engines: []string{"two", "three"}}}
	tests := []struct{ engine, want string }{
		{"one", "a"},
		{"two", "b"},
		{"three", "b"},
		{"four", ""},
	}
	for _, tt := range tests {
		if got := owner("game", tt.engine, members); got != tt.want {
			t.Errorf("a game on engine %q belongs to %q, want %q", tt.engine, got, tt.want)
		}
	}
	if owner("game", "", members) == "" {
		t.Error("a game whose Engine isn't known belongs to nobody")
	}
	if got := owner("game", "one", nil); got != "" {
		t.Errorf("without members a game belongs to %q", got)
	}
}
