package modeltest

import (
	"fmt"
	"slices"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

const (
	interval = time.Minute
	// settling is longer than any pause of the node between two tries.
	settling = 30 * time.Second
)

// engines are the names of the Engines.
var engines = []string{actors.DefaultEngine, "east"}

// driver lives through a story with a real node.
type driver struct {
	*trace
	world   *actorstest.World
	metrics *actorstest.Metrics
	games   []*game
	up      bool
}

// game is a game of the story and its container.
type game struct {
	*driver
	id     string
	place  Place
	seen   Seen
	first  Place
	number int // of containers so far

	left, malformed, removed bool
	decoy                    decoy
}

// decoy is a second entry of a game in the list, for another container.
type decoy int

const (
	noDecoy decoy = iota
	decoyFirst
	decoyLast
)

func newDriver(w *actorstest.World, s story) *driver {
	d := &driver{world: w, metrics: w.Metrics(), trace: newTrace(w)}
	w.Config.Interval = interval
	w.Config.InspectTimeout = s.Timeout
	w.Config.InspectConcurrency = s.Concurrency
	if s.OnChange {
		w.Config.Emit = actors.EmitOnChange
	}
	for n := range s.Games {
		g := &game{driver: d, id: fmt.Sprintf("game-%d", n)}
		w.Engine(actors.DefaultEngine).Put(g.id+".decoy", actors.Observation{ID: g.id + ".decoy", State: "running", Health: "unhealthy"})
		g.replace(actors.DefaultEngine, 0)
		g.first = g.place
		d.games = append(d.games, g)
	}
	for _, e := range engines {
		d.watchEngine(e)
	}
	d.watchList(s.ByEngine)
	d.watchBroker()
	d.relist()
	return d
}

// live does the story's deeds, mends everything, and lets the node come to rest. The node is started before each
// pause of a minute or more, if it does not run. It returns how many events were pending before the last restart, when all
// was well for long enough.
func (d *driver) live(s story) (pending int64) {
	for _, deed := range slices.Concat(s.Chapters...) {
		deed.What.do(d, d.games[deed.Game%s.Games], deed.N)
		if deed.Then >= interval {
			d.start()
		}
		d.world.Pass(deed.Then)
	}
	if s.Crash {
		d.crash() // what only the node's memory has is lost
	}
	d.mendButForThoseWhoLeft()
	d.start()
	d.world.Pass(5 * interval) // whatever was slow comes to its end
	pending = d.metrics.Sum("healthactors_events_pending")
	d.stop(interval)
	d.start() // what was parked is tried again
	d.world.Pass(2 * interval)
	return pending
}

func (d *driver) start() {
	if d.up {
		return
	}
	d.up = true
	d.started(d.world.Config.Emit == actors.EmitOnChange)
	d.world.Start()
}

func (d *driver) stop(drain time.Duration) {
	if d.up {
		d.up = false
		d.ended()
		d.world.Stop(drain)
	}
}

func (d *driver) crash() {
	if d.up {
		d.up = false
		d.ended()
		d.world.Crash()
	}
}

// switchEmit changes --emit at the next start.
func (d *driver) switchEmit() {
	if d.world.Config.Emit == actors.EmitOnChange {
		d.world.Config.Emit = actors.EmitEveryTick
	} else {
		d.world.Config.Emit = actors.EmitOnChange
	}
}

// mendButForThoseWhoLeft ends all faults, and keeps those off the list who left it: what they owe is delivered all the same.
func (d *driver) mendButForThoseWhoLeft() {
	var gone []*game
	for _, g := range d.games {
		if g.left {
			gone = append(gone, g)
		}
	}
	d.mend()
	for _, g := range gone {
		g.left = true
	}
	d.relist()
}

// mend ends all faults.
func (d *driver) mend() {
	d.mendGames()
	d.mendEngines()
	d.mendList()
	d.mendBroker()
	d.mendJournal()
}

// mendGames puts each game back in order and on the list.
func (d *driver) mendGames() {
	for _, g := range d.games {
		g.left = false
		g.mendIt()
	}
	d.relist()
}

// mendIt puts the game back in order, and leaves it on the list or off it.
func (g *game) mendIt() {
	g.malformed, g.removed, g.decoy = false, false, noDecoy
	g.put()
	e, c := g.engine(), g.place.Container
	e.Hang(c, false)
	e.Fail(c, nil)
	e.Delay(c, 0)
	e.Panic(c, false)
}

func (d *driver) mendEngines() {
	for _, e := range engines {
		d.world.Engine(e).Down(nil)
		d.world.Engine(e).Slow(0)
	}
}

func (d *driver) mendList() {
	for _, e := range engines {
		d.world.List.FailEngine(e, nil)
	}
	d.world.List.Fail(nil)
	d.world.List.Slow(0)
}

func (d *driver) mendBroker() {
	for _, g := range d.games {
		d.world.Broker.Refuse(g.id, nil)
	}
	d.world.Broker.Down(nil)
	d.world.Broker.Slow(0)
	d.world.Broker.LoseAcks(0)
	d.world.Broker.RefuseTogether(nil)
}

func (d *driver) mendJournal() {
	for _, g := range d.games {
		d.world.Journal.Fail(g.id, nil)
		d.world.Journal.FailAfter(g.id, nil)
		d.world.Journal.Of(g.id).Late(false)
	}
	d.world.Journal.Fail("", nil)
	d.world.Journal.All().Lag(0)
	d.world.Journal.Slow(0)
	d.journalMended()
}

// relist writes the running list anew.
func (d *driver) relist() {
	var entries []actors.Entry
	for _, g := range d.games {
		entry := actors.Entry{GameID: g.id, ContainerID: g.place.Container, Engine: g.place.Engine}
		if g.malformed {
			entry.Malformed = "container_id is null"
		}
		second := actors.Entry{GameID: g.id, ContainerID: g.id + ".decoy", Engine: actors.DefaultEngine}
		switch {
		case g.left:
		case g.decoy == decoyFirst:
			entries = append(entries, second, entry)
		case g.decoy == decoyLast:
			entries = append(entries, entry, second)
		default:
			entries = append(entries, entry)
		}
	}
	d.world.List.Set(entries...)
}

func (g *game) engine() *actorstest.Engine { return g.world.Engine(g.place.Engine) }

// put shows the Engine what its answers are from now on.
func (g *game) put() {
	if g.removed {
		g.engine().Remove(g.place.Container)
		return
	}
	g.engine().Put(g.place.Container, actors.Observation{
		ID: g.seen.ID, RestartCount: g.seen.Restarts, State: g.seen.State, Health: g.seen.Health,
	})
}

func (g *game) ifThere(fault func(*actorstest.Engine, string)) {
	if !g.removed {
		fault(g.engine(), g.place.Container)
	}
}

// replace puts a new container in the game's place.
func (g *game) replace(engine string, restarts int64) {
	g.number++
	g.moveTo(Place{fmt.Sprintf("%s.%d", g.id, g.number), engine}, restarts)
}

// backToTheFirst puts the game's very first container in its place again.
func (g *game) backToTheFirst() {
	if g.place != g.first {
		g.moveTo(g.first, 2)
	}
}

func (g *game) moveTo(place Place, restarts int64) {
	if g.place != (Place{}) {
		g.engine().Remove(g.place.Container)
	}
	g.place = place
	g.seen = Seen{ID: place.Container, Restarts: restarts, State: "running"}
	g.removed = false
	g.put()
	g.relist()
}

// hop moves the container to the other Engine, as it is.
func (g *game) hop(restarts int64) {
	seen := g.seen
	engine := "east"
	if g.place.Engine == engine {
		engine = actors.DefaultEngine
	}
	g.moveTo(Place{g.place.Container, engine}, 0)
	g.seen.ID, g.seen.Restarts = seen.ID, seen.Restarts+restarts
	g.put()
}

// recreate puts another container behind the same entry of the list.
func (g *game) recreate(restarts int64) {
	g.number++
	g.seen = Seen{ID: fmt.Sprintf("%s.%d", g.id, g.number), Restarts: restarts, State: "running"}
	g.put()
}
