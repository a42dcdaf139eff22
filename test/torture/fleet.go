package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"galaxy/healthactors/adapters/docker/dockersim"
)

// fleet is games on a simulated Engine. Each inspect that is really answered goes into the history.
type fleet struct {
	engine  *dockersim.Engine
	history *History
	games   []string
	ids     []string
	// lives says which life of which node asks at an address of the Engine: every node has its own.
	lives sync.Map // local address → *atomic.Int64

	play struct {
		cancel context.CancelFunc
		done   sync.WaitGroup
	}
}

// newFleet puts healthy games on an Engine that listens nowhere yet. The prefix tells its games from another fleet's.
func newFleet(h *History, prefix string, games int) *fleet {
	f := &fleet{engine: dockersim.New(), history: h}
	byID := make(map[string]string, games)
	created := time.Now()
	for n := range games {
		game, id := fmt.Sprintf("%s-%d", prefix, n), dockersim.NewID(n)
		f.games, f.ids = append(f.games, game), append(f.ids, id)
		byID[id] = game
		f.engine.Put(dockersim.Container{
			ID: id, Name: game, Labels: map[string]string{"galaxy.game_id": game},
			Status: "running", Health: "healthy", Created: created,
		})
	}
	f.engine.Witness(func(r *http.Request, c dockersim.Container) {
		h.Add(byID[c.ID], Answer{
			At: time.Now(), Life: f.life(r), Container: c.ID, Restarts: int64(c.RestartCount), State: c.Status, Health: c.Health,
		})
	})
	return f
}

func (f *fleet) life(r *http.Request) int {
	local := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if n, ok := f.lives.Load(local.String()); ok {
		return int(n.(*atomic.Int64).Load())
	}
	return 0
}

// door opens an address for one node, at which life says which of its lives it is.
func (f *fleet) door(life *atomic.Int64) (host string, err error) {
	if host, err = f.engine.Listen("tcp", "127.0.0.1:0"); err != nil {
		return "", err
	}
	f.lives.Store(host[len("tcp://"):], life)
	return host, nil
}

// writeList writes the running list of some fleets, by the names of their Engines.
func writeList(path string, fleets map[string]*fleet) error {
	type entry struct {
		GameID      string `json:"game_id"`
		ContainerID string `json:"container_id"`
		Engine      string `json:"engine"`
	}
	var list []entry
	for engine, f := range fleets {
		for n := range f.games {
			list = append(list, entry{f.games[n], f.ids[n], engine})
		}
	}
	data, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// change changes one game's container.
func (f *fleet) change(n int, change func(*dockersim.Container)) { f.engine.Update(f.ids[n], change) }

// all changes all of them.
func (f *fleet) all(change func(*dockersim.Container)) {
	for n := range f.ids {
		f.change(n, change)
	}
}

func fallSick(c *dockersim.Container) { c.Health = "unhealthy" }
func getWell(c *dockersim.Container)  { c.Health, c.Status = "healthy", "running" }

// start lets fate have its way with the games, changes a second, until stop.
func (f *fleet) start(changes int) {
	ctx, cancel := context.WithCancel(context.Background())
	f.play.cancel = cancel
	f.play.done.Go(func() {
		beat := time.NewTicker(20 * time.Millisecond)
		defer beat.Stop()
		for owed := 0.0; ; {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
			}
			for owed += float64(changes) / 50; owed >= 1; owed-- {
				f.change(rand.IntN(len(f.ids)), fate)
			}
		}
	})
}

// fate is what befalls a container: a restart, which goes by quickly, or another state or health.
func fate(c *dockersim.Container) {
	switch rand.IntN(4) {
	case 0, 1:
		c.RestartCount++
	case 2:
		c.Status = [...]string{"running", "running", "exited", "paused", "restarting"}[rand.IntN(5)]
	case 3:
		c.Health = [...]string{"healthy", "unhealthy"}[rand.IntN(2)]
	}
}

// stop ends it, with all games well.
func (f *fleet) stop() {
	if f.play.cancel != nil {
		f.play.cancel()
		f.play.done.Wait()
		f.play.cancel = nil
	}
	f.all(getWell)
}
