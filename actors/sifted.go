package actors

import (
	"fmt"
)

// Sifted is what a node that has no games yet makes of a running list (S6).
type Sifted struct {
	// Refused says of each entry that it refuses which one it is and why.
	Refused []string
	// Games is how many games it takes, by Engine.
	Games map[string]int
}

// Sift judges the entries of a running list as a node does, which warns of what it refuses. lists are what the parts of the list
// say; engines are the Engines that an entry may name, nil for any, as in a cluster.
func Sift(lists [][]Entry, engines []string) Sifted {
	var known map[string]Engine
	if engines != nil {
		known = make(map[string]Engine, len(engines))
		for _, name := range engines {
			known[name] = nil
		}
	}
	accepted, refused, _ := sift(lists, known, func(string) (target, bool) { return target{}, false })
	s := Sifted{Games: map[string]int{}}
	for _, r := range refused {
		s.Refused = append(s.Refused, fmt.Sprintf("game %q, container %q on engine %q: %s", r.gameID, r.containerID, r.engine, r.why))
	}
	for _, l := range accepted {
		s.Games[l.at.engine]++
	}
	return s
}
