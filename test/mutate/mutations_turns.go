package main

// turnMutations break the order of turns (S4, S5).
var turnMutations = []mutation{
	{
		"S4/what two parts say calls for a game twice", "(*supervisor).take",
		`s.lists.shows(l.Place.Engine, s.pass.number) && !s.called(l)`, `s.lists.shows(l.Place.Engine, s.pass.number)`,
	},
	{
		"S4/a game under way is asked again", "(*supervisor).inspect",
		`(g.request != 0 || g.due != nil) && !g.pauseMayEnd()`, `false`,
	},
	{
		"S4/a game that waits to be asked is not skipped", "(*supervisor).inspect",
		`(g.request != 0 || g.due != nil) &&`, `g.request != 0 &&`,
	},
	{
		"S4/a missed pass is not counted", "(*supervisor).inspect",
		`s.metrics.skipped(l.Place.Engine)`, ``,
	},
	{
		"S4/a game stays under way when its inspect has ended", "(*supervisor).inspected",
		`g.request, g.left = 0, false`, `g.left = false`,
	},
	{
		"S4/an older inspect's end counts as that of the one under way", "(*supervisor).inspected",
		`if ended.request != g.request { return }`, ``,
	},
	{
		"S4/the lane is half of the slots", "New",
		`max(1, slots/4)`, `max(1, slots/2)`,
	},
	{
		"S4/the lane of a few slots has none", "New",
		`max(1, slots/4)`, `slots / 4`,
	},
	{
		"S4/the lane is all of the slots", "(*Queue).first",
		`&& q.laneFree > 0`, ``,
	},
	{
		"S4/the lane never gets a slot back", "(*Queue).pass",
		`if w.kind == lane { q.laneFree++ }`, ``,
	},
	{
		"S4/the lane is not counted", "(*Queue).take",
		`if w.kind == lane { q.laneFree-- }`, ``,
	},
	{
		"S4/the last to come goes first", "(*Queue).Enqueue",
		`q.waiting[w.kind].PushBack(w)`, `q.waiting[w.kind].PushFront(w)`,
	},
	{
		"S4/the lane goes first", "(*Queue).first",
		`first == nil || w.ticket < first.ticket`, `true`,
	},
	{
		"S4/the lane goes last", "(*Queue).first",
		`first == nil || w.ticket < first.ticket`, `first == nil`,
	},
	{
		"S4/a game that timed out is not sent to the lane", "(*inspector).begin",
		`.Enqueue(i.timedOut,`, `.Enqueue(false,`,
	},
	{
		"S4/every game is sent to the lane", "(*inspector).begin",
		`.Enqueue(i.timedOut,`, `.Enqueue(true,`,
	},
	{
		"S4/a game that timed out stays in the lane when it answers", "(*inspector).answered",
		`i.timedOut = ended.outcome == outcomeTimeout || (i.timedOut && ended.unreachable)`,
		`i.timedOut = i.timedOut || ended.outcome == outcomeTimeout`,
	},
	{
		"S4/an engine that goes away lets hung games out of the lane", "(*inspector).answered",
		`|| (i.timedOut && ended.unreachable)`, ``,
	},
	{
		"S4/another container inherits the place in the lane", "(*inspector).forgetOther",
		`i.timedOut = i.timedOut && i.writes.endOwed`, ``,
	},
	{
		"S4/a time-out holds its slot for ever", "(*inspector).begin",
		`i.process.send(self, answer)`, `i.process.send(self, answer); if answer.err != nil { <-i.process.ctx.Done() }`,
	},
	{
		"S4/an inspect has no time-out", "(*shared).ask",
		`context.WithTimeout(ctx, s.InspectTimeout)`, `context.WithCancel(ctx)`,
	},

	{
		"S5/there is a slot more", "(*Queue).take",
		`if q.free == 0 {`, `if q.free < 0 {`,
	},
	{
		"S5/a slot goes to the next before its turn has ended", "(*Queue).serve",
		`w.run()`, `go w.run()`,
	},
	{
		"S5/slots are not taken", "(*Queue).take",
		`q.free--`, ``,
	},
	{
		"S5/slots are not given back", "(*Queue).pass",
		`q.free++`, ``,
	},
	{
		"S5/a slot that is given back wakes nobody", "(*Queue).pass",
		`return q.take()`, `return nil`,
	},
	{
		"S5/a free slot waits for another one to be given back", "(*Queue).Enqueue",
		`if next := q.take(); next != nil {`, `if next := q.take(); next != nil && q.free < 0 {`,
	},
	{
		"S5/engines share their slots", "Start",
		`s.turns[name] = turns.New(cfg.InspectConcurrency)`,
		`if s.turns[""] == nil { s.turns[""] = turns.New(cfg.InspectConcurrency) }; s.turns[name] = s.turns[""]`,
	},
}
