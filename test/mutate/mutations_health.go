package main

// healthMutations break the decision about one observation (H1 to H8).
var healthMutations = []mutation{
	{
		"H1/a first observation reports its restarts", "Decide",
		`if !v.BeginsLifecycle && seen.RestartCount > before.Last.RestartCount`,
		`if before.Last == nil && seen.RestartCount > 0 || before.Last != nil && seen.RestartCount > before.Last.RestartCount`,
	},
	{
		"H1/a first observation is not journaled when all is well", "Decide",
		`v.Changed = v.BeginsLifecycle ||`,
		`if v.Changed = v.Publish != NoEvent; before.Last == nil { return v }; v.Changed = v.BeginsLifecycle ||`,
	},
	{
		"H1/the baseline of a first observation is 0", "(*inspector).observe",
		`if o.ID == o.Container {`, `if v.BeginsLifecycle { o.RestartCount = 0 }; if o.ID == o.Container {`,
	},

	{
		"H2/an equal count is a restart too", "Decide",
		`seen.RestartCount > before`, `seen.RestartCount >= before`,
	},
	{
		"H2/only a step of two or more is a restart", "Decide",
		`seen.RestartCount > before.Last.RestartCount`, `seen.RestartCount > before.Last.RestartCount+1`,
	},
	{
		"H2/a restart is not reported", "Decide",
		`v.Reasons |= RestartCountIncreased`, ``,
	},
	{
		"H2/the baseline moves by one and not to the count", "(*inspector).observe",
		`if o.ID == o.Container {`,
		`if last := i.state.Observed; last != nil { o.RestartCount = min(o.RestartCount, last.RestartCount+1) }; if o.ID == o.Container {`,
	},

	{
		"H3/an exited container is the only one that is not running", "Decide",
		`seen.State != "running"`, `seen.State == "exited"`,
	},
	{
		"H3/a paused container counts as running", "Decide",
		`seen.State != "running"`, `seen.State != "running" && seen.State != "paused"`,
	},
	{
		"H3/the state is compared without regard to letter case", "Decide",
		`seen.State != "running"`, `seen.State != "running" && seen.State != "Running"`,
	},

	{
		"H4/a health check that is starting is unhealthy", "Decide",
		`seen.Health == "unhealthy"`, `seen.Health == "unhealthy" || seen.Health == "starting"`,
	},
	{
		"H4/all but healthy is unhealthy", "Decide",
		`seen.Health == "unhealthy"`, `seen.Health != "healthy"`,
	},
	{
		"H4/a container that does not run has no health", "Decide",
		`seen.Health == "unhealthy"`, `seen.Health == "unhealthy" && seen.State == "running"`,
	},

	{
		"H5/an event names one reason only", "(*inspector).detect",
		`Reasons: wordsOf(o.Reasons)`, `Reasons: wordsOf(o.Reasons)[:min(1, len(wordsOf(o.Reasons)))]`,
	},
	{
		"H5/the reasons are in another order", "Reasons.Each",
		`for rest := r; rest != 0; rest &= rest - 1 { if !yield(rest & -rest) {`,
		`for one := HealthcheckUnhealthy; one >= RestartCountIncreased; one >>= 1 { if r.Has(one) && !yield(one) {`,
	},
	{
		"H5/a reason gets another one's name", "wordsOf",
		`reasonWords[reason]`, `reasonWords[max(reason, rules.NotRunning)]`,
	},

	{
		"H6/a state that holds is published once, as on change", "event",
		`emit == EmitEveryTick || newContainer || isNews`, `newContainer || isNews`,
	},
	{
		"H6/a state that holds is published at every tick on change too", "event",
		`emit == EmitEveryTick || newContainer || isNews(before, now)`, `emit != ""`,
	},
	{
		"H6/a recovery is published at every tick too", "event",
		`before != 0 && emit == EmitOnChange`, `before != 0`,
	},
	{
		"H6/a recovery is published without a reason before", "event",
		`now == 0 && before != 0 && emit`, `now == 0 && emit`,
	},
	{
		"H6/a recovery is not published", "event",
		`return Recovered`, `return NoEvent`,
	},
	{
		"H6/a recovery has the other event's type", "event",
		`return Recovered`, `return Unhealthy`,
	},
	{
		"H6/on change a second restart is no news", "isNews",
		`now.Has(RestartCountIncreased) || now&^before`, `now&^before`,
	},
	{
		"H6/on change only a restart is news", "isNews",
		`|| now&^before != 0`, ``,
	},
	{
		"H6/on change a reason is news that other reasons came with", "isNews",
		`now&^before != 0`, `now != before`,
	},
	{
		"H6/reasons that changed without an event are not journaled", "Decide",
		`|| v.Reasons != before.Last.Reasons`, ``,
	},
	{
		"H6/a sick successor with the same reasons is no news", "event",
		`emit == EmitEveryTick || newContainer || isNews`, `emit == EmitEveryTick || isNews`,
	},
	{
		"H6/a healthy successor of a sick container is no recovery", "Decide",
		`event(before.reasons(), v.Reasons, v.BeginsLifecycle, emit)`,
		`event(map[bool]Reasons{false: before.reasons()}[v.BeginsLifecycle], v.Reasons, v.BeginsLifecycle, emit)`,
	},
	{
		"H6/an observation that is kept loses its reasons", "withoutDetection",
		`kept.Detection = nil`, `kept.Detection, kept.Reasons = nil, 0`,
	},

	{
		"H7/a lower count is a restart", "Decide",
		`seen.RestartCount > before`, `seen.RestartCount != before`,
	},
	{
		"H7/a lower count does not lower the baseline", "(*inspector).observe",
		`if o.ID == o.Container {`,
		`if last := i.state.Observed; last != nil { o.RestartCount = max(o.RestartCount, last.RestartCount) }; if o.ID == o.Container {`,
	},
	{
		"H7/a lower baseline is not journaled", "Decide",
		`seen.RestartCount != before.Last.RestartCount ||`, `seen.RestartCount > before.Last.RestartCount ||`,
	},

	{
		"H8/the end of a lifecycle forgets its reasons", "(*inspector).endLifecycle",
		`ended.Reasons = i.state.Observed.Reasons`, `ended.Reasons = 0`,
	},
	{
		"H8/a snapshot between two containers forgets the old one's reasons", "(*State).Snapshot",
		`, Ended: s.Ended}`, `}`,
	},
	{
		"H8/a game that leaves between two containers keeps the old one's reasons", "(*inspector).endLifecycle",
		`(keepReasons || i.state.Ended == nil)`, `true`,
	},
	{
		"H8/a game that leaves keeps the reasons that it had", "(*inspector).endLifecycle",
		`if keepReasons { ended`, `if i.state.Observed != nil { ended`,
	},
	{
		"H8/an end of a lifecycle that was not journaled is forgotten", "(*inspector).payEnd",
		`i.writes.endOwed = err != nil`, `i.writes.endOwed = false`,
	},
	{
		"H8/another container in the list goes on with the baseline", "IsAnother",
		`last.Place != place ||`, `last.Place.Engine != place.Engine ||`,
	},
	{
		"H8/another engine in the list goes on with the baseline", "IsAnother",
		`last.Place != place ||`, `last.Place.Container != place.Container ||`,
	},
	{
		"H8/another Id in the answer goes on with the baseline", "IsAnother",
		`|| id != "" && last.ID != id`, ``,
	},
	{
		"H8/an engine that did not answer yet knows another container", "IsAnother",
		`id != "" && last.ID != id`, `last.ID != id`,
	},
	{
		"H8/where nothing was observed a lifecycle is over", "IsAnother",
		`last != nil && (`, `last == nil || (`,
	},
	{
		"H8/the decision goes by the list alone", "Decide",
		`IsAnother(before.Last, place, seen.ID)`, `IsAnother(before.Last, place, "")`,
	},
	{
		"H8/a container that was listed but never answered ends no lifecycle", "(*inspector).inspect",
		`i.forgetOther(msg.place)`, ``,
	},
	{
		"H8/events carry the Id of the answer", "(*inspector).detect",
		`ContainerID: o.Container`, `ContainerID: o.ID`,
	},
	{
		"H8/the inspect of the container before is not cut off", "(*inspector).inspect",
		`if i.underWay != nil { i.cutOff()`, `if i.underWay != nil {`,
	},
	{
		"H8/what was seen of the old container is shown as of the new", "(*game).seen",
		`|| rules.IsAnother(&g.observed.Observed, g.place, "")`, ``,
	},
	{
		"H8/a game that moves to an engine whose list comes a moment later leaves", "(*lists).mayMove",
		`return moving - time.Since(tick)`, `_ = tick`,
	},
}
