package actors

import (
	"cmp"
	"fmt"
	"unicode"
	"unicode/utf8"
)

const (
	maxGameID      = 255
	maxContainerID = 255
	// maxShown bounds how much of a malformed entry is logged.
	maxShown = 300
)

// listed is a well-formed entry of the running list.
type listed struct {
	gameID string
	at     target
}

// refusal is a malformed entry, and why it is one (S6).
type refusal struct {
	gameID, containerID, engine string
	why                         string
}

// sifted is what the running list comes to.
type sifted struct {
	// accepted has at most one entry of a game.
	accepted []listed
	refused  []refusal
	// mentioned has the games of which the lists speak at all, if only in a malformed entry.
	mentioned map[string]bool
	// others has, of each game that has several containers, those that were not accepted.
	others map[string][]target
}

// sift tells the entries that count from the malformed ones (S6). lists are what the parts of the running list say; engines are
// the Engines that an entry may name, nil for any; present returns a game's container in its present lifecycle.
func sift(lists [][]Entry, engines map[string]Engine, present func(gameID string) (target, bool)) sifted {
	count := 0
	for _, entries := range lists {
		count += len(entries)
	}
	out := sifted{mentioned: make(map[string]bool, count), others: map[string][]target{}}
	byGame := make(map[string][]*Entry, count)
	for _, entries := range lists {
		for n := range entries {
			e := &entries[n]
			if e.Engine == "" {
				e.Engine = DefaultEngine
			}
			if checkGameID(e.GameID) == nil {
				out.mentioned[e.GameID] = true
			}
			if err := checkEntry(e, engines); err != nil {
				if e.GameID == "" && e.ContainerID == "" { // nothing else tells which one it is
					err = fmt.Errorf("entry %d: %w", n+1, err)
				}
				out.refused = append(out.refused, refuse(e, err.Error()))
				continue
			}
			byGame[e.GameID] = append(byGame[e.GameID], e)
		}
	}
	for _, entries := range lists {
		for n := range entries {
			e := &entries[n]
			candidates := byGame[e.GameID]
			if len(candidates) == 0 || candidates[0] != e {
				continue
			}
			chosen := choose(candidates, present)
			out.accepted = append(out.accepted, listed{e.GameID, chosen.target()})
			for _, c := range candidates {
				switch {
				case c == chosen:
				case c.isContainer() && chosen.isContainer():
					out.others[e.GameID] = append(out.others[e.GameID], c.target())
				default:
					out.refused = append(out.refused, refuse(c, "second entry for a game"))
				}
			}
		}
	}
	return out
}

// choose returns which of a game's well-formed entries counts.
func choose(candidates []*Entry, present func(string) (target, bool)) *Entry {
	chosen := candidates[0]
	if len(candidates) == 1 {
		return chosen
	}
	now, known := present(chosen.GameID)
	for _, c := range candidates[1:] {
		if preferred(c, chosen, func(e *Entry) bool { return known && now == e.target() }) {
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

// isContainer says whether the entry is a container that was found, and not something that somebody wrote.
func (e *Entry) isContainer() bool { return !e.Created.IsZero() }

func (e *Entry) target() target { return target{e.ContainerID, e.Engine} }

func checkEntry(e *Entry, engines map[string]Engine) error {
	if e.Malformed != "" {
		return fmt.Errorf("%s", e.Malformed)
	}
	if err := checkGameID(e.GameID); err != nil {
		return err
	}
	if err := checkContainerID(e.ContainerID); err != nil {
		return err
	}
	if _, known := engines[e.Engine]; !known && engines != nil {
		return fmt.Errorf("unknown engine")
	}
	return nil
}

// checkGameID holds a game id to S6: 1 to 255 bytes of UTF-8 without white space or control characters.
func checkGameID(id string) error {
	if id == "" || len(id) > maxGameID || !utf8.ValidString(id) {
		return fmt.Errorf("game_id is not 1 to %d bytes of UTF-8", maxGameID)
	}
	for _, r := range id {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return fmt.Errorf("game_id has white space or a control character")
		}
	}
	return nil
}

// checkContainerID holds a container id to S6: [A-Za-z0-9][A-Za-z0-9_.-]{0,254}.
func checkContainerID(id string) error {
	ok := id != "" && len(id) <= maxContainerID
	for n := range len(id) {
		c := id[n]
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		ok = ok && (alphanumeric || n > 0 && (c == '_' || c == '.' || c == '-'))
	}
	if !ok {
		return fmt.Errorf("container_id does not match [A-Za-z0-9][A-Za-z0-9_.-]{0,%d}", maxContainerID-1)
	}
	return nil
}

func refuse(e *Entry, why string) refusal {
	return refusal{shown(e.GameID), shown(e.ContainerID), shown(e.Engine), shown(why)}
}

// shown shortens what came from outside.
func shown(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return s[:maxShown] + "…"
}
