package actors

import (
	"cmp"
	"slices"

	"galaxy/healthactors/actors/internal/rules"
)

// several is a game that has several containers, as it was warned of (S6).
type several struct {
	watched rules.Place
	others  []rules.Place
}

// warnSeveral says of each game that has several containers which one is watched, once until that changes (S6). watched are the
// games with the containers that count. What is known of a container whose part of the list is missing still holds.
func (s *supervisor) warnSeveral(watched []rules.Listed, others map[string][]rules.Place) {
	known, missing := s.several, s.lists.missing()
	s.several = make(map[string]several, len(others))
	for game, was := range known {
		if missing[was.watched.Engine] || slices.ContainsFunc(was.others, func(p rules.Place) bool { return missing[p.Engine] }) {
			s.several[game] = was
		}
	}
	for _, l := range watched {
		now := several{l.Place, others[l.GameID]}
		if len(now.others) == 0 {
			continue
		}
		if was, warned := known[l.GameID]; !warned || was.watched != now.watched {
			s.Log.Warn("the game has several containers, of which this one is watched", "game", l.GameID, "container", l.Place.Container,
				"engine", l.Place.Engine, "count", len(now.others)+1, "others", now.names())
		}
		s.several[l.GameID] = now
	}
}

// names are the ids of at most ten of the others, with the Engine where it is another one.
func (s several) names() []string {
	others := slices.SortedFunc(slices.Values(s.others), func(a, b rules.Place) int {
		return cmp.Or(cmp.Compare(a.Container, b.Container), cmp.Compare(a.Engine, b.Engine))
	})
	names := make([]string, 0, fewPerTick)
	for _, other := range others[:min(len(others), fewPerTick)] {
		name := other.Container
		if other.Engine != s.watched.Engine {
			name += " on " + other.Engine
		}
		names = append(names, name)
	}
	return names
}
