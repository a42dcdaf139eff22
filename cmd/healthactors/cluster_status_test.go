package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/httpapi"
)

func TestClusterStatusSaysWhyItCannotBeHad(t *testing.T) {
	for body, want := range map[string]string{
		`{"status":404,"detail":"this node is in no cluster"}`: "/api/v1/cluster answers 404 Not Found: this node is in no cluster\n",
		"404 page not found\n":                                 "/api/v1/cluster answers 404 Not Found\n",
	} {
		node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, body)
		}))
		var said strings.Builder
		args := []string{"cluster", "status", "--http", strings.TrimPrefix(node.URL, "http://")}
		if code := execute(args, streams{io.Discard, &said}); code != exitFailed || !strings.HasSuffix(said.String(), want) {
			t.Errorf("exit code %d, %q, want 1 and %q", code, said.String(), want)
		}
		node.Close()
		http.DefaultClient.CloseIdleConnections()
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
