package rules

import (
	"cmp"
	"fmt"
)

// Listed is a well-formed entry of the running list.
type Listed struct {
	GameID string
	Place  Place
}

// Refusal is a malformed entry, shortened to be shown, and why it is one (S6).
type Refusal struct {
	GameID, ContainerID, Engine string
	Why                         string
}

// Sifted is what the running list comes to.
type Sifted struct {
	// Accepted has at most one entry of a game, in the order of the list.
	Accepted []Listed
	Refused  []Refusal
	// Mentioned has the games of which the lists speak at all, if only in a malformed entry.
	Mentioned map[string]bool
	// Others has, of each game that has several containers, those that were not accepted.
	Others map[string][]Place
}

// Sift tells the entries that count from the malformed ones (S6). lists are what the parts of the running list say, whose entries
// get the name of the Engine that they leave out; known says whether an entry may name an Engine; present returns a game's
// container in its present lifecycle.
func Sift(lists [][]Entry, known func(engine string) bool, present func(gameID string) (Place, bool)) Sifted {
	out, candidates := wellFormed(lists, known)
	for _, entries := range lists {
		for n := range entries {
			e := &entries[n]
			if all := candidates[e.GameID]; len(all) > 0 && all[0] == e {
				out.accept(all, choose(all, present))
			}
		}
	}
	return out
}

// wellFormed refuses what is malformed by itself, and returns the other entries by game.
func wellFormed(lists [][]Entry, known func(engine string) bool) (out Sifted, byGame map[string][]*Entry) {
	count := 0
	for _, entries := range lists {
		count += len(entries)
	}
	out = Sifted{Mentioned: make(map[string]bool, count), Others: map[string][]Place{}}
	byGame = make(map[string][]*Entry, count)
	for _, entries := range lists {
		for n := range entries {
			e := &entries[n]
			if e.Engine == "" {
				e.Engine = DefaultEngine
			}
			if checkGameID(e.GameID) == nil {
				out.Mentioned[e.GameID] = true
			}
			if err := e.check(known); err != nil {
				if e.GameID == "" && e.ContainerID == "" { // nothing else tells which one it is
					err = fmt.Errorf("entry %d: %w", n+1, err)
				}
				out.Refused = append(out.Refused, e.refuse(err.Error()))
				continue
			}
			byGame[e.GameID] = append(byGame[e.GameID], e)
		}
	}
	return out, byGame
}

// accept takes the chosen one of a game's entries. The rest are its other containers, or a second entry that somebody wrote.
func (s *Sifted) accept(candidates []*Entry, chosen *Entry) {
	s.Accepted = append(s.Accepted, Listed{chosen.GameID, chosen.place()})
	for _, c := range candidates {
		switch {
		case c == chosen:
		case c.isContainer() && chosen.isContainer():
			s.Others[c.GameID] = append(s.Others[c.GameID], c.place())
		default:
			s.Refused = append(s.Refused, c.refuse("second entry for a game"))
		}
	}
}

// choose returns which of a game's well-formed entries counts.
func choose(candidates []*Entry, present func(string) (Place, bool)) *Entry {
	chosen := candidates[0]
	if len(candidates) == 1 {
		return chosen
	}
	now, watched := present(chosen.GameID)
	for _, c := range candidates[1:] {
		if preferred(c, chosen, func(e *Entry) bool { return watched && now == e.place() }) {
			chosen = c
		}
	}
	return chosen
}

// preferred says whether an entry goes before an earlier one of the same game: a container that runs before one that doesn't,
// then the present lifecycle's, then of containers the one created last, of equals the one with the greater id, on whatever
// Engine; else the first entry stays.
func preferred(e, earlier *Entry, present func(*Entry) bool) bool {
	order := cmp.Or(
		compareBools(e.Runs, earlier.Runs),
		compareBools(present(e), present(earlier)),
		e.Created.Compare(earlier.Created),
	)
	if order == 0 && e.isContainer() {
		order = cmp.Or(cmp.Compare(e.ContainerID, earlier.ContainerID), cmp.Compare(earlier.Engine, e.Engine))
	}
	return order > 0
}

// compareBools has true after false.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
