package main

// supervisionMutations break restarts and the stop (S7, S8).
var supervisionMutations = []mutation{
	{
		"S7/an inspector that failed is stopped", "(*supervisor).HandleFailure",
		`g == nil || g.incarnation`, `true || g.incarnation`,
	},
	{
		"S7/an inspector that failed is never restarted", "(*supervisor).restartDue",
		`if g.phase == failing { s.spawnLater(ctx, g) }`, ``,
	},
	{
		"S7/an inspector that failed is restarted at once", "(*supervisor).HandleFailure",
		`restartBackoff.pause(g.failedTries, s.Jitter())`, `time.Millisecond`,
	},
	{
		"S7/the pauses between restarts do not grow", "(*supervisor).HandleFailure",
		`g.failedTries++`, `g.failedTries = 1`,
	},
	{
		"S7/the pauses stay long after a success", "(*supervisor).inspected",
		`g.since = time.Now(); g.failedTries = 0`, `g.since = time.Now()`,
	},
	{
		"S7/an inspector that failed counts as under way", "(*supervisor).HandleFailure",
		`g.request = 0`, ``,
	},
	{
		"S7/an inspector that failed keeps the pass from ending", "(*supervisor).HandleFailure",
		`s.endInPass(g)`, ``,
	},
	{
		"S7/a report of recovery counts though the inspector has failed since", "(*supervisor).recovered",
		`if g.phase != recovering { return }`, ``,
	},
	{
		"S7/a panic's place is not logged", "(*supervisor).explain",
		`f.stack = string(b.stack)`, `_ = b.stack`,
	},
	{
		"S7/an engine's panic ends the node", "(*shared).ask",
		`if p := recover(); p != nil { a.err`, `if p := any(nil); p != nil { a.err`,
	},
	{
		"S7/recovering inspectors never make room for others", "(*supervisor).leaveRecovery",
		`s.recovering--; s.spawnMore(ctx)`, ``,
	},
	{
		"S7/more inspectors read the journal at once", "(*supervisor).spawnMore",
		`s.recovering < recoverAtOnce &&`, `s.recovering < 2*recoverAtOnce &&`,
	},

	{
		"S8/a reading that ends after a stop began is a tick", "(*supervisor).partRead",
		`p.reading = false; if s.drained != nil { return }`, `p.reading = false`,
	},
	{
		"S8/an inspect is asked for after a stop began", "(*supervisor).advance",
		`case g.phase != ready || s.drained != nil:`, `case g.phase != ready:`,
	},
	{
		"S8/a stop waits for hung inspects", "(*supervisor).stop",
		`ctx.Send(g.pid, withdraw{})`, `_ = withdraw{}`,
	},
	{
		"S8/a stop waits for no undelivered events", "(*supervisor).keepsStopWaiting",
		`return g.request != 0 || g.pending > 0 && !s.inCluster()`, `return g.request != 0`,
	},
	{
		"S8/a stop does not wait for inspects under way", "(*supervisor).keepsStopWaiting",
		`return g.request != 0 || g.pending > 0 && !s.inCluster()`, `return g.pending > 0 && !s.inCluster()`,
	},
	{
		"S8/a stop with nothing to do waits for its time-out", "(*supervisor).stop",
		`s.unfinished[g] = true } }; if len(s.unfinished) == 0 {`, `s.unfinished[g] = true } }; if false {`,
	},
	{
		"S8/a stop ends with the first game", "(*supervisor).finish",
		`delete(s.unfinished, g); if len(s.unfinished) == 0 {`, `if clear(s.unfinished); true {`,
	},
	{
		"S8/a stop goes on waiting when all is delivered", "(*supervisor).reported",
		`s.closed(ctx, g, cause) }; s.finish(g)`, `s.closed(ctx, g, cause) }`,
	},
	{
		"S8/an inspect that was cut off by a stop is not reported", "(*inspector).withdraw",
		`i.cutOff(); i.report(ctx, ended)`, `i.cutOff(); _ = ended`,
	},
	{
		"S8/a stop closes the broker before it waits", "(*Node).stopOnce",
		`select { case <-drained:`, `_ = n.Broker.Close(); select { case <-drained:`,
	},
	{
		"S8/a delivery begins after the stop", "(*Outbox[E]).Next",
		`|| o.stopped`, ``,
	},
	{
		"S8/a game waits for the journal after the stop", "(*Outbox[E]).Take",
		`&& !o.stopped`, ``,
	},
	{
		"S8/a stopping node says that it is ready", "(*Node).stopOnce",
		`n.board.stopBegun.Store(true)`, ``,
	},
	{
		"S8/a tick that ends after a stop began makes the node ready again", "(*Node).Ready",
		`&& !n.board.stopBegun.Load()`, ``,
	},
	{
		"S8/a stop cuts off the events in flight", "(*supervisor).keepsStopWaiting",
		`return g.request != 0 || g.pending > 0 && !s.inCluster()`, `return false`,
	},
}
