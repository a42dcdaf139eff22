package cluster

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors"
)

// A game that is just being handed over is in two lists: the newest observation counts, and none counts least.
func TestMergeGames(t *testing.T) {
	early := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	late := early.Add(time.Second)
	game := func(id, node string, at *time.Time) actors.GameStatus {
		return actors.GameStatus{GameID: id, Node: node, ObservedAt: at}
	}
	got := mergeGames([][]actors.GameStatus{
		{game("b", "one", &early), game("d", "one", nil)},
		{game("a", "two", nil), game("b", "two", &late), game("c", "two", nil), game("d", "two", &early)},
		nil,
	})
	var is []string
	for _, g := range got {
		is = append(is, g.GameID+" of "+g.Node)
	}
	if diff := cmp.Diff([]string{"a of two", "b of two", "c of two", "d of two"}, is); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
