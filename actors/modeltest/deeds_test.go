package modeltest

import (
	"errors"
	"fmt"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// The deeds. n chooses among variants.
var (
	nothing = what{"nothing", func(*driver, *game, int) {}}

	restart     = what{"restart", func(_ *driver, g *game, n int) { g.seen.Restarts += int64(n/2 + 1); g.put() }}
	startByHand = what{"start by hand", func(_ *driver, g *game, n int) { g.seen.Restarts, g.seen.State = int64(n/4), "running"; g.put() }}
	state       = what{"state", func(_ *driver, g *game, n int) {
		g.seen.State = []string{"running", "exited", "exited", "restarting", "paused", "Running"}[n]
		g.put()
	}}
	health = what{"health", func(_ *driver, g *game, n int) {
		g.seen.Health = []string{"", "healthy", "unhealthy", "unhealthy", "starting", "none"}[n]
		g.put()
	}}
	replace = what{"replace", func(_ *driver, g *game, n int) {
		g.replace([]string{g.place.Engine, g.place.Engine, g.place.Engine, g.place.Engine, "east", actors.DefaultEngine}[n], int64(n%2))
	}}
	hop            = what{"move to the other engine", func(_ *driver, g *game, n int) { g.hop(int64(n)) }}
	backToTheFirst = what{"back to the first container", func(_ *driver, g *game, _ int) { g.backToTheFirst() }}
	recreate       = what{"recreate", func(_ *driver, g *game, n int) { g.recreate(int64(n)) }}

	removeOrPutBack = what{"remove or put back the container", func(_ *driver, g *game, _ int) { g.removed = !g.removed; g.put() }}
	leaveOrReturn   = what{"leave or return", func(d *driver, g *game, _ int) { g.left = !g.left; d.relist() }}
	malform         = what{"malform or mend the entry", func(d *driver, g *game, _ int) { g.malformed = !g.malformed; d.relist() }}

	secondEntry = what{"second entry", func(d *driver, g *game, n int) { g.decoy = decoy(n % 3); d.relist() }}

	hang = what{"hang", func(_ *driver, g *game, _ int) { g.ifThere(func(e *actorstest.Engine, c string) { e.Hang(c, true) }) }}
	fail = what{"inspects fail", func(_ *driver, g *game, n int) {
		err := []error{errAway, fmt.Errorf("dial: %w", actors.ErrEngineUnreachable)}[n%2]
		g.ifThere(func(e *actorstest.Engine, c string) { e.Fail(c, err) })
	}}
	delay = what{"delay", func(_ *driver, g *game, n int) {
		g.ifThere(func(e *actorstest.Engine, c string) { e.Delay(c, delays[n]) })
	}}
	panics = what{"inspects panic", func(_ *driver, g *game, _ int) {
		g.ifThere(func(e *actorstest.Engine, c string) { e.Panic(c, true) })
	}}
	engineDown = what{"engine down", func(d *driver, g *game, _ int) { g.engine().Down(actors.ErrEngineUnreachable) }}
	engineSlow = what{"engine slow", func(d *driver, g *game, n int) { g.engine().Slow(delays[n]) }}

	listFails = what{"list fails", func(d *driver, _ *game, _ int) { d.world.List.Fail(errAway) }}
	listSlow  = what{"list slow", func(d *driver, _ *game, n int) {
		if d.world.List.ByEngine {
			n %= 3 // one that takes longer than a tick shows its games at the next as it last said, which specs hold
		}
		d.world.List.Slow(delays[n])
	}}
	partMissing = what{"part of the list missing", func(d *driver, g *game, _ int) { d.world.List.FailEngine(g.place.Engine, errAway) }}

	brokerDown = what{"broker down", func(d *driver, _ *game, _ int) { d.world.Broker.Down(actorstest.ErrBrokerDown) }}
	brokerSlow = what{"broker slow", func(d *driver, _ *game, n int) { d.world.Broker.Slow(delays[n]) }}
	loseAcks   = what{"lose acknowledgements", func(d *driver, _ *game, n int) { d.world.Broker.LoseAcks(n + 1) }}
	refuse     = what{"broker refuses the game's events", func(d *driver, g *game, _ int) { d.world.Broker.Refuse(g.id, errAway) }}
	tooLarge   = what{"the game's events are too large", func(d *driver, g *game, n int) {
		if n == 0 {
			d.world.Broker.RefuseTogether(actors.ErrTooLarge)
			return
		}
		d.world.Broker.Refuse(g.id, fmt.Errorf("refused: %w", actors.ErrTooLarge))
	}}

	journalFails      = what{"journal fails", func(d *driver, _ *game, _ int) { d.journalFails(""); d.world.Journal.Fail("", errAway) }}
	gamesJournalFails = what{"journal fails for the game", func(d *driver, g *game, _ int) { d.journalFails(g.id); d.world.Journal.Fail(g.id, errAway) }}
	journalFailsAfter = what{"journal fails after writing for the game", func(d *driver, g *game, _ int) {
		d.journalFails(g.id)
		d.world.Journal.FailAfter(g.id, errAway)
	}}
	journalLate = what{"journal writes late for the game", func(d *driver, g *game, _ int) {
		d.journalFails(g.id)
		d.world.Journal.Of(g.id).Late(true)
	}}
	// Nothing is uncertain then: an empty answer settles nothing (R7).
	journalLags = what{"journal shows undelivered events late", func(d *driver, _ *game, n int) { d.world.Journal.All().Lag(delays[n]) }}
	journalSlow = what{"journal slow", func(d *driver, _ *game, n int) {
		slow := []time.Duration{time.Second, time.Second, 4 * time.Second, 9 * time.Second, 9 * time.Second, 20 * time.Second}[n]
		d.journalSlow(slow)
		d.world.Journal.Slow(slow)
	}}

	mend = what{"mend", func(d *driver, _ *game, n int) {
		switch n {
		case 0:
			d.mend()
		case 1:
			d.mendGames()
		case 2:
			d.mendEngines()
		case 3:
			d.mendBroker()
		case 4:
			d.mendJournal()
		case 5:
			d.mendList()
		}
	}}

	crash      = what{"crash", func(d *driver, _ *game, _ int) { d.crash() }}
	stop       = what{"stop", func(d *driver, _ *game, n int) { d.stop(delays[n]) }}
	start      = what{"start", func(d *driver, _ *game, _ int) { d.start() }}
	switchEmit = what{"switch --emit at the next start", func(d *driver, _ *game, _ int) { d.switchEmit() }}
	hoursPass  = what{"two hours pass", func(d *driver, _ *game, _ int) { // enough for a snapshot of a sick game
		d.start()
		d.world.Pass(2 * time.Hour)
	}}
	jump = what{"wall clock jumps", func(d *driver, _ *game, n int) {
		d.world.Clock.Jump([]time.Duration{time.Second, time.Hour, -time.Hour, -time.Second, 24 * time.Hour, -24 * time.Hour}[n])
	}}
)

var (
	errAway = errors.New("away")
	delays  = []time.Duration{time.Second, 3 * time.Second, 30 * time.Second, time.Minute, 75 * time.Second, 3 * time.Minute}
)
