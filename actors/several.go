package actors

import (
	"cmp"
	"slices"
)

// several is a game that has several containers, as it was warned of (S6).
type several struct {
	watched target
	others  []target
}

// warnSeveral says of each game that has several containers which one is watched, once until that changes (S6). watched are the
// games with the containers that count. What is known of a container whose part of the list is missing still holds.
func (s *supervisor) warnSeveral(watched []listed, others map[string][]target) {
	known, missing := s.several, s.lists.missing()
	s.several = make(map[string]several, len(others))
	for game, was := range known {
		if missing[was.watched.engine] || slices.ContainsFunc(was.others, func(t target) bool { return missing[t.engine] }) {
			s.several[game] = was
		}
	}
	for _, l := range watched {
		now := several{l.at, others[l.gameID]}
		if len(now.others) == 0 {
			continue
		}
		if was, warned := known[l.gameID]; !warned || was.watched != now.watched {
			s.Log.Warn("the game has several containers, of which this one is watched", "game", l.gameID, "container", l.at.containerID,
				"engine", l.at.engine, "count", len(now.others)+1, "others", now.names())
		}
		s.several[l.gameID] = now
	}
}

// names are the ids of at most ten of the others, with the Engine where it is another one.
func (s several) names() []string {
	others := slices.SortedFunc(slices.Values(s.others), func(a, b target) int {
		return cmp.Or(cmp.Compare(a.containerID, b.containerID), cmp.Compare(a.engine, b.engine))
	})
	names := make([]string, 0, fewPerTick)
	for _, other := range others[:min(len(others), fewPerTick)] {
		name := other.containerID
		if other.engine != s.watched.engine {
			name += " on " + other.engine
		}
		names = append(names, name)
	}
	return names
}
