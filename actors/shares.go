package actors

import (
	"slices"

	"github.com/cespare/xxhash/v2"
)

// owner says which member a game on an Engine belongs to: of the members that serve the Engine the one with the highest
// hash of both names (rendezvous hashing), so that every node comes to the same answer from the same members, and a member
// that leaves moves no game but its own. It is empty when no member serves the Engine. An Engine without a name, which an
// old journal may have, counts as served by all.
func owner(gameID, engine string, members []Member) string {
	var best string
	var most uint64
	for _, m := range members {
		if engine != "" && !slices.Contains(m.Engines, engine) {
			continue
		}
		if score := weight(gameID, m.Node); best == "" || score > most {
			best, most = m.Node, score
		}
	}
	return best
}

// weight is a member's hash for a game. The hash of the game is mixed with that of the member, and not the names, so that
// names that are nearly alike get weights that are not.
func weight(gameID, node string) uint64 {
	x := xxhash.Sum64String(gameID) ^ xxhash.Sum64String(node)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// sameMembers says whether two readings of the membership share the games out alike.
func sameMembers(a, b []Member) bool {
	return slices.EqualFunc(a, b, func(a, b Member) bool { return a.Node == b.Node && slices.Equal(a.Engines, b.Engines) })
}
