package actors

import "slices"

// changes is what a tick does to the games (S2).
type changes struct {
	// gone left the list; their inspectors are told first. In order of game id.
	gone []string
	// inspect are all games on the list, in its order, those new to it included.
	inspect []listed
}

// diff compares the watched games with what the list says. watched has each game that was on the list until now with its
// container, which is empty as long as its inspector could not say; missing are the Engines whose part of the list is not known. A
// game of which the list says nothing certain is left alone, neither inspected nor forgotten: one whose Engine's part is missing
// (S1), and one whose entries were all refused (S6).
func diff(watched map[string]target, accepted []listed, mentioned map[string]bool, missing map[string]bool) changes {
	var c changes
	on := make(map[string]bool, len(accepted))
	for _, l := range accepted {
		on[l.gameID] = true
		if now, known := watched[l.gameID]; known && now != l.at && missing[now.engine] {
			continue // it may well still run where we can't look
		}
		c.inspect = append(c.inspect, l)
	}
	for gameID, now := range watched {
		unsure := missing[now.engine] || now.engine == "" && len(missing) > 0
		if !on[gameID] && !mentioned[gameID] && !unsure {
			c.gone = append(c.gone, gameID)
		}
	}
	slices.Sort(c.gone)
	return c
}
