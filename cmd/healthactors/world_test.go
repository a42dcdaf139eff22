package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"galaxy/healthactors/adapters/docker/dockersim"
	"galaxy/healthactors/messages"
)

// world is what a node of these tests sees: a simulated Engine and a running list in a file.
type world struct {
	t      *testing.T
	engine *dockersim.Engine
	host   string
	dir    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, engine: dockersim.New(), dir: t.TempDir()}
	t.Cleanup(w.engine.Close)
	host, err := w.engine.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.host = host
	return w
}

// container puts a container in the world, or changes the one that is there.
func (w *world) container(id string, restarts int, state, health string) {
	w.engine.Put(dockersim.Container{ID: id, RestartCount: restarts, Status: state, Health: health})
}

// list writes the running list: each game runs in the container of its own name.
func (w *world) list(games ...string) {
	w.t.Helper()
	type entry struct {
		GameID      string `json:"game_id"`
		ContainerID string `json:"container_id"`
	}
	entries := []entry{}
	for _, game := range games {
		entries = append(entries, entry{game, game})
	}
	text, err := json.Marshal(entries)
	if err != nil {
		w.t.Fatal(err)
	}
	// Replaced in one step, so that no tick reads half of it.
	path := filepath.Join(w.dir, "running.json")
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		w.t.Fatal(err)
	}
}

// args are those of a node in this world that ticks fast.
func (w *world) args(more ...string) []string {
	return append([]string{
		"run", "--interval=50ms", "--docker-host=" + w.host, "--running-list=file:running.json", "--http=",
	}, more...)
}

// ticks waits until the Engine has been asked for a number of inspects more.
func (w *world) inspects(n int64) {
	w.t.Helper()
	want := w.engine.Counts().Inspects + n
	eventually(w.t, "the Engine is asked", func() bool { return w.engine.Counts().Inspects >= want })
}

func (p *process) event() messages.HealthEvent {
	p.t.Helper()
	line := p.line()
	event, err := messages.Decode([]byte(line))
	if err != nil {
		p.t.Fatalf("%v: %s", err, line)
	}
	return event
}

// eventWith is the next event of a game that has a reason; others are passed over.
func (p *process) eventWith(game, reason string) messages.HealthEvent {
	p.t.Helper()
	for {
		if e := p.event(); e.GameID == game && slices.Contains(e.Reasons, reason) {
			return e
		}
	}
}
