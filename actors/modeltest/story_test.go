package modeltest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// story is a random life of a small fleet: all of it is drawn before it is lived, so that it can be replayed, shrunk and
// printed.
type story struct {
	Games       int
	OnChange    bool
	Concurrency int
	Timeout     time.Duration // of an inspect
	// ByEngine: the list is read in parts, one for each Engine.
	ByEngine bool
	// Crash says whether the node is killed before everything is mended.
	Crash bool
	// Chapters make long stories that can still be shrunk at any place.
	Chapters [][]deed
}

// deed is one thing that is done to the world, and how long nothing else is done after it.
type deed struct {
	What what
	Game int
	N    int
	Then time.Duration
}

type what struct {
	name string
	do   func(d *driver, g *game, n int)
}

func (w what) String() string { return w.name }

// GoString is how rapid shows a story.
func (s story) GoString() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d games, on-change: %t, concurrency: %d, inspect time-out: %s, list by engine: %t, crash at the end: %t\n",
		s.Games, s.OnChange, s.Concurrency, s.Timeout, s.ByEngine, s.Crash)
	for _, d := range slices.Concat(s.Chapters...) {
		fmt.Fprintf(&b, "  %s (game-%d, %d), then %s\n", d.What, d.Game%s.Games, d.N, d.Then)
	}
	return b.String()
}

// The everyday deeds are in every story, the others in some: a story with few kinds of fault has them often and in all their
// combinations.
var (
	everyday = []what{nothing, restart, state, health, mend}
	others   = []what{
		startByHand, replace, recreate, backToTheFirst, hop, removeOrPutBack, // containers
		leaveOrReturn, leaveOrReturn, malform, secondEntry, // entries of the list
		hang, fail, delay, panics, engineDown, engineSlow,
		listFails, listSlow, partMissing,
		brokerDown, brokerSlow, loseAcks, refuse, tooLarge,
		journalFails, gamesJournalFails, journalFailsAfter, journalLate, journalLags, journalSlow,
		crash, crash, stop, start, switchEmit, jump, // the node
		hoursPass,
	}
)

func stories() *rapid.Generator[story] {
	chosen := rapid.SliceOfN(rapid.SampledFrom(others), 1, 10)
	pauses := rapid.SampledFrom([]time.Duration{
		0, 0, 0, 0, time.Second, time.Second, 7 * time.Second, 30 * time.Second,
		time.Minute, time.Minute, time.Minute, time.Minute, time.Minute, time.Minute, time.Minute,
		2 * time.Minute, 2 * time.Minute, 5 * time.Minute,
	})
	chapters := func(deeds []what) *rapid.Generator[[][]deed] {
		one := rapid.Custom(func(t *rapid.T) deed {
			return deed{
				What: rapid.SampledFrom(deeds).Draw(t, "what"),
				Game: rapid.IntRange(0, 5).Draw(t, "game"),
				N:    rapid.IntRange(0, 5).Draw(t, "n"),
				Then: pauses.Draw(t, "then"),
			}
		})
		// Rapid makes short slices: six long, on average.
		return rapid.SliceOfN(rapid.SliceOfN(one, 1, 40), 1, 40)
	}
	return rapid.Custom(func(t *rapid.T) story {
		return story{
			Games:       rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "games"),
			OnChange:    rapid.Bool().Draw(t, "on-change"),
			ByEngine:    rapid.Bool().Draw(t, "by-engine"),
			Concurrency: rapid.SampledFrom([]int{24, 16, 4, 1}).Draw(t, "concurrency"),
			Timeout:     rapid.SampledFrom([]time.Duration{5 * time.Second, 150 * time.Second, 90 * time.Second}).Draw(t, "timeout"),
			Crash:       rapid.Bool().Draw(t, "crash"),
			Chapters:    chapters(slices.Concat(everyday, chosen.Draw(t, "kinds"))).Draw(t, "chapters"),
		}
	})
}
