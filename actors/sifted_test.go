package actors

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestS6SiftOfANodeWithoutGames: what is said beforehand of a list is what a node would do with it.
func TestS6SiftOfANodeWithoutGames(t *testing.T) {
	lists := [][]Entry{
		{{GameID: "a", ContainerID: "c"}, {GameID: "a", ContainerID: "d"}, {GameID: "b", ContainerID: "c", Engine: "west"}},
		{{Malformed: "not an object, but a number"}, {GameID: "e", ContainerID: "c", Engine: "east"}},
		{{GameID: "g", ContainerID: "old", Created: time.Unix(2, 0)}, {GameID: "g", ContainerID: "new", Created: time.Unix(1, 0), Runs: true}},
	}
	want := Sifted{
		Refused: []string{
			`game "b", container "c" on engine "west": unknown engine`,
			`game "", container "" on engine "default": entry 1: not an object, but a number`,
			`game "a", container "d" on engine "default": second entry for a game`,
		},
		Several: []string{`game "g" has several containers, of which "new" on engine "default" is watched; 1 others: old`},
		Games:   map[string]int{"default": 2, "east": 1},
	}
	if d := cmp.Diff(want, Sift(lists, []string{"default", "east"})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := Sift(lists, nil); len(got.Refused) != 2 || got.Games["west"] != 1 {
		t.Errorf("of any engine: %+v", got)
	}
}
