package main

// failedMutations break what is said of inspects that fail (H9, H10).
var failedMutations = []mutation{
	{
		"H9/a container that is not found is a failed inspect", "(*answer).outcome",
		`case errors.Is(a.err, ErrNoSuchContainer):`, `case false:`,
	},
	{
		"H9/a container that is not found is a warning", "(*supervisor).inspected",
		`s.Log.Debug("no such container"`, `s.Log.Warn("no such container"`,
	},
	{
		"H9/a container that is not found is judged", "(*inspector).answered",
		`if err == nil && answer.err == nil {`,
		`if err == nil && (answer.err == nil || ended.outcome == outcomeNotFound) {`,
	},
	{
		"H9/an engine that finds no container answers nobody", "(*supervisor).inspected",
		`case outcomeNotFound: s.answeredWell(g.asked.Engine)`, `case outcomeNotFound:`,
	},

	{
		"H10/a failed inspect is judged", "(*inspector).answered",
		`if err == nil && answer.err == nil {`, `if err == nil && answer != nil {`,
	},
	{
		"H10/a failed inspect is not logged", "(*supervisor).inspected",
		`s.pass.fail(f); case outcomeCutOff`, `_ = f; case outcomeCutOff`,
	},
	{
		"H10/a time-out is an error without a text of its own", "(*answer).outcome",
		`case errors.Is(a.err, context.DeadlineExceeded):`, `case false:`,
	},
	{
		"H10/ten that fail alike are one warning", "alike",
		`if len(group) > fewPerTick {`, `if len(group) >= fewPerTick {`,
	},
	{
		"H10/many that fail alike are logged one by one", "alike",
		`if len(group) > fewPerTick {`, `if false {`,
	},
	{
		"H10/different errors count as alike", "alike",
		`byError[f.err] = append(byError[f.err], f)`, `byError[""] = append(byError[""], f)`,
	},
	{
		"H10/a warning about many names them all", "warning.log",
		`names = names[:min(len(names), fewPerTick)]`, ``,
	},
	{
		"H10/a warning about many names those that failed first", "warning.log",
		`slices.Sort(names)`, ``,
	},
	{
		"H10/engines are not told apart", "(*pass).warnings",
		`s := source{f.place.Engine, f.kind}`, `s := source{"", f.kind}`,
	},
	{
		"H10/a journal's failure counts as the engine's", "(*pass).warnings",
		`s := source{f.place.Engine, f.kind}`, `s := source{f.place.Engine, engineFailed}`,
	},
	{
		"H10/an engine that can't be reached gets a warning for each game", "answers.failedFor",
		`case a == answers{} && unreachable >= 0:`, `case unreachable > len(failures):`,
	},
	{
		"H10/one connection that is closed hides all other failures", "answers.failedFor",
		`case a == answers{} && unreachable >= 0:`, `case unreachable >= 0:`,
	},
	{
		"H10/an engine that answers nobody gets a warning for each game", "answers.failedFor",
		`case a == answers{} && len(failures) > 1:`, `case len(failures) < 0:`,
	},
	{
		"H10/an engine that answers others is said to answer nobody", "answers.failedFor",
		`case a == answers{} && len(failures) > 1:`, `case len(failures) > 1:`,
	},
	{
		"H10/an engine that answers badly is said to answer nobody", "(*supervisor).inspected",
		`s.pass.answeredBadly(g.asked.Engine)`, ``,
	},
	{
		"H10/a journal that fails for two games is an engine that answers nobody", "(*pass).warnings",
		`if s.kind == engineFailed {`, `if true {`,
	},
	{
		"H10/a warning is repeated in the next pass", "(*supervisor).warn",
		`p.failures = nil`, ``,
	},
	{
		"H10/failures that come after the end of their pass are forgotten", "(*supervisor).endPass",
		`if s.pass == nil { return }; s.warn`, `if s.pass == nil || s.pass.ended { return }; s.warn`,
	},
	{
		"H10/a journal that refuses moves the baseline all the same", "(*journalState).PersistEvent",
		`panic(journalFailure{fmt.Errorf("write to the journal: %w", err)})`, `return`,
	},
	{
		"H10/an inspector's failure is not logged", "(*supervisor).HandleFailure",
		`s.pass.fail(f)`, ``,
	},
	{
		"H10/an inspector that fails again in one tick is warned of again", "(*pass).fail",
		`!p.failed[key] {`, `key == key {`,
	},
	{
		"H10/trouble with the journal hides a failed inspect", "(*pass).fail",
		`failed{f.game, f.kind == journalTrouble}`, `failed{f.game, false}`,
	},
}
