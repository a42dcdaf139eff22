package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"galaxy/healthactors/actors"
)

// brokenCluster is one whose members can't be read.
type brokenCluster struct{ fakeCluster }

func (brokenCluster) Members(context.Context) ([]actors.Member, error) {
	return nil, errors.New("the lease doesn't hold")
}

func (brokenCluster) Games(context.Context) ([]actors.GameStatus, error) {
	return nil, errors.New("the lease doesn't hold")
}

func TestWhatTheAPIRefusesIsAProblem(t *testing.T) {
	node := &fakeNode{games: func() ([]actors.GameStatus, error) { return nil, nil }}
	alone := serve(t, node)
	cfg := config(node)
	cfg.Cluster = brokenCluster{}
	member := serveConfig(t, cfg)
	for _, tt := range []struct {
		address, method, path string
		status                int
		detail                string
	}{
		{alone, "GET", "/api", 404, "there is nothing at /api"},
		{alone, "GET", "/api/", 404, "there is nothing at /api/"},
		{alone, "GET", "/api/v1", 404, "there is nothing at /api/v1"},
		{alone, "GET", "/api/v2/games", 404, "there is nothing at /api/v2/games"},
		{alone, "GET", "/api/v1/games/", 404, "there is nothing at /api/v1/games/"},
		{alone, "GET", "/api/v1/games/game-1?x=y", 404, "there is nothing at /api/v1/games/game-1"},
		{alone, "POST", "/api/v1/nothing", 404, "there is nothing at /api/v1/nothing"},
		{alone, "GET", `/api/%22%7D%0d%0aX:%20y%00%ff/<script>&'ä`, 404, `there is nothing at /api/%22%7D%0D%0AX:%20y%00%FF/%3Cscript%3E&%27%C3%A4`},
		{alone, "GET", "/api/v1/cluster", 404, "this node is in no cluster: it was started without --cluster"},
		{alone, "DELETE", "/api/v1/games", 405, "/api/v1/games takes GET and HEAD, not DELETE"},
		{alone, "OPTIONS", "/api/v1/games", 405, "/api/v1/games takes GET and HEAD, not OPTIONS"},
		{alone, "POST", "/api/v1/cluster", 405, "/api/v1/cluster takes GET and HEAD, not POST"},
		{alone, "GET", "/api/v1/games?scope=all", 400, `scope is "all"; it must be node or cluster`},
		{alone, "GET", "/api/v1/games?scope=%22%0a%3cb%3e", 400, `scope is "\"\n<b>"; it must be node or cluster`},
		{alone, "GET", "/api/v1/games?scope=%zz", 400, `read the query: invalid URL escape "%zz"`},
		{member, "GET", "/api/v1/cluster", 503, "the lease doesn't hold"},
		{member, "GET", "/api/v1/games?scope=cluster", 503, "the lease doesn't hold"},
	} {
		response, body := request(t, tt.method, tt.address, tt.path)
		var got Problem
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Errorf("%s %s: %q: %v", tt.method, tt.path, body, err)
			continue
		}
		if kind := response.Header.Get("Content-Type"); response.StatusCode != tt.status || kind != "application/problem+json" {
			t.Errorf("%s %s: %d %s, want %d and a problem", tt.method, tt.path, response.StatusCode, kind, tt.status)
		}
		if got.Type != "about:blank" || got.Title != http.StatusText(tt.status) || got.Status != tt.status ||
			!strings.HasPrefix(got.Detail, tt.detail) {
			t.Errorf("%s %s: %s, want %d and the detail %q", tt.method, tt.path, body, tt.status, tt.detail)
		}
		if strings.ContainsAny(body, "<>") {
			t.Errorf("%s %s: what was sent comes back unescaped: %s", tt.method, tt.path, body)
		}
		if allow := response.Header.Get("Allow"); (tt.status == 405) != (allow == "GET, HEAD") {
			t.Errorf("%s %s: Allow is %q", tt.method, tt.path, allow)
		}
	}
	if response, body := request(t, "HEAD", alone, "/api/v1/nothing"); response.StatusCode != http.StatusNotFound || body != "" {
		t.Errorf("HEAD: %d %q, want 404 without a body", response.StatusCode, body)
	}
}
