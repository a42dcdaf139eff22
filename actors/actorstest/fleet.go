package actorstest

import (
	"fmt"
	"time"

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

// Fleet adds n games, named game-0 and so on.
func (w *World) Fleet(n int) []*Game {
	games := make([]*Game, n)
	for i := range games {
		games[i] = w.Game(fmt.Sprintf("game-%d", i))
	}
	return games
}

// Container is the container's id on the running list.
func (g *Game) Container() string { return g.listed }

// Restart lets the restart policy restart the container n times.
func (g *Game) Restart(n int) {
	g.change("restarts", func(o *actors.Observation) { o.RestartCount += int64(n) })
}

// StartByHand resets the restart count, as the Engine does when a person starts the container.
func (g *Game) StartByHand() {
	g.change("is started by hand", func(o *actors.Observation) { o.RestartCount, o.State = 0, "running" })
}

// State sets State.Status: "exited" for a stop, "paused", "restarting", and so on.
func (g *Game) State(state string) {
	g.change("is "+state, func(o *actors.Observation) { o.State = state })
}

// Health sets State.Health.Status.
func (g *Game) Health(health string) {
	g.change(fmt.Sprintf("has health %q", health), func(o *actors.Observation) { o.Health = health })
}

// Replace puts another container in the game's place, on the list and on the Engine.
func (g *Game) Replace(container string) {
	g.engine.Remove(g.listed)
	g.listed = container
	g.world.List.Remove(g.ID)
	g.list()
	g.change("gets container "+container, func(o *actors.Observation) {
		*o = actors.Observation{ID: container, State: "running"}
	})
}

// Move puts the game's container on another Engine, on the list too, with everything that it says as it is.
func (g *Game) Move(engine string) {
	g.engine.Remove(g.listed)
	g.engine = g.world.Engine(engine)
	g.world.List.Remove(g.ID)
	g.list()
	g.change("moves to engine "+engine, func(*actors.Observation) {})
}

// Recreate puts another container behind the same entry of the list, as when the list has names.
func (g *Game) Recreate(id string) {
	g.change("is recreated as "+id, func(o *actors.Observation) { *o = actors.Observation{ID: id, State: "running"} })
}

// Remove removes the container from the Engine; the list keeps the game. Any change of the container brings it back.
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

func (g *Game) happens(what string) {
	g.world.timeline.add(line{who: g.ID, format: "%s", args: []any{what}})
}

// change changes what the Engine says of the container.
func (g *Game) change(what string, change func(*actors.Observation)) {
	before := g.now
	change(&g.now)
	g.world.timeline.add(line{who: g.ID, format: "%s", args: []any{what}, before: seen(before), after: seen(g.now)})
	g.put()
}

func (g *Game) put() {
	g.engine.belongsTo(g.listed, g.ID)
	g.engine.Put(g.listed, g.now)
}

// The faults of one game. Each takes one value, whose zero value mends it, so that For can set it for a while.

// Hang makes inspects of the container hang until they time out.
func (g *Game) Hang(hang bool) { g.engine.Hang(g.listed, hang) }

// Delay makes inspects of the container take that long.
func (g *Game) Delay(d time.Duration) { g.engine.Delay(g.listed, d) }

// Fail makes inspects of the container fail, with ErrGarbage or any other error.
func (g *Game) Fail(err error) { g.engine.Fail(g.listed, err) }

// Malform makes the game's entry in the running list malformed; the text says how.
func (g *Game) Malform(how string) {
	g.happens(fmt.Sprintf("has a malformed entry: %q", how))
	g.world.List.change(g.ID, func(e *actors.Entry) { e.Malformed = how })
}

// Refuse makes the broker refuse the game's events, with actors.ErrTooLarge or any other error.
func (g *Game) Refuse(err error) { g.world.Broker.Refuse(g.ID, err) }

// SlowPublish makes each publish of the game's events take that long.
func (g *Game) SlowPublish(d time.Duration) { g.world.Broker.SlowFor(g.ID, d) }

// Stream has the faults of the game's stream in the journal.
func (g *Game) Stream() Stream { return g.world.Journal.Of(g.ID) }
