package main

// logMutations break what the log, and the API's last_error, tell an operator (S9).
var logMutations = []mutation{
	{
		"S9/a game that comes is no line", "(*supervisor).noteListed",
		`s.gameLog.add(came, gameNews{game: l.GameID, place: l.Place})`, ``,
	},
	{
		"S9/a game that comes back before its events are delivered is no line", "(*supervisor).noteListed",
		`(g == nil || g.standing == offList):`, `g == nil:`,
	},
	{
		"S9/a game that leaves is no line", "(*supervisor).drop",
		`s.gameLog.add(left, gameNews{game: g.id, place: g.place})`, ``,
	},
	{
		"S9/a game whose container is replaced is no line", "(*supervisor).noteListed",
		`s.gameLog.add(replaced, gameNews{game: l.GameID, place: l.Place, was: nameBefore(was, l.Place)})`, ``,
	},
	{
		"S9/a game that moves to another member's engine comes anew", "(*supervisor).noteListed",
		`was = before()[l.GameID]`, ``,
	},
	{
		"S9/a game of a member that died while the lease was lost comes anew", "(*supervisor).mine",
		`s.share.list, s.share.told = accepted, accepted`, `s.share.list = accepted`,
	},
	{
		"S9/a game of a member that died while the lease was lost is not taken over", "(*supervisor).noteListed",
		`s.adoption.found.add(l.GameID)`, ``,
	},
	{
		"S9/a game that another life left comes anew", "(*supervisor).noteListed",
		`case was == rules.Place{} && (g == nil || g.standing == offList):`,
		`case g == nil || g.standing == offList || g.standing == unknown:`,
	},
	{
		"S9/a container that is replaced by one of the same name is no line", "(*supervisor).reported",
		`s.noteRecreated(g, r.observed)`, ``,
	},
	{
		"S9/a container's engine before is not named", "nameBefore",
		`if before.Engine != now.Engine {`, `if false {`,
	},
	{
		"S9/many games that come are a line each", "(*gameLog).flush",
		`case news.inTick > fewPerTick:`, `case false:`,
	},
	{
		"S9/many games that come on several engines are a line each", "(*supervisor).take",
		`if s.lists.settled(s.pass.number) {`, `if true {`,
	},
	{
		"S9/a container that was recreated is told by the place of the next one", "(*supervisor).noteRecreated",
		`place: now.Place`, `place: g.place`,
	},
	{
		"S9/games of an earlier tick count in the next one", "(*supervisor).beginPass",
		`s.gameLog.tick()`, ``,
	},
	{
		"S9/an engine that is well again is no line", "(*supervisor).answeredWell",
		`s.outages.end(s.Log, outage{engineOutage, engine})`, ``,
	},
	{
		"S9/an engine without games is well again when it has one", "(*supervisor).take",
		`s.forgetEngines()`, ``,
	},
	{
		"S9/an engine without games on which others are is forgotten", "(*supervisor).hasGameOn",
		`if g.standing == onList && g.place.Engine == engine {`, `if g.standing != onList && g.place.Engine == engine {`,
	},
	{
		"S9/an engine with one game that can't be reached is well", "(*pass).unwell",
		`good == 0 && (games > 1 || away[engine])`, `good == 0 && games > 1`,
	},
	{
		"S9/one game's failures are its engine's outage", "(*pass).unwell",
		`good == 0 && (games > 1 || away[engine])`, `good == 0 && games > 0`,
	},
	{
		"S9/an engine that serves some is not well", "(*pass).unwell",
		`p.answered[engine].good == 0 && (games > 1 || away[engine])`, `games > 1 || away[engine]`,
	},
	{
		"S9/a list that can be read again is no line", "(*supervisor).partRead",
		`s.outages.end(s.Log, outage{listOutage, p.engine})`, ``,
	},
	{
		"S9/how long something was not well counts from its last failure", "outages.begin",
		`if _, known := o[what]; !known {`, `if true {`,
	},
	{
		"S9/what is well again is told at each tick", "outages.end",
		`delete(o, what)`, ``,
	},
	{
		"S9/a broker that is well again is no line", "(*Outbox[E]).succeed",
		`if o.failures > 0 {`, `if o.failures < 0 {`,
	},
	{
		"S9/the journal is well as soon as one game's writes are", "(*supervisor).journalMayBeWell",
		`known && len(s.behind) == 0 && s`, `known && s`,
	},
	{
		"S9/a journal that can't be read at a start is never well again", "(*supervisor).adopted",
		`s.journalMayBeWell()`, ``,
	},
	{
		"S9/an inspector never says that the journal lacks something", "(*inspector).report",
		`behind: w.unsettled || len(w.limbo) > 0 || len(w.owed) > 0 || w.endOwed,`, ``,
	},
	{
		"S9/a journal that is full is well as soon as it is read", "(*inspector).report",
		`|| len(w.limbo) > 0 || len(w.owed)`, `|| len(w.owed)`,
	},
	{
		"S9/a journal that is full is well as soon as an inspector has recovered", "(*supervisor).noteBehind",
		`case !justRecovered || s.behind[g] == lacksReading:`, `default: _ = justRecovered`,
	},
	{
		"S9/a journal that inspectors recover from again is not well", "(*supervisor).noteBehind",
		`case !justRecovered || s.behind[g] == lacksReading:`, `case !justRecovered:`,
	},
	{
		"S9/a journal is well for a game that left only when the broker is", "(*inspector).drop",
		`i.report(ctx, deliveryChanged{})`, ``,
	},
	{
		"S9/a journal is well again because the node stops", "(*supervisor).terminated",
		`if s.drained == nil {`, `if true {`,
	},
	{
		"S9/a journal is well again because an inspector panics", "(*supervisor).HandleFailure",
		`case f.stack != "":`, `case f.stack != "": s.setBehind(g, 0)`,
	},
	{
		"S9/a journal with one damaged stream is never well again", "(*supervisor).HandleFailure",
		`case f.kind == fencedOff || f.damaged:`, `case f.kind == fencedOff:`,
	},
	{
		"S9/a journal is well again before the log says that it was not", "(*supervisor).journalMayBeWell",
		`s.warnOfJournal()`, ``,
	},
	{
		"S9/who joins the cluster is no line", "(*supervisor).tellMembers",
		`s.tellEach(s.missingFrom(before, now),`, `s.tellEach(nil,`,
	},
	{
		"S9/of a member that came back the log says last that it is gone", "(*supervisor).tellMembers",
		`s.tellEach(s.missingFrom(now, before), "a member is gone from the cluster", "members are gone from the cluster")
			s.tellEach(s.missingFrom(before, now), "a member joined the cluster", "members joined the cluster")`,
		`s.tellEach(s.missingFrom(before, now), "a member joined the cluster", "members joined the cluster")
			s.tellEach(s.missingFrom(now, before), "a member is gone from the cluster", "members are gone from the cluster")`,
	},
	{
		"S9/a node joins its own cluster when its lease holds again", "(*supervisor).missingFrom",
		`return m.Node == s.Node || since`, `return since`,
	},
	{
		"S9/who is gone from the cluster is no line", "(*supervisor).tellMembers",
		`s.tellEach(s.missingFrom(now, before),`, `s.tellEach(nil,`,
	},
	{
		"S9/games that are taken over count only where the list has them", "(*supervisor).adopted",
		`s.adoption.found.add(g.id)`, ``,
	},
	{
		"S9/games that are taken over count only where the journal has them", "(*supervisor).reshare",
		`s.adoption.found.add(l.GameID)`, ``,
	},
	{
		"S9/a published event's line has no reasons", "(*publishLog).flush",
		`"reasons", wordsOf(e.Reasons)`, `"reasons", ""`,
	},
	{
		"S9/a published event's line has no id", "(*publishLog).flush",
		`"event_id", e.Detection.EventID`, `"event_id", ""`,
	},
	{
		"S9/many published events are not counted by reason", "(*publishLog).add",
		`l.reasons[r]++`, `l.reasons[r] = 1`,
	},
	{
		"S9/recoveries are not counted", "(*publishLog).add",
		`l.recovered++`, ``,
	},
	{
		"S9/a game whose list can't be read looks fine", "(*supervisor).describe",
		`status.LastError = cmp.Or(status.LastError, s.whyOld(g))`, ``,
	},
	{
		"S9/all games look old when one engine's list can't be read", "(*lists).unread",
		`p := l.byEngine[engine]; if p == nil { p = l.byEngine[""] }`, `p := l.parts[len(l.parts)-1]`,
	},
}
