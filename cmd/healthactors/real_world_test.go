//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/kafka/kafkademo"
	"galaxy/healthactors/messages"
)

// realComponent is where a real component is, from the environment. Without it the test fails.
func realComponent(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Fatalf("%s is not set: it must say where the component to test with is", variable)
	}
	return value
}

// writeList replaces the running list in a folder: games and their containers.
func writeList(t *testing.T, dir string, games map[string]string) {
	t.Helper()
	entries := []map[string]string{}
	for game, container := range games {
		entries = append(entries, map[string]string{"game_id": game, "container_id": container})
	}
	text, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "running.json")
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// inspect asks the Engine what the node asks it.
func inspect(t *testing.T, host, container string) actors.Observation {
	t.Helper()
	engine, err := docker.New(docker.Config{Host: host, Concurrency: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	observation, err := engine.Inspect(t.Context(), container)
	if err != nil {
		t.Fatal(err)
	}
	return observation
}

// newDatabase makes a database that lives as long as the test, and returns its URL.
func newDatabase(t *testing.T) string {
	t.Helper()
	server := realComponent(t, "HEALTHACTORS_TEST_POSTGRES")
	name := fmt.Sprintf("command_%d", time.Now().UnixNano())
	execSQL(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { execSQL(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// execSQL runs statements on a database.
func execSQL(t *testing.T, database string, statements ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// topicEvents are the events that a consumer has read from a topic so far.
type topicEvents struct {
	mu     sync.Mutex
	events []messages.HealthEvent
}

// consume reads a topic until the test ends.
func consume(t *testing.T, broker, topic string) *topicEvents {
	t.Helper()
	found := &topicEvents{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- kafkademo.Consume(ctx, broker, topic, func(e messages.HealthEvent, _ map[string]string) {
			found.mu.Lock()
			defer found.mu.Unlock()
			found.events = append(found.events, e)
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("consume: %v", err)
		}
	})
	return found
}

// of are the events of one game, repeated deliveries left out.
func (f *topicEvents) of(game string) []messages.HealthEvent {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []messages.HealthEvent
	for _, e := range f.events {
		known := slices.ContainsFunc(found, func(other messages.HealthEvent) bool { return other.EventID == e.EventID })
		if e.GameID == game && !known {
			found = append(found, e)
		}
	}
	return found
}

// games asks a node's API for its games, by id.
func (p *process) games() map[string]actors.GameStatus {
	p.t.Helper()
	p.logs("msg=started")
	address := regexp.MustCompile(`http=(\S+)`).FindStringSubmatch(p.err.String())[1]
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	answer, err := client.Get("http://" + address + "/api/v1/games")
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	var list []actors.GameStatus
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		p.t.Fatal(err)
	}
	games := map[string]actors.GameStatus{}
	for _, game := range list {
		games[game.GameID] = game
	}
	return games
}

// ends stops a node by SIGTERM and wants an orderly end.
func (p *process) ends() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.exits(); code != 0 {
		p.t.Errorf("exit code %d", code)
	}
}

// warnings are the lines of the log with a warning.
func (p *process) warnings() []string {
	var found []string
	for line := range strings.Lines(p.err.String()) {
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") {
			found = append(found, line)
		}
	}
	return found
}
