package main

// journalMutations break what the journal may cost, and what its answers may settle (R4 to R7).
var journalMutations = []mutation{
	{
		"R3/a game that is taken over forgets its baseline", "(*inspector).claim",
		`i.metrics.tookOver()`, `i.state.Observed = nil; i.metrics.tookOver()`,
	},
	{
		"R3/a game that is taken over forgets its undelivered events", "(*inspector).claim",
		`i.metrics.tookOver()`, `i.state.Delivery = stream.DeliveryMarked{Through: -1}; i.metrics.tookOver()`,
	},

	{
		"R4/an inspector goes on with what the journal has lost", "(*supervisor).rolledBack",
		`s.endInspect(g) } }; s.recoverAll(ctx)`, `s.endInspect(g) } }`,
	},
	{
		"R4/an inspector takes a stream that went back for its own", "(*State).Compare",
		`return WentBack, nil`, `return Nothing, nil`,
	},

	{
		"R5/a file is let in under a second name while it is held", "tryLock",
		`case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES): return false, nil`,
		`case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES): return true, nil`,
	},
	{
		"R5/the log of a file with a second name is left behind", "journalFile.checkLog",
		`if linked {`, `if linked && false {`,
	},
	{
		"R5/the log of a file that was moved is left behind", "journalFile.checkStrayLog",
		`case itself && isGone(there):`, `case itself && isGone(there): return "", nil; case itself && !itself:`,
	},
	{
		"R5/a file that is gone is missed only at the end", "(*database).watch",
		`err := s.fileGone()`, `err := error(nil)`,
	},
	{
		"R5/a file that is gone at the end is not missed", "(*database).Close",
		`s.fileGone(), err`, `err`,
	},
	{
		"R5/what a file holds that is gone is read over one connection alone", "(*database).openReaders",
		`for range readers {`, `for range 1 {`,
	},

	{
		"R6/a mark that fails fails the inspector", "(*inspector).payMark",
		`i.writes.trouble = err.Error(); return }; i.writes.owed = nil`,
		`panic(journalFailure{err}) }; i.writes.owed = nil`,
	},
	{
		"R6/what became of a write is found out by the next that changes something", "(*inspector).observe",
		`if !v.Changed && len(i.writes.limbo) == 0 {`, `if !v.Changed {`,
	},
	{
		"R6/a mark that fails is never written", "(*inspector).markDelivered",
		`i.writes.owed = append(i.writes.owed, owedMark{answer: answer})`,
		`i.writes.owed = []owedMark{{answer: answer}}; defer func() { i.writes.owed = nil }()`,
	},
	{
		"R6/a stream that is read anew forgets what is owed", "(*inspector).applyOwed",
		`for n := range i.writes.owed { i.applyMark(&i.writes.owed[n]) }`, ``,
	},
	{
		"R6/what is written of the marks that are owed is settled twice", "(*inspector).applyOwed",
		`if owed.mark != nil && i.state.Delivery.HasSettled(*owed.mark) {`, `if _ = owed; false {`,
	},
	{
		"R6/a late mark pays for all that is owed", "(*inspector).applyOwed",
		`i.writes.owed = i.writes.owed[n+1:]`, `_ = n; i.writes.owed = nil`,
	},
	{
		"R6/what failed is made good by an inspect alone", "(*inspector).Receive",
		`i.tryLater(ctx)`, ``,
	},
	{
		"R6/a stream is closed before it is known what became of its mark", "(*inspector).allDelivered",
		`!i.writes.unsettled && `, ``,
	},
	{
		"R6/what may come late finds its index free when the game has left", "(*inspector).drain",
		`if i.state.Open || len(i.writes.limbo) > 0 {`, `if i.state.Open {`,
	},
	{
		"R6/what a drop finds to be detected is not published", "(*inspector).drop",
		`i.publish(ctx, nil, nil)`, `_ = ctx`,
	},
	{
		"R6/a snapshot that fails is not told", "(*inspector).saveSnapshot",
		`if err := i.trySnapshot(); err != nil { i.writes.trouble = err.Error() }`, `_ = i.trySnapshot()`,
	},
	{
		"R6/nobody reads what became of a failed write", "(*inspector).persist",
		`i.writes.unsettled = true; if !errors`, `if !errors`,
	},
	{
		"R6/the end of a lifecycle goes by what was known before a failed write", "(*inspector).endLifecycle",
		`if err = i.settle(); err != nil { return err }; if i.state`, `if i.state`,
	},
	{
		"R6/what turns out to be written is not published", "(*inspector).catchUp",
		`i.writes.found = false; i.publish(ctx, nil, nil)`, `i.writes.found = false`,
	},
	{
		"R6/an own event that is late is another owner's", "(*State).Compare",
		`&& equal(event, late) {`, `&& event == late {`,
	},
	{
		"R6/a mark counts as written that parked nothing", "(*DeliveryMarked).HasSettled",
		`&& slices.Equal(m.Parked, mark.Parked)`, ``,
	},
	{
		"R6/failed writes are not remembered", "(*inspector).persist",
		`if i.writes.limbo = append(i.writes.limbo, event); len`,
		`if i.writes.limbo = append(i.writes.limbo[:0:0], i.writes.limbo...); len`,
	},
	{
		"R6/a decision that was out of date is not made anew", "(*inspector).judge",
		`if errors.Is(err, errReadAnew) {`, `if false {`,
	},
	{
		"R6/a failed inspector's late write costs an observation", "(*inspector).settle",
		`if i.inCluster() { panic(journalFailure{ErrConflict}) }`, `panic(journalFailure{ErrConflict})`,
	},
	{
		"R6/what a failed inspector's late mark has settled is settled twice", "(*inspector).settle",
		`i.publishing = 0`, ``,
	},
	{
		"S2/what a failed inspector wrote late counts although its game has come back since", "(*inspector).judge",
		`if answer.inspection.cameBack { i.mustEndLifecycle() }`, ``,
	},
	{
		"R6/a stream is closed over what came to light since its game left", "(*inspector).drain",
		`i.mustEndLifecycle(); `, ``,
	},
	{
		"R6/trouble with the journal is not told", "(*supervisor).reported",
		`if r.journalError != "" && s.pass != nil {`, `if false {`,
	},
	{
		"R6/a container whose lifecycle could not be ended is not inspected", "(*inspector).inspect",
		`i.forgetOther(msg.place)`, `if i.forgetOther(msg.place); i.writes.endOwed { return }`,
	},

	{
		"R7/an empty answer settles what was counted", "(*shared).carryPending",
		`p.Missing = len(pending) == 0 && p.Settled < d.Pending`, `if len(pending) == 0 { p.Settled = max(p.Settled, d.Pending) }`,
	},
	{
		"R7/an empty answer is not told", "(*visit[E]).settlement",
		`Missing: v.progress.Missing,`, ``,
	},
	{
		"R7/the journal is asked again without a pause", "(*Outbox[E]).Take",
		`if r.Misses > 0 && r.First == nil && !o.stopped {`, `if false {`,
	},
	{
		"R7/what is at hand waits for a journal that shows nothing", "(*Outbox[E]).Take",
		`r.Misses > 0 && r.First == nil`, `r.Misses > 0`,
	},
	{
		"R7/a pause after an empty answer never ends", "(*Outbox[E]).Due",
		`o.fresh.push(o.games[game])`, `_ = o.games[game]`,
	},
	{
		"R7/an empty answer is a failed publish for all", "(*shared).carryPending",
		`p.Missing = len(pending) == 0 && p.Settled < d.Pending`,
		`if len(pending) == 0 && p.Settled < d.Pending { l.Outcome.Err = errors.New("missing"); return }`,
	},
	{
		"R7/nobody is warned of events that the journal does not show", "(*inspector).lookAgain",
		`i.writes.trouble = fmt.Sprintf("the journal shows none of %d undelivered events"`,
		`_ = fmt.Sprintf("the journal shows none of %d undelivered events"`,
	},
}
