package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSift holds the entries of the running list to S6.
func TestSift(t *testing.T) {
	engines := map[string]bool{"default": true, "east": true}
	known := func(engine string) bool { return engines[engine] }
	nobody := func(string) (Place, bool) { return Place{}, false }
	watching := func(containerID, engine string) func(string) (Place, bool) {
		return func(gameID string) (Place, bool) { return Place{containerID, engine}, gameID == "g" }
	}
	long := strings.Repeat("x", 256)
	tests := []struct {
		name     string
		entries  []Entry
		present  func(string) (Place, bool)
		accepted []Listed
		refused  []string // why, in order
	}{
		{"S6 one entry", []Entry{{GameID: "g", ContainerID: "c"}}, nobody, []Listed{{"g", Place{"c", "default"}}}, nil},
		{"S6 a named engine", []Entry{{GameID: "g", ContainerID: "c", Engine: "east"}}, nobody, []Listed{{"g", Place{"c", "east"}}}, nil},
		{"S6 an unknown engine", []Entry{{GameID: "g", ContainerID: "c", Engine: "west"}}, nobody, nil, []string{"unknown engine"}},
		{"S6 what the source found", []Entry{{GameID: "g", Malformed: "container_id is null"}}, nobody, nil, []string{"container_id is null"}},
		{"S6 a second entry", []Entry{{GameID: "g", ContainerID: "c"}, {GameID: "g", ContainerID: "d"}}, nobody, []Listed{{"g", Place{"c", "default"}}}, []string{"second entry for a game"}},
		{"S6 the same entry twice", []Entry{{GameID: "g", ContainerID: "c"}, {GameID: "g", ContainerID: "c"}}, nobody, []Listed{{"g", Place{"c", "default"}}}, []string{"second entry for a game"}},
		{"S6 the present container counts", []Entry{{GameID: "g", ContainerID: "c"}, {GameID: "g", ContainerID: "d"}}, watching("d", "default"), []Listed{{"g", Place{"d", "default"}}}, []string{"second entry for a game"}},
		{"S6 the present engine counts", []Entry{{GameID: "g", ContainerID: "c"}, {GameID: "g", ContainerID: "c", Engine: "east"}}, watching("c", "east"), []Listed{{"g", Place{"c", "east"}}}, []string{"second entry for a game"}},
		{"S6 a malformed entry is no candidate", []Entry{{GameID: "g", ContainerID: "/"}, {GameID: "g", ContainerID: "d"}}, nobody, []Listed{{"g", Place{"d", "default"}}}, []string{"container_id does not match [A-Za-z0-9][A-Za-z0-9_.-]{0,254}"}},
		{"S6 a game's containers are not malformed", []Entry{{GameID: "g", ContainerID: "new", Created: second(2)}, {GameID: "g", ContainerID: "old", Created: second(1)}}, nobody, []Listed{{"g", Place{"new", "default"}}}, nil},
		{"S6 the present one of them counts", []Entry{{GameID: "g", ContainerID: "new", Created: second(2)}, {GameID: "g", ContainerID: "old", Created: second(1)}}, watching("old", "default"), []Listed{{"g", Place{"old", "default"}}}, nil},
		{"S6 the list's order is kept", []Entry{{GameID: "b", ContainerID: "c"}, {GameID: "a", ContainerID: "c"}}, nobody, []Listed{{"b", Place{"c", "default"}}, {"a", Place{"c", "default"}}}, nil},
		{"S6 no game id", []Entry{{ContainerID: "c"}}, nobody, nil, []string{"game_id is not 1 to 255 bytes of UTF-8"}},
		{"S6 a long game id", []Entry{{GameID: long, ContainerID: "c"}}, nobody, nil, []string{"game_id is not 1 to 255 bytes of UTF-8"}},
		{"S6 the longest game id", []Entry{{GameID: long[:255], ContainerID: "c"}}, nobody, []Listed{{long[:255], Place{"c", "default"}}}, nil},
		{"S6 no UTF-8", []Entry{{GameID: "g\xff", ContainerID: "c"}}, nobody, nil, []string{"game_id is not 1 to 255 bytes of UTF-8"}},
		{"S6 white space", []Entry{{GameID: "g\u00a0h", ContainerID: "c"}}, nobody, nil, []string{"game_id has white space or a control character"}},
		{"S6 a control character", []Entry{{GameID: "g\u0085h", ContainerID: "c"}}, nobody, nil, []string{"game_id has white space or a control character"}},
		{"S6 a control character of ASCII", []Entry{{GameID: "g\x7f", ContainerID: "c"}}, nobody, nil, []string{"game_id has white space or a control character"}},
		{"S6 letters of any script", []Entry{{GameID: "игра/7", ContainerID: "c"}}, nobody, []Listed{{"игра/7", Place{"c", "default"}}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := Sift([][]Entry{tt.entries}, known, tt.present)
			var why []string
			for _, r := range found.Refused {
				why = append(why, r.Why)
			}
			if d := cmp.Diff(tt.accepted, found.Accepted); d != "" {
				t.Errorf("accepted (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.refused, why); d != "" {
				t.Errorf("refused (-want +got):\n%s", d)
			}
		})
	}
}

// TestS6OfSeveralContainersOneIsPreferred: of a game's containers those that run go before those that don't, then the present
// lifecycle's, then the one created last, of equals the one with the greater id, in whatever order and on whatever Engines they
// are listed.
func TestS6OfSeveralContainersOneIsPreferred(t *testing.T) {
	runs := func(engine, container string, created int64) Entry {
		return Entry{GameID: "g", ContainerID: container, Engine: engine, Created: second(created), Runs: true}
	}
	stopped := func(engine, container string, created int64) Entry {
		e := runs(engine, container, created)
		e.Runs = false
		return e
	}
	nowhere := Place{"none", "east"}
	for name, tt := range map[string]struct {
		lists   [][]Entry
		present Place
		want    Place
	}{
		"the latest":                     {[][]Entry{{runs("default", "z", 1), runs("default", "a", 2), runs("default", "y", 1)}}, nowhere, Place{"a", "default"}},
		"on another engine":              {[][]Entry{{runs("default", "z", 1)}, {runs("east", "a", 2)}}, nowhere, Place{"a", "east"}},
		"the greater id":                 {[][]Entry{{runs("default", "a", 1)}, {runs("east", "b", 1), runs("east", "a", 1)}}, nowhere, Place{"b", "east"}},
		"one id on two engines":          {[][]Entry{{runs("east", "a", 1)}, {runs("default", "a", 1)}}, nowhere, Place{"a", "default"}},
		"the present one":                {[][]Entry{{runs("default", "z", 1)}, {runs("east", "a", 2)}}, Place{"z", "default"}, Place{"z", "default"}},
		"the present one, also listed":   {[][]Entry{{runs("default", "a", 1)}, {runs("east", "a", 1)}}, Place{"a", "east"}, Place{"a", "east"}},
		"the one that runs":              {[][]Entry{{stopped("default", "z", 2), runs("default", "a", 1), stopped("default", "y", 3)}}, nowhere, Place{"a", "default"}},
		"not the present one if stopped": {[][]Entry{{stopped("default", "z", 2)}, {runs("east", "a", 1)}}, Place{"z", "default"}, Place{"a", "east"}},
		"the present one of the stopped": {[][]Entry{{stopped("default", "z", 1), stopped("default", "a", 2)}}, Place{"z", "default"}, Place{"z", "default"}},
		"the latest of the stopped":      {[][]Entry{{stopped("default", "z", 1), stopped("default", "a", 2)}}, nowhere, Place{"a", "default"}},
		"the present one of those that run": {
			[][]Entry{{stopped("default", "x", 4), runs("default", "z", 1), runs("default", "a", 2)}},
			Place{"z", "default"},
			Place{"z", "default"},
		},
	} {
		orders := [][][]Entry{tt.lists, slices.Clone(tt.lists)}
		slices.Reverse(orders[1])
		for n, entries := range orders[1] {
			orders[1][n] = slices.Clone(entries)
			slices.Reverse(orders[1][n])
		}
		for _, lists := range orders {
			found := Sift(lists, func(string) bool { return true }, func(string) (Place, bool) { return tt.present, true })
			if len(found.Accepted) != 1 || found.Accepted[0].Place != tt.want || len(found.Refused) > 0 {
				t.Errorf("%s: accepted %v, refused %v, want %v and nothing refused", name, found.Accepted, found.Refused, tt.want)
			}
			all := append([]Place{tt.want}, found.Others["g"]...)
			if count := len(slices.Concat(lists...)); len(all) != count || len(unique(all)) != count {
				t.Errorf("%s: the others are %v of %v", name, found.Others["g"], lists)
			}
		}
	}
}

// TestS6WhatIsNoContainerHasNoOthers: a second entry that somebody wrote is malformed, and no other container.
func TestS6WhatIsNoContainerHasNoOthers(t *testing.T) {
	for name, entries := range map[string][]Entry{
		"written twice":                  {{GameID: "g", ContainerID: "c"}, {GameID: "g", ContainerID: "d"}},
		"one container":                  {{GameID: "g", ContainerID: "c", Created: second(1)}},
		"a container that is malformed":  {{GameID: "g", ContainerID: "c", Created: second(1)}, {GameID: "g", ContainerID: "/", Created: second(1)}},
		"each of two games has but one":  {{GameID: "g", ContainerID: "c", Created: second(1)}, {GameID: "h", ContainerID: "d", Created: second(1)}},
		"a container and a written line": {{GameID: "g", ContainerID: "c", Created: second(1)}, {GameID: "g", ContainerID: "d"}},
	} {
		found := Sift([][]Entry{entries}, func(string) bool { return true }, func(string) (Place, bool) { return Place{}, false })
		if len(found.Others) > 0 {
			t.Errorf("%s: others are %v, want none", name, found.Others)
		}
	}
}

// TestS6AMalformedEntryIsShownInShort, whatever its source has in it.
func TestS6AMalformedEntryIsShownInShort(t *testing.T) {
	long := strings.Repeat("x", 1_000_000)
	entry := Entry{GameID: long, ContainerID: long, Engine: long, Malformed: long}
	found := Sift([][]Entry{{entry}}, func(string) bool { return true }, func(string) (Place, bool) { return Place{}, false })
	if len(found.Refused) != 1 {
		t.Fatalf("refused: %d, want 1", len(found.Refused))
	}
	r := found.Refused[0]
	if length := len(r.GameID) + len(r.ContainerID) + len(r.Engine) + len(r.Why); length > 5*maxShown {
		t.Errorf("it is shown in %d bytes", length)
	}
}

func unique(all []Place) map[Place]bool {
	set := map[Place]bool{}
	for _, t := range all {
		set[t] = true
	}
	return set
}

func second(n int64) time.Time { return time.Unix(n, 0) }

func TestS6WhatAContainerIDMayBe(t *testing.T) {
	for id, ok := range map[string]bool{
		"b3f1": true, "My_container.1-x": true, "0": true, strings.Repeat("a", 255): true,
		"": false, strings.Repeat("a", 256): false, "_a": false, ".a": false, "-a": false,
		"a/b": false, "../a": false, "a?b": false, "a b": false, "ä": false, "a\n": false, "a%2f": false,
	} {
		if got := checkContainerID(id) == nil; got != ok {
			t.Errorf("%q: accepted %t, want %t", id, got, ok)
		}
	}
}
