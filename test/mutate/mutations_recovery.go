package main

// recoveryMutations break the fold of the journaled events, and the recovery (R1, R2).
var recoveryMutations = []mutation{
	{
		"R1/a supervisor that stops spawns inspectors", "(*supervisor).spawnMore",
		`for !s.stopping && s.recovering`, `for s.recovering`,
	},
	{
		"R1/a recovery begins at index 0", "(*journalState).GetSnapshot",
		`return recovered{next: recovery.From, snapshot: recovery.Snapshot}`,
		`return recovered{next: 0, snapshot: recovery.Snapshot}`,
	},
	{
		"R1/a recovery forgets the snapshot", "(*journalState).GetSnapshot",
		`return recovered{next: recovery.From, snapshot: recovery.Snapshot}`, `return recovered{next: recovery.From}`,
	},
	{
		"R1/a recovery reads no events", "(*journalState).GetEvents",
		`for _, event := range s.events { callback(event) }`, ``,
	},
	{
		"R1/a recovery leaves out the last event", "(*journalState).GetEvents",
		`range s.events {`, `range s.events[:max(0, len(s.events)-1)] {`,
	},
	{
		"R1/a journal that can't be read is an empty one", "(*journalState).GetSnapshot",
		`panic(journalFailure{fmt.Errorf("recover from the journal: %w", err)})`, `return nil, 0, false`,
	},
	{
		"R1/a journal whose open streams can't be read has none", "(*supervisor).adopted",
		`if open.err != nil {`, `if false {`,
	},
	{
		"R1/a journal that was away is not asked again", "(*supervisor).Receive",
		`case adoptAgain: s.adopt(ctx)`, ``,
	},
	{
		"R1/open streams are not adopted", "(*supervisor).adopted",
		`come = append(come, g)`, `delete(s.games, g.id)`,
	},
	{
		"R1/no snapshot is written", "(*inspector).Receive",
		`i.saveSnapshot()`, ``,
	},
	{
		"R1/a snapshot has no baseline", "(*stream).snapshot",
		`&v1.Snapshot{Observed: s.observed, Delivery: s.delivery, LifecycleEnded: s.ended}`,
		`&v1.Snapshot{Delivery: s.delivery, LifecycleEnded: s.ended}`,
	},
	{
		"R1/a snapshot has no delivery", "(*stream).snapshot",
		`&v1.Snapshot{Observed: s.observed, Delivery: s.delivery, LifecycleEnded: s.ended}`,
		`&v1.Snapshot{Observed: s.observed, LifecycleEnded: s.ended}`,
	},
	{
		"R1/a snapshot's baseline is not taken", "newStream",
		`s.observed, s.ended = snapshot.GetObserved(), snapshot`, `s.ended = snapshot`,
	},
	{
		"R1/a snapshot's delivery is not taken", "newStream",
		`s.delivery = d`, `_ = d`,
	},
	{
		"R1/a snapshot lets go of what is not delivered", "(*stream).snapshot",
		`if s.pending() > 0 { keepFrom = s.delivery.GetThrough() + 1 }`, ``,
	},
	{
		"R1/a snapshot lets go of one that is not delivered", "(*stream).snapshot",
		`keepFrom = s.delivery.GetThrough() + 1`, `keepFrom = s.delivery.GetThrough() + 2`,
	},
	{
		"R1/a snapshot lets go of what is parked", "(*stream).snapshot",
		`keepFrom = min(keepFrom, r.GetFrom())`, `_ = r`,
	},
	{
		"R1/a snapshot of nothing is written at a stream's begin", "(*inspector).saveSnapshot",
		`if i.stream.observed == nil && i.stream.delivery == noDelivery {`, `if false {`,
	},
	{
		"R1/an event does not move the index", "(*stream).apply",
		`s.next++`, ``,
	},
	{
		"R1/an observation does not open its stream", "(*stream).apply",
		`case *v1.JournalEvent_Observed: s.open = true`, `case *v1.JournalEvent_Observed:`,
	},
	{
		"R1/the end of a lifecycle keeps the baseline", "(*stream).apply",
		`s.observed, s.ended = nil, nil`, `s.ended = nil`,
	},
	{
		"R1/the end of a stream leaves it open", "(*stream).apply",
		`s.open = false`, ``,
	},
	{
		"R1/a mark is not taken", "(*stream).apply",
		`s.delivery = kind.DeliveryMarked`, ``,
	},
	{
		"R1/a detection is not counted as pending", "(*stream).addPending",
		`Pending: s.pending() + 1,`, `Pending: s.pending(),`,
	},
	{
		"R1/every observation is a detection", "(*stream).apply",
		`if kind.Observed.GetDetection() != nil {`, `if kind.Observed != nil {`,
	},
	{
		"R1/an answer leaves what it settled pending", "(*stream).settle",
		`Pending: s.pending() - p.GetSettled(),`, `Pending: s.pending(),`,
	},
	{
		"R1/an observation that is kept loses its container", "withoutDetection",
		`ContainerId: o.GetContainerId(),`, ``,
	},
	{
		"R1/an observation that is kept loses its Id", "withoutDetection",
		`EngineContainerId: o.GetEngineContainerId(),`, ``,
	},
	{
		"R1/a game's name ends at a slash", "gameOf",
		`_, gameID, _ := strings.Cut(rest, "/"); return gameID`,
		`gameID := rest[strings.LastIndex(rest, "/")+1:]; return gameID`,
	},
	{
		"R1/a restarted inspector is not told again that its game left", "(*supervisor).recovered",
		`g.dropRequest = 0`, ``,
	},

	{
		"R2/a first observation does not begin its lifecycle in the journal", "(*inspector).observe",
		`BeginsLifecycle: v.beginsLifecycle`, `BeginsLifecycle: false`,
	},
	{
		"R2/a snapshot's stream is closed", "newStream",
		`s.open = true; if d`, `if d`,
	},
	{
		"R2/a game that left while nobody watched is kept", "(*supervisor).onList",
		`if g.place.mayBeListed() { games`, `if g.place == onList { games`,
	},
	{
		"R2/the first tick does not wait for the adopted games", "(*supervisor).adopted",
		`if len(s.adoption.waiting) == 0 && !s.adoption.over {`, `if !s.adoption.over {`,
	},
	{
		"R2/an adopted game's engine is not known", "(*supervisor).recovered",
		`g.at = target{g.observed.GetContainerId(), g.observed.GetEngine()}`, `g.at = target{}`,
	},
}
