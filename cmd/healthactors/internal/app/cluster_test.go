package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
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

// Which node of which cluster writes a log is in its first line (S9).
func TestS9TheStartNamesNodeAndCluster(t *testing.T) {
	for cluster, want := range map[string][]string{"": {"node=a "}, "east": {"node=a ", "cluster=east ", "address=127.0.0.1:", "lease=3s "}} {
		var log bytes.Buffer
		s, err := settings.OfFlags("--cluster=" + cluster)
		if err != nil {
			t.Fatal(err)
		}
		a := &App{settings: s, Log: slog.New(slog.NewTextHandler(&log, nil))}
		members, err := a.join(t.Context(), "a", &lateNode{})
		if err != nil {
			t.Fatal(err)
		}
		a.logStart("a", members, &api{})
		members.close()
		for _, attr := range want {
			if !strings.Contains(log.String(), attr) {
				t.Errorf("%q is not in %s", attr, log.String())
			}
		}
		if strings.Contains(log.String(), "cluster=") != (cluster != "") {
			t.Errorf("cluster %q: %s", cluster, log.String())
		}
	}
}
