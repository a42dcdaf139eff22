package rules

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxGameID      = 255
	maxContainerID = 255
	// maxShown bounds how much of a malformed entry is logged.
	maxShown = 300
)

// DefaultEngine is the name of the Engine that an entry means when it names none.
const DefaultEngine = "default"

// Entry is one line of the running list, as it was found.
type Entry struct {
	GameID      string
	ContainerID string
	// Engine names the Engine that the container runs on; empty means DefaultEngine.
	Engine string
	// Created is when the container was created, where the list is one of containers ("docker:"): then several entries of one
	// game are no mistake (S6). It is zero where the list was written by somebody.
	Created time.Time
	// Runs says that the container runs, be it paused or about to be restarted: it is preferred to one of the same game that
	// doesn't (S6). It is false where the list was written by somebody.
	Runs bool
	// Malformed says what is wrong with an entry of which not all fields could be read, such as "container_id is
	// null"; empty otherwise. The fields that could be read are set.
	Malformed string
}

// isContainer says whether the entry is a container that was found, and not something that somebody wrote.
func (e *Entry) isContainer() bool { return !e.Created.IsZero() }

func (e *Entry) place() Place { return Place{e.ContainerID, e.Engine} }

// check says what is wrong with the entry, nil for nothing.
func (e *Entry) check(known func(engine string) bool) error {
	if e.Malformed != "" {
		return fmt.Errorf("%s", e.Malformed)
	}
	if err := checkGameID(e.GameID); err != nil {
		return err
	}
	if err := checkContainerID(e.ContainerID); err != nil {
		return err
	}
	if !known(e.Engine) {
		return fmt.Errorf("unknown engine")
	}
	return nil
}

// refuse makes the entry a refusal.
func (e *Entry) refuse(why string) Refusal {
	return Refusal{shown(e.GameID), shown(e.ContainerID), shown(e.Engine), shown(why)}
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

// shown shortens what came from outside.
func shown(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return s[:maxShown] + "…"
}
