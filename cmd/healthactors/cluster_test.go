package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/httpapi"
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

func TestClusterStatusForPeople(t *testing.T) {
	since := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	var out strings.Builder
	err := printStatus(&out, httpapi.ClusterStatus{Cluster: "eu", Node: "a", Members: []httpapi.MemberStatus{
		{Node: "a", Address: "10.0.0.1:7400", Engines: []string{"east", "west"}, Games: 2, Since: since},
		{Node: "b", Address: "10.0.0.2:7400", Engines: []string{"east"}, Games: 1, Since: since},
	}}, []actors.GameStatus{
		{GameID: "1", Node: "a", Reasons: []string{"not_running"}, EventsPending: 3},
		{GameID: "2", Node: "a", LastError: "no answer within 5s"},
		{GameID: "3", Node: "b", LastError: `member "b" at 10.0.0.2:7400: it can't be reached`},
	})
	want := `cluster eu, as node a sees it: 2 members, 3 games, 3 events pending

NODE  ADDRESS        GAMES  UNHEALTHY  SINCE                 ENGINES    
a     10.0.0.1:7400  2      1          2026-11-23T08:00:00Z  east,west  
b     10.0.0.2:7400  1      ?          2026-11-23T08:00:00Z  east       member "b" at 10.0.0.2:7400: it can't be reached
`
	if diff := cmp.Diff(want, out.String()); diff != "" || err != nil {
		t.Errorf("error %v, -want +got:\n%s", err, diff)
	}
}
