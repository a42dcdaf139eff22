package actors

import (
	"fmt"
	"slices"
	"strings"

	"galaxy/healthactors/actors/internal/rules"
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
	known := func(engine string) bool { return engines == nil || slices.Contains(engines, engine) }
	found := rules.Sift(lists, known, func(string) (rules.Place, bool) { return rules.Place{}, false })
	s := Sifted{Games: map[string]int{}}
	for _, r := range found.Refused {
		s.Refused = append(s.Refused, fmt.Sprintf("game %q, container %q on engine %q: %s", r.GameID, r.ContainerID, r.Engine, r.Why))
	}
	for _, l := range found.Accepted {
		s.Games[l.Place.Engine]++
		if others := found.Others[l.GameID]; len(others) > 0 {
			s.Several = append(s.Several, fmt.Sprintf("game %q has several containers, of which %q on engine %q is watched; %d others: %s",
				l.GameID, l.Place.Container, l.Place.Engine, len(others), strings.Join(several{l.Place, others}.names(), ", ")))
		}
	}
	return s
}
