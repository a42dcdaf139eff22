package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"galaxy/healthactors/actors"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeNode is a node in whatever state a test needs.
type fakeNode struct {
	ready atomic.Bool
	// alive and games answer; nil means that they hang until ctx ends.
	alive func() error
	games func() ([]actors.GameStatus, error)
}

func (n *fakeNode) Ready() bool { return n.ready.Load() }

func (n *fakeNode) Alive(ctx context.Context) error {
	if n.alive == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return n.alive()
}

func (n *fakeNode) Games(ctx context.Context) ([]actors.GameStatus, error) {
	if n.games == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return n.games()
}

func metrics(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "healthactors_games 0\n")
}

func config(node Node) Config {
	return Config{
		Addr: "127.0.0.1:0", Node: node, Metrics: http.HandlerFunc(metrics), Log: slog.New(slog.DiscardHandler),
	}
}

// serve starts a server on a free port and returns its address.
func serve(t *testing.T, node Node) string {
	t.Helper()
	return serveConfig(t, config(node))
}

func serveConfig(t *testing.T, cfg Config) string {
	t.Helper()
	server := New(cfg)
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(server.Shutdown(ctx), <-served); err != nil {
			t.Error(err)
		}
	})
	return server.Addr()
}

func request(t *testing.T, method, address, path string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestRoutes(t *testing.T) {
	node := &fakeNode{
		alive: func() error { return nil },
		games: func() ([]actors.GameStatus, error) { return nil, nil },
	}
	node.ready.Store(true)
	address := serve(t, node)
	for _, tt := range []struct {
		method, path string
		status       int
		kind, body   string
	}{
		{"GET", "/livez", 200, "text/plain; charset=utf-8", "ok\n"},
		{"HEAD", "/livez", 200, "text/plain; charset=utf-8", ""},
		{"GET", "/readyz", 200, "text/plain; charset=utf-8", "ok\n"},
		{"GET", "/readyz?verbose", 200, "text/plain; charset=utf-8", "ok\n"},
		{"GET", "/metrics", 200, "text/plain; charset=utf-8", "healthactors_games 0\n"},
		{"GET", "/api/v1/games", 200, "application/json", "[]\n"},
		{"HEAD", "/api/v1/games", 200, "application/json", ""},
		{"POST", "/livez", 405, "text/plain; charset=utf-8", "Method Not Allowed\n"},
		{"TRACE", "/metrics", 405, "text/plain; charset=utf-8", "Method Not Allowed\n"},
		{"GET", "/", 404, "text/plain; charset=utf-8", "404 page not found\n"},
		{"GET", "/livez/", 404, "text/plain; charset=utf-8", "404 page not found\n"},
		{"GET", "/debug/pprof/", 404, "text/plain; charset=utf-8", "404 page not found\n"},
		{"POST", "/nothing", 404, "text/plain; charset=utf-8", "404 page not found\n"},
		{"GET", "/apiary", 404, "text/plain; charset=utf-8", "404 page not found\n"},
	} {
		response, body := request(t, tt.method, address, tt.path)
		if response.StatusCode != tt.status || response.Header.Get("Content-Type") != tt.kind || body != tt.body {
			t.Errorf("%s %s: %d %s %q, want %d %s %q", tt.method, tt.path,
				response.StatusCode, response.Header.Get("Content-Type"), body, tt.status, tt.kind, tt.body)
		}
		if response.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: no nosniff", tt.method, tt.path)
		}
		if allow := response.Header.Get("Allow"); (tt.status == 405) != (allow == "GET, HEAD") {
			t.Errorf("%s %s: Allow is %q", tt.method, tt.path, allow)
		}
	}
}

func TestNotReadyAndNotAlive(t *testing.T) {
	node := &fakeNode{
		alive: func() error { return errors.New("no tick for 30s") },
		games: func() ([]actors.GameStatus, error) { return nil, errors.New("the node \"stops\"") },
	}
	address := serve(t, node)
	for path, want := range map[string]string{
		"/livez":  "not alive: no tick for 30s\n",
		"/readyz": "not ready\n",
		"/api/v1/games": `{"type":"about:blank","title":"Service Unavailable","status":503,` +
			`"detail":"the node \"stops\""}` + "\n",
	} {
		if response, body := request(t, "GET", address, path); response.StatusCode != http.StatusServiceUnavailable || body != want {
			t.Errorf("GET %s: %d %q, want 503 %q", path, response.StatusCode, body, want)
		}
	}
}

