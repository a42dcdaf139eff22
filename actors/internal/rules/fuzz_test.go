package rules

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var wellFormedContainerID = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9_.-]{0,254}\z`)

// FuzzSift: whatever stands in the running list, a game is taken at most once, with ids that keep to S6, and each entry is
// taken, refused with a short text, or one of a game's several containers. Lines are entries; their words are game, container and engine.
func FuzzSift(f *testing.F) {
	f.Add("g c\ng d\nh c east\ni c west\n c\ng\xff c\ng\u00a0h c", "g c default")
	f.Add("g new - +1\ng old - +r\ng c - +1r\ng old - malformed\n"+strings.Repeat("ж", 200)+" c", "g old default")
	f.Fuzz(func(t *testing.T, list, watched string) {
		entries := entriesOf(list)
		given := len(entries)
		engines := map[string]bool{DefaultEngine: true, "east": true}
		known := func(engine string) bool { return engines[engine] }
		game, now, _ := strings.Cut(watched, " ")
		container, engine, _ := strings.Cut(now, " ")
		found := Sift([][]Entry{entries[:len(entries)/2], entries[len(entries)/2:]}, known, func(gameID string) (Place, bool) {
			return Place{container, engine}, gameID == game
		})
		taken := map[string]bool{}
		for _, l := range found.Accepted {
			if taken[l.GameID] || !found.Mentioned[l.GameID] || !known(l.Place.Engine) || l.GameID == "" || len(l.GameID) > 255 ||
				!utf8.ValidString(l.GameID) || !wellFormedContainerID.MatchString(l.Place.Container) {
				t.Errorf("accepted %+v", l)
			}
			taken[l.GameID] = true
		}
		others := 0
		for game, rest := range found.Others {
			if others += len(rest); !taken[game] {
				t.Errorf("others of %q, of which none is taken: %v", game, rest)
			}
		}
		if n := len(found.Accepted) + len(found.Refused) + others; n != given {
			t.Errorf("%d accepted, %d refused and %d others of %d entries", len(found.Accepted), len(found.Refused), others, given)
		}
		runs := map[Listed]bool{}
		for _, e := range entries {
			if e.Runs {
				runs[Listed{e.GameID, e.place()}] = true
			}
		}
		for _, l := range found.Accepted {
			for _, other := range found.Others[l.GameID] {
				if runs[Listed{l.GameID, other}] && !runs[l] {
					t.Errorf("%v is taken, which doesn't run, while %v does", l, other)
				}
			}
		}
		for _, r := range found.Refused {
			for _, text := range []string{r.GameID, r.ContainerID, r.Engine, r.Why} {
				if len(text) > maxShown+len("…") || utf8.ValidString(list) && !utf8.ValidString(text) {
					t.Errorf("%d bytes are shown: %q", len(text), text)
				}
			}
			if r.Why == "" {
				t.Errorf("no reason: %+v", r)
			}
		}
	})
}

// entriesOf makes a running list of a text.
func entriesOf(list string) []Entry {
	var entries []Entry
	for line := range strings.Lines(list) {
		words := append(strings.Split(strings.TrimSuffix(line, "\n"), " "), "", "", "")
		e := Entry{GameID: words[0], ContainerID: words[1], Engine: strings.Trim(words[2], "-")}
		if age, found := strings.CutPrefix(words[3], "+"); found {
			e.Created = time.Unix(int64(len(age)), 0)
			e.Runs = strings.HasSuffix(age, "r")
		} else {
			e.Malformed = words[3]
		}
		entries = append(entries, e)
	}
	return entries
}
