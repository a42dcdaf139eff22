package main

// healthMutations break the decision about one observation (H1 to H8).
var healthMutations = []mutation{
	{
		"H1/a first observation reports its restarts", "decide",
		`if !v.beginsLifecycle && seen`, `if seen`,
	},
	{
		"H1/a first observation is not journaled when all is well", "decide",
		`v.changed = v.beginsLifecycle || v.publish`, `v.changed = v.publish`,
	},
	{
		"H1/the baseline of a first observation is 0", "(*inspector).observe",
		`RestartCount: answer.seen.RestartCount`,
		`RestartCount: map[bool]int64{false: answer.seen.RestartCount}[v.beginsLifecycle]`,
	},

	{
		"H2/an equal count is a restart too", "decide",
		`seen.RestartCount > previous`, `seen.RestartCount >= previous`,
	},
	{
		"H2/only a step of two or more is a restart", "decide",
		`seen.RestartCount > previous.GetRestartCount()`, `seen.RestartCount > previous.GetRestartCount()+1`,
	},
	{
		"H2/a restart is not reported", "decide",
		`v.reasons = append(v.reasons, v1.Reason_REASON_RESTART_COUNT_INCREASED)`, ``,
	},
	{
		"H2/the baseline moves by one and not to the count", "(*inspector).observe",
		`RestartCount: answer.seen.RestartCount`,
		`RestartCount: min(answer.seen.RestartCount, i.stream.observed.GetRestartCount()+1)`,
	},

	{
		"H3/an exited container is the only one that is not running", "decide",
		`seen.State != "running"`, `seen.State == "exited"`,
	},
	{
		"H3/a paused container counts as running", "decide",
		`seen.State != "running"`, `seen.State != "running" && seen.State != "paused"`,
	},
	{
		"H3/the state is compared without regard to letter case", "decide",
		`seen.State != "running"`, `seen.State != "running" && seen.State != "Running"`,
	},

	{
		"H4/a health check that is starting is unhealthy", "decide",
		`seen.Health == "unhealthy"`, `seen.Health == "unhealthy" || seen.Health == "starting"`,
	},
	{
		"H4/all but healthy is unhealthy", "decide",
		`seen.Health == "unhealthy"`, `seen.Health != "healthy"`,
	},
	{
		"H4/a container that does not run has no health", "decide",
		`seen.Health == "unhealthy"`, `seen.Health == "unhealthy" && seen.State == "running"`,
	},

	{
		"H5/an event names one reason only", "(*inspector).detect",
		`Reasons: namesOf(v.reasons)`, `Reasons: namesOf(v.reasons[:min(1, len(v.reasons))])`,
	},
	{
		"H5/the reasons are in another order", "decide",
		`if seen.State != "running" { v.reasons = append(v.reasons, v1.Reason_REASON_NOT_RUNNING)`,
		`if seen.State != "running" { v.reasons = slices.Insert(v.reasons, 0, v1.Reason_REASON_NOT_RUNNING)`,
	},
	{
		"H5/a reason gets another one's name", "namesOf",
		`reasonNames[r]`, `reasonNames[max(r, v1.Reason_REASON_NOT_RUNNING)]`,
	},

	{
		"H6/a state that holds is published once, as on change", "eventType",
		`emit == EmitEveryTick || newContainer || isNews`, `newContainer || isNews`,
	},
	{
		"H6/a state that holds is published at every tick on change too", "eventType",
		`emit == EmitEveryTick || newContainer || isNews(before, now)`, `emit != ""`,
	},
	{
		"H6/a recovery is published at every tick too", "eventType",
		`len(before) > 0 && emit == EmitOnChange`, `len(before) > 0`,
	},
	{
		"H6/a recovery is published without a reason before", "eventType",
		`len(now) == 0 && len(before) > 0 && emit`, `len(now) == 0 && emit`,
	},
	{
		"H6/a recovery is not published", "eventType",
		`return messages.InspectRecovered`, `return ""`,
	},
	{
		"H6/a recovery has the other event's type", "eventType",
		`return messages.InspectRecovered`, `return messages.InspectUnhealthy`,
	},
	{
		"H6/on change a second restart is no news", "isNews",
		`return r == v1.Reason_REASON_RESTART_COUNT_INCREASED || !slices`, `return !slices`,
	},
	{
		"H6/on change only a restart is news", "isNews",
		`return r == v1.Reason_REASON_RESTART_COUNT_INCREASED || !slices.Contains(before, r)`,
		`return r == v1.Reason_REASON_RESTART_COUNT_INCREASED`,
	},
	{
		"H6/on change a reason is news that other reasons came with", "isNews",
		`return slices.ContainsFunc(now, func(r v1.Reason) bool {`,
		`return len(now) > len(before) || !slices.ContainsFunc(now, func(r v1.Reason) bool {`,
	},
	{
		"H6/reasons that changed without an event are not journaled", "decide",
		`|| !slices.Equal(before, v.reasons)`, ``,
	},
	{
		"H6/a sick successor with the same reasons is no news", "eventType",
		`emit == EmitEveryTick || newContainer || isNews`, `emit == EmitEveryTick || isNews`,
	},
	{
		"H6/a healthy successor of a sick container is no recovery", "decide",
		`before := previous.GetReasons()`, `before := previous.GetReasons(); if v.beginsLifecycle { before = nil }`,
	},
	{
		"H6/an observation that is kept loses its reasons", "withoutDetection",
		`Reasons: o.GetReasons(),`, ``,
	},

	{
		"H7/a lower count is a restart", "decide",
		`seen.RestartCount > previous`, `seen.RestartCount != previous`,
	},
	{
		"H7/a lower count does not lower the baseline", "(*inspector).observe",
		`RestartCount: answer.seen.RestartCount`,
		`RestartCount: max(answer.seen.RestartCount, i.stream.observed.GetRestartCount())`,
	},
	{
		"H7/a lower baseline is not journaled", "decide",
		`seen.RestartCount != previous.GetRestartCount() ||`, `seen.RestartCount > previous.GetRestartCount() ||`,
	},

	{
		"H8/the end of a lifecycle forgets its reasons", "(*inspector).endLifecycle",
		`ended.Reasons = i.stream.observed.GetReasons()`, `ended.Reasons = nil`,
	},
	{
		"H8/a snapshot between two containers forgets the old one's reasons", "(*stream).snapshot",
		`, LifecycleEnded: s.ended}`, `}`,
	},
	{
		"H8/a game that leaves between two containers keeps the old one's reasons", "(*inspector).endLifecycle",
		`(keepReasons || i.stream.ended == nil)`, `true`,
	},
	{
		"H8/a game that leaves keeps the reasons that it had", "(*inspector).endLifecycle",
		`if keepReasons { ended`, `if i.stream.observed != nil { ended`,
	},
	{
		"H8/an end of a lifecycle that was not journaled is forgotten", "(*inspector).payEnd",
		`i.writes.endOwed = err != nil`, `i.writes.endOwed = false`,
	},
	{
		"H8/another container in the list goes on with the baseline", "decide",
		`previous.GetContainerId() != at.containerID ||`, ``,
	},
	{
		"H8/another engine in the list goes on with the baseline", "decide",
		`previous.GetEngine() != at.engine ||`, ``,
	},
	{
		"H8/another Id in the answer goes on with the baseline", "decide",
		`|| previous.GetEngineContainerId() != seen.ID`, ``,
	},
	{
		"H8/a container that was listed but never answered ends no lifecycle", "(*inspector).inspect",
		`i.forgetOther(at)`, ``,
	},
	{
		"H8/events carry the Id of the answer", "(*inspector).detect",
		`ContainerID: o.GetContainerId()`, `ContainerID: o.GetEngineContainerId()`,
	},
	{
		"H8/the inspect of the container before is not cut off", "(*inspector).inspect",
		`if i.underWay != nil { i.cutOff()`, `if i.underWay != nil {`,
	},
	{
		"H8/what was seen of the old container is shown as of the new", "(*game).seen",
		`o != nil && (target{o.GetContainerId(), o.GetEngine()}) == g.at`, `o != nil`,
	},
	{
		"H8/a game that moves to an engine whose list comes a moment later leaves", "(*lists).mayMove",
		`return moving - time.Since(tick)`, `_ = tick`,
	},
}
