package actors

import "slices"

// changes is what a tick does to the games (S2).
type changes struct {
	// gone left the list; their inspectors are told first. In order of game id.
	gone []string
	// inspect are all games on the list, in its order, those new to it included.
	inspect []listed
}

// diff compares the watched games with a reading of the list. watched returns each game on the list at the last tick with
// its container, which is empty as long as its inspector could not say. A game of which the list says nothing certain is left alone, neither inspected nor forgotten: one whose
// Engine's part of the list could not be read (S1), and one whose entries were all refused (S6).
func diff(watched map[string]target, accepted []listed, mentioned map[string]bool, failed map[string]error) changes {
	var c changes
	on := make(map[string]bool, len(accepted))
	for _, l := range accepted {
		on[l.gameID] = true
		if now, known := watched[l.gameID]; known && now != l.at && failed[now.engine] != nil {
			continue // it may well still run where we can't look
		}
		c.inspect = append(c.inspect, l)
	}
	for gameID, now := range watched {
		unsure := failed[now.engine] != nil || now.engine == "" && len(failed) > 0
		if !on[gameID] && !mentioned[gameID] && !unsure {
			c.gone = append(c.gone, gameID)
		}
	}
	slices.Sort(c.gone)
	return c
}
