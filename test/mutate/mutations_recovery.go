package main

// recoveryMutations break the fold of the journaled events, and the recovery (R1, R2).
var recoveryMutations = []mutation{
	{
		"R1/a supervisor that stops spawns inspectors", "(*supervisor).spawnMore",
		`for !s.ending && s.recovering`, `for s.recovering`,
	},
	{
		"R1/a recovery begins at index 0", "Begin",
		`New(r.From, r.Snapshot)`, `New(0, r.Snapshot)`,
	},
	{
		"R1/a recovery forgets the snapshot", "Begin",
		`New(r.From, r.Snapshot)`, `New(r.From, nil)`,
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
		"R1/a snapshot has no baseline", "(*State).Snapshot",
		`&Snapshot{Observed: s.Observed, Delivery: s.Delivery,`, `&Snapshot{Delivery: s.Delivery,`,
	},
	{
		"R1/a snapshot has no delivery", "(*State).Snapshot",
		`&Snapshot{Observed: s.Observed, Delivery: s.Delivery,`,
		`&Snapshot{Observed: s.Observed, Delivery: DeliveryMarked{Through: -1},`,
	},
	{
		"R1/a snapshot's baseline is not taken", "New",
		`Observed: snapshot.Observed, Delivery`, `Delivery`,
	},
	{
		"R1/a snapshot's delivery is not taken", "New",
		`Delivery: snapshot.Delivery, Gained`, `Delivery: DeliveryMarked{Through: -1}, Gained`,
	},
	{
		"R1/a snapshot lets go of what is not delivered", "(*State).Snapshot",
		`if s.Delivery.Pending > 0 { keepFrom = s.Delivery.Through + 1 }`, ``,
	},
	{
		"R1/a snapshot lets go of one that is not delivered", "(*State).Snapshot",
		`keepFrom = s.Delivery.Through + 1`, `keepFrom = s.Delivery.Through + 2`,
	},
	{
		"R1/a snapshot lets go of what is parked", "(*State).Snapshot",
		`keepFrom = min(keepFrom, r.From)`, `_ = r`,
	},
	{
		"R1/a snapshot of nothing is written at a stream's begin", "(*inspector).saveSnapshot",
		`if !i.state.Open {`, `if false {`,
	},
	{
		"R1/a stream has no snapshot between two containers", "(*inspector).saveSnapshot",
		`if !i.state.Open {`, `if i.state.Observed == nil {`,
	},
	{
		"R1/an event does not move the index", "(*State).Apply",
		`s.Next++`, ``,
	},
	{
		"R1/an observation does not open its stream", "(*State).Apply",
		`case *Observed: s.Open = true`, `case *Observed:`,
	},
	{
		"R1/the end of a lifecycle keeps the baseline", "(*State).Apply",
		`case *LifecycleEnded: s.Observed = nil`, `case *LifecycleEnded:`,
	},
	{
		"R1/the end of a stream leaves it open", "(*State).Apply",
		`s.Open = false`, ``,
	},
	{
		"R1/a mark is not taken", "(*State).Apply",
		`s.Delivery = *e`, ``,
	},
	{
		"R1/a detection is not counted as pending", "(*State).addPending",
		`s.Delivery.Pending++`, ``,
	},
	{
		"R1/every observation is a detection", "(*State).Apply",
		`if e.Detection != nil {`, `if e != nil {`,
	},
	{
		"R1/an answer leaves what it settled pending", "(*State).Settle",
		`Pending: s.Delivery.Pending - a.Settled,`, `Pending: s.Delivery.Pending,`,
	},
	{
		"R1/an observation that is kept loses its container", "withoutDetection",
		`kept.Detection = nil`, `kept.Detection, kept.Container = nil, ""`,
	},
	{
		"R1/an observation that is kept loses its Id", "withoutDetection",
		`kept.Detection = nil`, `kept.Detection, kept.ID = nil, ""`,
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
		`BeginsLifecycle: v.BeginsLifecycle`, `BeginsLifecycle: false`,
	},
	{
		"R2/a snapshot's stream is closed", "New",
		`Open: true,`, ``,
	},
	{
		"R2/a game that left while nobody watched is kept", "(*supervisor).onList",
		`if g.standing.mayBeListed() { games`, `if g.standing == onList { games`,
	},
	{
		"R2/the first tick does not wait for the adopted games", "(*supervisor).adopted",
		`if len(s.adoption.waiting) == 0 && !s.adoption.over {`, `if !s.adoption.over {`,
	},
	{
		"R2/an adopted game's engine is not known", "(*supervisor).recovered",
		`g.place = g.observed.Place`, `g.place = rules.Place{}`,
	},
}
