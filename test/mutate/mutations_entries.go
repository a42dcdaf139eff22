package main

// entryMutations break what an entry of the running list may be (S6), and what is said of a file of them (W7).
var entryMutations = []mutation{
	{
		"W7/nobody is told that a mounted list file was replaced", "(*File).Read",
		`if r.nameless && !f.nameless {`, `if false && r.nameless && !f.nameless {`,
	},
	{
		"W7/a mounted list file that was replaced is told of at every reading", "(*File).Read",
		`if r.nameless && !f.nameless {`, `if r.nameless {`,
	},
	{
		"S6/a part that is missing is a reason to refuse its entries again", "(*supervisor).sift",
		`if missing[r.Engine] {`, `if false && missing[r.Engine] {`,
	},
	{
		"S6/what is said beforehand of a list leaves out what is refused", "Sift",
		`for _, r := range found.Refused {`, `for _, r := range found.Refused[:0] {`,
	},
	{
		"S6/what is said beforehand of a list leaves out games with several containers", "Sift",
		`len(others) > 0`, `len(others) < 0`,
	},
	{
		"S6/of several containers the first counts", "choose",
		`if preferred(c, chosen,`, `if false && preferred(c, chosen,`,
	},
	{
		"S6/a container that runs is not preferred", "preferred",
		`compareBools(e.Runs, earlier.Runs),`, ``,
	},
	{
		"S6/the present container is preferred to one that runs", "preferred",
		`compareBools(e.Runs, earlier.Runs), compareBools(present(e), present(earlier)),`,
		`compareBools(present(e), present(earlier)), compareBools(e.Runs, earlier.Runs),`,
	},
	{
		"S6/nobody is told of several containers", "(*supervisor).take",
		`s.warnSeveral(c.Inspect, found.Others)`, ``,
	},
	{
		"S6/a game's several containers are told of again and again", "(*supervisor).warnSeveral",
		`!warned || was.watched != now.watched`, `true || !warned || was.watched != now.watched`,
	},
	{
		"S6/which of several containers is watched changes without a word", "(*supervisor).warnSeveral",
		`!warned || was.watched != now.watched`, `!warned || false && was.watched != now.watched`,
	},
	{
		"S6/that a game has several containers again is not told", "(*supervisor).warnSeveral",
		`if missing[was.watched.Engine] ||`, `if true || missing[was.watched.Engine] ||`,
	},
	{
		"S6/where the watched container's part is missing its several are told of again", "(*supervisor).warnSeveral",
		`if missing[was.watched.Engine] ||`, `if`,
	},
	{
		"S6/where another container's part is missing its several are told of again", "(*supervisor).warnSeveral",
		`|| slices.ContainsFunc(was.others, func(p rules.Place) bool { return missing[p.Engine] })`, ``,
	},
	{
		"S6/all of a game's containers are named, however many", "several.names",
		`others[:min(len(others), fewPerTick)]`, `others`,
	},
	{
		"S6/of several containers the oldest is preferred", "preferred",
		`e.Created.Compare(earlier.Created)`, `earlier.Created.Compare(e.Created)`,
	},
	{
		"S6/of containers of one age the lesser id is preferred", "preferred",
		`cmp.Compare(e.ContainerID, earlier.ContainerID)`, `cmp.Compare(earlier.ContainerID, e.ContainerID)`,
	},
	{
		"S6/of containers of one age and id the one on the greater engine is preferred", "preferred",
		`cmp.Compare(earlier.Engine, e.Engine)`, `cmp.Compare(e.Engine, earlier.Engine)`,
	},
	{
		"S6/a malformed entry is shown however long it is", "shown",
		`if len(s) <= maxShown {`, `if true {`,
	},
	{
		"S6/an entry without ids is refused without its number", "wellFormed",
		`if e.GameID == "" &&`, `if false &&`,
	},
	{
		"S6/of entries without an age the greater id is preferred", "preferred",
		`if order == 0 && e.isContainer() {`, `if order == 0 {`,
	},
	{
		"S6/a game id may have 256 bytes", "checkGameID",
		`len(id) > maxGameID ||`, `len(id) > maxGameID+1 ||`,
	},
	{
		"S6/a game id may not have 255 bytes", "checkGameID",
		`len(id) > maxGameID ||`, `len(id) >= maxGameID ||`,
	},
	{
		"S6/a game id may be no UTF-8", "checkGameID",
		`|| !utf8.ValidString(id)`, ``,
	},
	{
		"S6/a game id may have white space", "checkGameID",
		`unicode.IsSpace(r) ||`, ``,
	},
	{
		"S6/a game id may have control characters", "checkGameID",
		`|| unicode.IsControl(r)`, ``,
	},
	{
		"S6/a container id may be empty", "checkContainerID",
		`ok := id != "" && len(id)`, `ok := len(id)`,
	},
	{
		"S6/a container id may have 256 bytes", "checkContainerID",
		`len(id) <= maxContainerID`, `len(id) <= maxContainerID+1`,
	},
	{
		"S6/a container id may begin with a dot", "checkContainerID",
		`n > 0 && (c == '_'`, `(c == '_'`,
	},
	{
		"S6/a container id may be a path", "checkContainerID",
		`c == '_' || c == '.'`, `c == '_' || c == '/' || c == '.'`,
	},
	{
		"S6/an unknown engine is taken", "(*Entry).check",
		`if !known(e.Engine) {`, `if false && !known(e.Engine) {`,
	},
	{
		"S6/what the source found malformed is taken", "(*Entry).check",
		`if e.Malformed != "" {`, `if false {`,
	},
	{
		"S6/an entry without an engine is malformed", "wellFormed",
		`e.Engine = DefaultEngine`, `e.Engine = ""`,
	},
	{
		"S6/a second entry is not refused", "(*Sifted).accept",
		`s.Refused = append(s.Refused, c.refuse("second entry for a game"))`, ``,
	},
	{
		"S6/a second entry is taken too", "Sift",
		`len(all) > 0 && all[0] == e`, `len(all) > 0`,
	},
	{
		"S6/a game's several containers are refused as second entries", "(*Sifted).accept",
		`case c.isContainer() && chosen.isContainer():`, `case false:`,
	},
	{
		"S6/the last entry counts", "choose",
		`chosen := candidates[0]`, `chosen := candidates[len(candidates)-1]`,
	},
	{
		"S6/the present container does not count", "choose",
		`return watched && now ==`, `return watched && false && now ==`,
	},
	{
		"S6/the present container counts on any engine", "choose",
		`now == e.place()`, `now.Container == e.ContainerID`,
	},
	{
		"S6/a game whose only entry is refused is dropped", "Diff",
		`&& !mentioned[gameID]`, ``,
	},
	{
		"S6/a malformed entry mentions no game", "wellFormed",
		`if checkGameID(e.GameID) == nil { out.Mentioned[e.GameID] = true }; if err := e.check(known); err != nil {`,
		`if err := e.check(known); err == nil { out.Mentioned[e.GameID] = true } else {`,
	},
	{
		"S6/a malformed entry is warned of at every tick", "(*supervisor).sift",
		`if known[r]+s.refused[r] == 0 {`, `if s.refused[r] == 0 {`,
	},
	{
		"S6/a malformed entry that comes twice is two warnings", "(*supervisor).sift",
		`if known[r]+s.refused[r] == 0 {`, `if known[r] == 0 {`,
	},
	{
		"S6/refused entries that are alike count as one", "(*supervisor).sift",
		`s.refused[r]++`, `s.refused[r] = 1`,
	},
	{
		"S6/refused entries of a part that is missing are not counted", "(*supervisor).sift",
		`s.refused[r] = alike`, `s.refused[r] = alike - alike`,
	},
	{
		"S6/an entry that left and came back malformed is not warned of", "(*supervisor).sift",
		`if missing[r.Engine] {`, `if len(missing) >= 0 {`,
	},
	{
		"S6/a dropped game's container still counts as the present one", "(*supervisor).sift",
		`g == nil || !g.standing.mayBeListed() || g.place`, `g == nil || g.place`,
	},
}
