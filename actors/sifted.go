package actors

import (
	"fmt"
	"strings"
)

// Sifted is what a node that has no games yet makes of a running list (S6).
type Sifted struct {
	// Refused says of each entry that it refuses which one it is and why.
	Refused []string
	// Several says of each game that has several containers which one is watched.
	Several []string
	// Games is how many games it takes, by Engine.
	Games map[string]int
}

// Sift judges the entries of a running list as a node does, which warns of what it refuses and of games with several containers. lists are what the parts of the list
// say; engines are the Engines that an entry may name, nil for any, as in a cluster.
func Sift(lists [][]Entry, engines []string) Sifted {
	var known map[string]Engine
	if engines != nil {
		known = make(map[string]Engine, len(engines))
		for _, name := range engines {
			known[name] = nil
		}
	}
	found := sift(lists, known, func(string) (target, bool) { return target{}, false })
	s := Sifted{Games: map[string]int{}}
	for _, r := range found.refused {
		s.Refused = append(s.Refused, fmt.Sprintf("game %q, container %q on engine %q: %s", r.gameID, r.containerID, r.engine, r.why))
	}
	for _, l := range found.accepted {
		s.Games[l.at.engine]++
		if others := found.others[l.gameID]; len(others) > 0 {
			s.Several = append(s.Several, fmt.Sprintf("game %q has several containers, of which %q on engine %q is watched; %d others: %s",
				l.gameID, l.at.containerID, l.at.engine, len(others), strings.Join(several{l.at, others}.names(), ", ")))
		}
	}
	return s
}
