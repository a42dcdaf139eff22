package main

// tickMutations break the pass over the running list, and what becomes of the games that left it (S1 to S3).
var tickMutations = []mutation{
	{
		"S1/a list that can't be read is an empty list", "(*supervisor).partRead",
		`p.known, p.entries, p.err = read.err == nil,`, `p.known, p.entries, p.err = true,`,
	},
	{
		"S1/a tick without a list is no failed one", "(*supervisor).endPass",
		`case s.pass.unread != nil:`, `case false:`,
	},
	{
		"S1/a tick without a list is the last that read one", "(*supervisor).endPass",
		`s.metrics.ticked(tickListFailed)`, `s.metrics.ticked(tickListFailed); s.metrics.passed(0, s.Clock())`,
	},
	{
		"S1/a tick of which one part fails is a failed one", "(*supervisor).endPass",
		`case s.pass.listed:`, `case s.pass.listed && s.pass.unread == nil:`,
	},
	{
		"S1/a list that can't be read makes no warning", "(*supervisor).warnUnread",
		`s.Log.Warn("the running list can't be read", "error", err)`, ``,
	},
	{
		"S1/a reading has no time-out", "(*shared).readList",
		`context.WithTimeout(ctx, s.ListTimeout)`, `context.WithCancel(ctx)`,
	},
	{
		"S1/ticks that fall due while the list is read are passes too", "(*supervisor).tick",
		`if s.lists.busy() || s.suspended() {`, `if s.suspended() {`,
	},
	{
		"S1/a tick is skipped while one part is being read", "(*lists).busy",
		`return !slices.ContainsFunc(l.parts, func(p *part) bool { return !p.reading || p.known && l.several() })`,
		`return slices.ContainsFunc(l.parts, func(p *part) bool { return p.reading })`,
	},
	{
		"S1/a tick is skipped while all parts are being read, though they are known", "(*lists).busy",
		`!p.reading || p.known && l.several()`, `!p.reading`,
	},
	{
		"S1/after a reading no other one begins", "(*supervisor).partRead",
		`p.reading = false`, ``,
	},
	{
		"S1/a part that is being read is asked once more", "(*supervisor).readParts",
		`p.late = true; continue`, `p.late = true`,
	},
	{
		"S1/a late part's games wait for its list at each tick", "(*supervisor).readParts",
		`s.lists.show(s.pass.number, func(p *part) bool { return p.late })`, `false`,
	},
	{
		"S1/a part that comes in time stays late", "(*supervisor).partRead",
		`p.late = p.asked != s.pass.number`, `p.late = p.late || p.asked != s.pass.number`,
	},
	{
		"S1/a part that comes late counts as in time", "(*supervisor).partRead",
		`p.late = p.asked != s.pass.number`, `p.late = false`,
	},
	{
		"S1/no pass has a last moment", "(*supervisor).inspectUnheard",
		`s.lists.show(pass, func(p *part) bool { return p.heard != pass }) || s.lists.untaken`, `s.lists.untaken`,
	},
	{
		"S1/a part is shown before it is heard", "(*lists).shows",
		`return p == nil || p.shown == pass`, `return p == nil || true`,
	},
	{
		"S1/what is read first waits for all", "(*supervisor).partRead",
		`s.takeIn(ctx, max(together, (takeShare-1)*s.lists.took))`, ``,
	},
	{
		"S1/what is read while a game may move waits with it", "(*supervisor).takeIn",
		`if s.lists.soon != nil && s.lists.soonAt.Before(at) {`, `if s.lists.soon != nil {`,
	},
	{
		"S1/a list that can't be read makes a node ready", "(*supervisor).endPass",
		`s.pass.span.SetStatus(codes.Error, s.pass.unread.Error()); return`,
		`s.pass.span.SetStatus(codes.Error, s.pass.unread.Error()); s.board.ticked.Store(true); return`,
	},
	{
		"S1/the games of an engine whose part is missing are dropped", "Diff",
		`unsure := missing[now.Engine] || now.Engine`, `unsure := now.Engine`,
	},
	{
		"S1/one engine's missing part keeps the games of all engines", "Diff",
		`missing[now.Engine] || now.Engine == "" && len(missing) > 0`, `missing[now.Engine] || len(missing) > 0`,
	},
	{
		"S1/a game of an unknown engine is dropped while a part is missing", "Diff",
		`|| now.Engine == "" && len(missing) > 0`, ``,
	},
	{
		"S1/a game moves while the part that it was on is missing", "Diff",
		`&& missing[now.Engine] {`, `&& false {`,
	},
	{
		"S1/a game that stays is left out while its engine's part is missing", "Diff",
		`known && now != l.Place && missing`, `known && missing`,
	},
	{
		"S1/a missing part makes no warning", "(*supervisor).warnUnread",
		`s.Log.Warn("the engine's part of the running list can't be read", "engine", p.engine, "error", err)`, ``,
	},
	{
		"S1/a list's panic ends the node", "(*shared).readList",
		`if p := recover(); p != nil { err`, `if p := any(nil); p != nil { err`,
	},
	{
		"S1/a node that has read no list is ready", "(*supervisor).endPass",
		`default:`, `case false:`,
	},

	{
		"S2/what a part said outlives the lease", "(*supervisor).suspend",
		`s.lists.forget()`, ``,
	},
	{
		"S2/a game that left waits for every list", "(*lists).mayMove",
		`return moving - time.Since(tick)`, `return moving`,
	},
	{
		"S2/games that left are not dropped", "Diff",
		`c.Gone = append(c.Gone, gameID)`, `_ = gameID`,
	},
	{
		"S2/games that left are dropped in any order", "Diff",
		`slices.Sort(c.Gone)`, `slices.Sort(c.Gone); slices.Reverse(c.Gone)`,
	},
	{
		"S2/a drop keeps the baseline", "(*inspector).mustEndLifecycle",
		`if err := i.endLifecycle(false); err != nil { panic(journalFailure{err}) }`, ``,
	},
	{
		"S2/a drop leaves the inspect under way alone", "(*inspector).mustEndLifecycle",
		`i.cutOff(); i.timedOut = false; if err`, `i.timedOut = false; if err`,
	},
	{
		"S2/the answer of an inspect that was cut off counts", "(*inspector).answered",
		`if answer.inspection != i.underWay { return }`, ``,
	},
	{
		"S2/a cut off inspect keeps its place in the queue", "(*inspector).cutOff",
		`if i.turns[i.underWay.place.Engine].Withdraw(i.underWay.turn) { i.process.work.Done() }`, ``,
	},
	{
		"S2/a cut off inspect goes on at the engine", "(*inspector).cutOff",
		`i.underWay.cancel()`, ``,
	},
	{
		"S2/a stream closes before its events are delivered", "(*inspector).allDelivered",
		`i.state.Delivery.Pending == 0 && `, ``,
	},
	{
		"S2/a stream closes before its parked events are delivered", "(*inspector).allDelivered",
		` && i.state.Delivery.ParkedCount() == 0`, ``,
	},
	{
		"S2/a dropped game's stream stays open", "(*inspector).drain",
		`if i.state.Open || len(i.writes.limbo) > 0 {`, `if false {`,
	},
	{
		"S2/a game on the list is closed when all is delivered", "(*inspector).drain",
		`if i.dropped == 0 || !i.all`, `if !i.all`,
	},
	{
		"S2/a dropped game's inspector stays when all is delivered", "(*inspector).published",
		`i.publish(ctx, nil, nil); i.report(ctx, deliveryChanged{}); i.drain(ctx)`,
		`i.publish(ctx, nil, nil); i.report(ctx, deliveryChanged{})`,
	},
	{
		"S2/a game that came back is still dropped", "(*inspector).inspect",
		`i.dropped = 0`, ``,
	},
	{
		"S2/a game that came back is closed", "(*supervisor).closed",
		`if g.standing != offList || last.request != g.dropRequest {`, `if false {`,
	},
	{
		"S2/a game that came back while its inspector stopped is forgotten", "(*supervisor).terminated",
		`if g.standing == onList && s.drained == nil { s.spawnLater`, `if false { s.spawnLater`,
	},
	{
		"S2/a stopped inspector's game stays known", "(*supervisor).terminated",
		`delete(s.games, g.id)`, ``,
	},
	{
		"S2/a drop asks the inspector nothing", "(*supervisor).drop",
		`g.due, g.inPass, g.lastError = nil, 0, ""; s.advance(ctx, g)`, `g.due, g.inPass, g.lastError = nil, 0, ""`,
	},
	{
		"S2/a second drop is not sent after a return", "(*supervisor).advance",
		`g.dropRequest = 0; g.asked`, `g.asked`,
	},
	{
		"S2/a replaced container waits for the inspect under way", "(*supervisor).inspect",
		`if g.standing == onList && g.place == l.Place && (g.request`, `if g.standing == onList && (g.request`,
	},
	{
		"S2/a failing inspector is left to its pause at a tick", "(*game).pauseMayEnd",
		`return g.phase == failing &&`, `return false &&`,
	},
	{
		"S2/a tick ends a pause that has just begun", "(*game).pauseMayEnd",
		`time.Since(g.failed) >= restartBackoff.first`, `time.Since(g.failed) >= 0`,
	},
	{
		"S2/an earlier container's inspect is left to go on", "(*inspector).inspect",
		`if i.underWay != nil && i.underWay.place == msg.place {`, `if i.underWay != nil {`,
	},
	{
		"S2/a game that comes back while its end is not journaled keeps its baseline", "(*supervisor).advance",
		`cameBack: g.left`, `cameBack: false`,
	},
	{
		"S2/a game that came back begins anew at every tick", "(*supervisor).inspected",
		`g.request, g.left = 0, false`, `g.request = 0`,
	},
	{
		"S2/an inspector that failed leaves its inspect under way", "(*inspector).Receive",
		`case *actor.Restarting, *actor.Stopping: i.cutOff()`, `case *actor.Restarting, *actor.Stopping:`,
	},
	{
		"S2/the list is kept although the lease is lost", "(*supervisor).suspend",
		`s.share.list = nil`, ``,
	},

	{
		"S3/a list that hangs keeps the pass from ending", "(*supervisor).beginPass",
		`s.takeUntaken(ctx); s.endPass()`,
		`s.takeUntaken(ctx); if s.pass == nil || s.lists.settled(s.pass.number) { s.endPass() }`,
	},
	{
		"S3/the first tick waits for one interval", "(*supervisor).adopted",
		`s.adoption.over = true; s.tick(ctx)`, `s.adoption.over = true; s.scheduleTick(ctx)`,
	},
	{
		"S3/with adopted games the first tick never comes", "(*supervisor).leaveRecovery",
		`if s.adoption.tried(g) {`, `if false {`,
	},
	{
		"S3/no second tick comes", "(*supervisor).tick",
		`s.scheduleTick(ctx); if s.lists`, `if s.lists`,
	},
	{
		"S3/ticks drift with the time of the first", "(*supervisor).scheduleTick",
		`s.Interval - since%s.Interval`, `s.Interval + since%s.Interval`,
	},
	{
		"S3/a node is ready before its first tick is complete", "(*supervisor).endPassWhenDone",
		`if s.pass.outstanding == 0 && s.lists`, `if s.lists`,
	},
}