func TestGamesAreAsTheContractShowsThem(t *testing.T) {
	observed := time.Date(2026, 11, 23, 8, 20, 18, 123456789, time.UTC)
	baseline := int64(4)
	node := &fakeNode{games: func() ([]actors.GameStatus, error) {
		return []actors.GameStatus{
			{
				GameID: "game-7", ContainerID: "b3f1", Engine: "default", Node: "a", Baseline: &baseline, State: "running",
				Reasons: []string{}, ObservedAt: &observed,
			},
			{
				GameID: "game-8\n<", ContainerID: "c", Engine: "default", Node: "a", Reasons: []string{"not_running"},
				LastError: "timeout", EventsPending: 3,
			},
		}, nil
	}}
	_, body := request(t, "GET", serve(t, node), "/api/v1/games")
	want := `[{"game_id":"game-7","container_id":"b3f1","engine":"default","node":"a","baseline":4,"state":"running",` +
		`"health":"","reasons":[],"observed_at":"2026-11-23T08:20:18.123456789Z","last_error":"","events_pending":0},` + "\n" +
		`{"game_id":"game-8\n\u003c","container_id":"c","engine":"default","node":"a","baseline":null,"state":"",` +
		`"health":"","reasons":["not_running"],"observed_at":null,"last_error":"timeout","events_pending":3}]` + "\n"
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestManyGames(t *testing.T) {
	list := make([]actors.GameStatus, 100_000)
	for i := range list {
		list[i] = actors.GameStatus{GameID: fmt.Sprintf("game-%06d", i), ContainerID: fmt.Sprintf("%064x", i), Reasons: []string{}}
	}
	node := &fakeNode{games: func() ([]actors.GameStatus, error) { return list, nil }}
	_, body := request(t, "GET", serve(t, node), "/api/v1/games")
	var got []actors.GameStatus
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	same := func(a, b actors.GameStatus) bool { return a.GameID == b.GameID && a.ContainerID == b.ContainerID }
	if !slices.EqualFunc(list, got, same) {
		t.Errorf("%d games came as %d others", len(list), len(got))
	}
}

func TestAHungNodeIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		handler := routes(config(&fakeNode{}))
		answers := make(chan int)
		requests := []string{"/livez", "/api/v1/games", "/api/v1/games", "/api/v1/games", "/api/v1/games", "/api/v1/games"}
		begun := time.Now()
		for _, path := range requests {
			go func() {
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
				answers <- recorder.Code
			}()
		}
		for range requests {
			if code := <-answers; code != http.StatusServiceUnavailable {
				t.Errorf("answered %d", code)
			}
		}
		if took := time.Since(begun); took != answerTimeout {
			t.Errorf("answered after %v, want %v", took, answerTimeout)
		}
	})
}

func TestListsOfGamesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		reading, most := 0, 0
		handler := routes(config(&fakeNode{games: func() ([]actors.GameStatus, error) {
			mu.Lock()
			reading++
			most = max(most, reading)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			reading--
			mu.Unlock()
			return nil, nil
		}}))
		answers := make(chan int)
		for range 2 * maxGameLists {
			go func() {
				recorder := httptest.NewRecorder()
				handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/games", nil))
				answers <- recorder.Code
			}()
		}
		for range 2 * maxGameLists {
			if code := <-answers; code != http.StatusOK {
				t.Errorf("answered %d", code)
			}
		}
		if most != maxGameLists {
			t.Errorf("%d lists at once, want %d", most, maxGameLists)
		}
	})
}

// fakeCluster is a cluster of this node and another one.
type fakeCluster struct{ games []actors.GameStatus }

func (fakeCluster) Name() string { return "eu" }
func (fakeCluster) Node() string { return "a" }
func (fakeCluster) Members(context.Context) ([]actors.Member, error) {
	since := time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("", 3600))
	return []actors.Member{{Node: "a", Address: "10.0.0.1:7400", Engines: []string{"default"}, Games: 1000, Since: since}}, nil
}
func (c fakeCluster) Games(context.Context) ([]actors.GameStatus, error) { return c.games, nil }

func TestClusterIsAsTheContractShowsIt(t *testing.T) {
	node := &fakeNode{games: func() ([]actors.GameStatus, error) { return []actors.GameStatus{{GameID: "own"}}, nil }}
	cfg := config(node)
	cfg.Cluster = fakeCluster{[]actors.GameStatus{{GameID: "other"}, {GameID: "own"}}}
	handler := routes(cfg)
	get := func(path string) (int, string) {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		return recorder.Code, recorder.Body.String()
	}
	want := `{"cluster":"eu","node":"a","members":[{"node":"a","address":"10.0.0.1:7400","engines":["default"],"games":1000,` +
		`"since":"2026-11-23T08:00:00Z"}]}` + "\n"
	if code, body := get("/api/v1/cluster"); code != 200 || body != want {
		t.Errorf("%d %s, want %s", code, body, want)
	}
	for path, want := range map[string]int{"/api/v1/games": 1, "/api/v1/games?scope=cluster": 2} {
		code, body := get(path)
		if code != 200 || strings.Count(body, "game_id") != want {
			t.Errorf("%s: %d %s, want %d games", path, code, body, want)
		}
	}
}
