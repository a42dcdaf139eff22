package actorstest

import (
	"fmt"

	"galaxy/healthactors/actors"
)

// Game is a game of the fleet and its container.
type Game struct {
	ID     string
	world  *World
	engine *Engine
	now    actors.Observation
	listed string
}

// Game adds a game to the fleet and to the running list: its container runs on the default Engine, without restarts and
// without a health check.
func (w *World) Game(id string) *Game { return w.GameOn(actors.DefaultEngine, id) }

// GameOn adds a game whose container runs on the Engine of that name.
func (w *World) GameOn(engine, id string) *Game {
	g := &Game{ID: id, world: w, engine: w.Engine(engine), listed: "container-of-" + id}
	g.now = actors.Observation{ID: g.listed, State: "running"}
	g.put()
	g.Return()
	return g
}

// Games adds n games, named game-0 and so on.
func (w *World) Fleet(n int) []*Game {
	games := make([]*Game, n)
	for i := range games {
		games[i] = w.Game(fmt.Sprintf("game-%d", i))
	}
	return games
}

func (g *Game) put() { g.engine.Put(g.listed, g.now) }

func (g *Game) happens(format string, args ...any) {
	g.world.timeline.add(g.ID, format, args...)
}

// Container is the container's id on the running list.
func (g *Game) Container() string { return g.listed }

// Restart lets the restart policy restart the container n times.
func (g *Game) Restart(n int) {
	g.now.RestartCount += int64(n)
	g.happens("restarts %d times", n)
	g.put()
}

// StartByHand resets the restart count, as the Engine does when a person starts the container.
func (g *Game) StartByHand() {
	g.now.RestartCount, g.now.State = 0, "running"
	g.happens("is started by hand")
	g.put()
}

// State sets State.Status.
func (g *Game) State(state string) {
	g.now.State = state
	g.happens("is %s", state)
	g.put()
}

// Health sets State.Health.Status.
func (g *Game) Health(health string) {
	g.now.Health = health
	g.happens("has health %q", health)
	g.put()
}

// Replace puts another container in the game's place, on the list and on the Engine.
func (g *Game) Replace(container string) {
	g.happens("gets container %s", container)
	g.engine.Remove(g.listed)
	g.listed = container
	g.now = actors.Observation{ID: container, State: "running"}
	g.put()
	g.world.List.Remove(g.ID)
	g.list()
}

// Recreate puts another container behind the same entry of the list, as when the list has names.
func (g *Game) Recreate(id string) {
	g.happens("is recreated as %s", id)
	g.now = actors.Observation{ID: id, State: "running"}
	g.put()
}

// Remove removes the container from the Engine; the list keeps the game.
func (g *Game) Remove() {
	g.happens("is removed from the engine")
	g.engine.Remove(g.listed)
}

// Leave takes the game off the running list.
func (g *Game) Leave() {
	g.happens("leaves the list")
	g.world.List.Remove(g.ID)
}

// Return puts the game on the running list.
func (g *Game) Return() {
	g.happens("comes onto the list")
	g.list()
}

func (g *Game) list() {
	g.world.List.Add(actors.Entry{GameID: g.ID, ContainerID: g.listed, Engine: g.engine.Name})
}

// Hang makes inspects of the container hang, or answer again.
func (g *Game) Hang(hang bool) {
	g.happens("hangs: %t", hang)
	g.engine.Hang(g.listed, hang)
}

// Fail makes inspects of the container fail; nil mends it.
func (g *Game) Fail(err error) {
	g.happens("inspects fail: %v", err)
	g.engine.Fail(g.listed, err)
}
