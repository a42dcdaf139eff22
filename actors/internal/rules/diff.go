package rules

import "slices"

// Changes is what a tick does to the games (S2).
type Changes struct {
	// Gone left the list; their inspectors are told first. In order of game id.
	Gone []string
	// Inspect are all games on the list, in its order, those new to it included.
	Inspect []Listed
}

// Diff compares the watched games with what the list says. watched has each game that was on the list until now with its
// container, which is empty as long as its inspector could not say; missing are the Engines whose part of the list is not known. A
// game of which the list says nothing certain is left alone, neither inspected nor forgotten: one whose Engine's part is missing
// (S1), and one whose entries were all refused (S6).
func Diff(watched map[string]Place, accepted []Listed, mentioned, missing map[string]bool) Changes {
	var c Changes
	on := make(map[string]bool, len(accepted))
	for _, l := range accepted {
		on[l.GameID] = true
		if now, known := watched[l.GameID]; known && now != l.Place && missing[now.Engine] {
			continue // it may well still run where we can't look
		}
		c.Inspect = append(c.Inspect, l)
	}
	for gameID, now := range watched {
		unsure := missing[now.Engine] || now.Engine == "" && len(missing) > 0
		if !on[gameID] && !mentioned[gameID] && !unsure {
			c.Gone = append(c.Gone, gameID)
		}
	}
	slices.Sort(c.Gone)
	return c
}
