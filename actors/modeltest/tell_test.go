package modeltest

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// telling turns what was to be seen into the steps of one game's model, and checks on the way that the node asked the
// Engines neither too seldom nor too often.
type telling struct {
	*trace
	game    *game
	games   int
	looks   []*look // those that may still matter
	steps   []Step
	ends    []int // the happening with which each step is over
	err     error
	up      bool
	onList  bool
	known   bool // since the start, the list has said where the game is
	place   Place
	allowed Place // the container of which the last tick called for an inspect that has not begun yet
	// revoked is what was allowed until a tick took it back, which the game may not know yet at that very moment.
	revoked   Place
	revokedAt time.Duration
}

func (d *driver) tell(g *game, games int) *telling {
	t := &telling{trace: d.trace, game: g, games: games}
	for _, h := range d.all {
		if h.kind == lookBegan && t.mine(h.look) {
			t.looks = append(t.looks, h.look)
		}
	}
	for n, h := range d.all {
		if t.err != nil {
			return t
		}
		for len(t.looks) > 0 && t.looks[0].ended != -1 && t.looks[0].endedAt < h.at {
			t.looks = t.looks[1:]
		}
		switch {
		case h.kind == started:
			t.up, t.known, t.onList, t.allowed = true, false, false, Place{}
		case h.kind == ending:
			t.up = false
		case h.kind == read && h.reading.err == nil && t.up:
			t.ticked(n, h.reading.listing)
		case h.kind == lookBegan && t.mine(h.look):
			t.began(n, h.look)
		case h.kind == lookEnded && t.mine(h.look) && h.look.err == nil:
			t.observed(n, h.look)
		}
	}
	return t
}

func (t *telling) mine(l *look) bool { return strings.HasPrefix(l.place.Container, t.game.id+".") }

// ticked: the list was read.
func (t *telling) ticked(n int, l listing) {
	if t.known && t.onList && l.Failed[t.place.Engine] != nil {
		return // S1: the game is left alone
	}
	mentioned, choice := t.entries(l)
	switch {
	case len(choice) > 0:
		t.listed(n, choice, l.Failed)
		return
	case mentioned:
		return // S6: a watched game whose only entry is refused is left alone
	}
	if !t.known && len(l.Failed) > 0 {
		t.step(n, Step{Kind: Left, Missing: l.Failed})
		return
	}
	t.step(n, Step{Kind: Left, Missing: l.Failed})
	t.known, t.onList = true, false
	t.allow(n, Place{})
	t.cutOff(n, Place{})
}

// entries returns the places in which the list has the game, and whether it speaks of the game at all.
func (t *telling) entries(l listing) (mentioned bool, choice []Place) {
	for _, e := range l.Entries {
		if e.GameID == t.game.id {
			mentioned = true
			if e.Malformed == "" {
				choice = append(choice, Place{e.ContainerID, e.Engine})
			}
		}
	}
	return mentioned, choice
}

// listed: the game is on the list, perhaps more than once.
func (t *telling) listed(n int, choice []Place, missing map[string]error) {
	place := choice[0]
	sure := t.known || len(missing) == 0
	step := Step{Kind: Listed, Missing: missing}
	switch {
	case len(choice) == 1:
	case t.known && t.onList && slices.Contains(choice, t.place):
		place = t.place
	case !t.known: // only the journal knew where the game was
		place, sure = t.nextLook(n, choice)
		if !sure {
			return
		}
		step.Choice = choice
	}
	step.Place = place
	t.step(n, step)
	same := t.known && t.onList && t.place == place
	t.known, t.onList, t.place = sure, true, place
	t.cutOff(n, place)
	switch underWay := t.underWay(n); {
	case !same || underWay == nil || underWay.endedAt == t.all[n].at:
		t.allow(n, place)
	}
	if sure {
		t.mustLook(n, place)
	}
}

// allow: from now on the tick's word counts, and not that of the one before.
func (t *telling) allow(n int, place Place) {
	if t.allowed != place {
		t.revoked, t.revokedAt = t.allowed, t.all[n].at
	}
	t.allowed = place
}

// nextLook is the place at which the node looked after a reading of the list, and before the next one that told something.
func (t *telling) nextLook(n int, choice []Place) (place Place, looked bool) {
	for n++; n < len(t.all) && !t.tells(t.all[n].reading); n++ {
		if l := t.all[n].look; t.all[n].kind == lookBegan && t.mine(l) {
			return l.place, slices.Contains(choice, l.place)
		}
	}
	return Place{}, false
}

// tells says whether a reading of the list, nil for none, tells something of the game.
func (t *telling) tells(r *reading) bool {
	if r == nil || r.err != nil {
		return false
	}
	mentioned, _ := t.entries(r.listing)
	return mentioned || len(r.listing.Failed) == 0
}

// before returns the looks that began before a happening.
func (t *telling) before(n int) []*look {
	return t.looks[:sort.Search(len(t.looks), func(k int) bool { return t.looks[k].began >= n })]
}

// underWay is the look at the place where the game is that has begun and not ended at a happening.
func (t *telling) underWay(n int) *look {
	for _, l := range t.before(n) {
		if l.place == t.place && (l.ended == -1 || l.ended > n) {
			return l
		}
	}
	return nil
}

// mustLook: every listed game is inspected at every tick (S2), at once unless it has to wait for its turn or for the
// journal.
func (t *telling) mustLook(n int, place Place) {
	at := t.all[n].at
	latest := at
	lane := max(1, t.world.Config.InspectConcurrency/4)
	if t.games > lane {
		latest += time.Duration(t.games) * t.world.Config.InspectTimeout
	}
	if t.slowAt(n) {
		latest += slowness
	}
	for _, l := range t.looks {
		if l.beganAt > latest {
			break
		}
		if l.place == place && (l.ended == -1 || l.endedAt >= at) {
			return
		}
	}
	last := t.until(latest)
	if latest > t.all[len(t.all)-1].at || t.faulty(t.game.id, n, last, settling) || t.endedIn(n, last) || t.movedIn(n+1, last, place) {
		return
	}
	t.err = fmt.Errorf("S2, S4: at %s the tick should have inspected %s, at the latest at %s", at, place.Container, latest)
}

// movedIn says whether the list had the game elsewhere, or not at all, between two happenings.
func (t *telling) movedIn(from, to int, place Place) bool {
	for n := from; n <= to; n++ {
		r := t.all[n].reading
		if r == nil || r.err != nil {
			continue
		}
		mentioned, choice := t.entries(r.listing)
		if !mentioned || len(choice) > 0 && !slices.Contains(choice, place) {
			return true
		}
	}
	return false
}

// began: an inspect began. A tick must have called for it (S4).
func (t *telling) began(n int, l *look) {
	switch {
	case t.allowed == l.place:
		t.allowed = Place{}
	case t.revoked == l.place && t.revokedAt == l.beganAt:
		t.revoked = Place{}
	default:
		t.err = fmt.Errorf("S2, S4: at %s %s was inspected, and no tick had called for it", t.all[n].at, l.place.Container)
		return
	}
	for _, other := range t.before(n) {
		if other.ended == -1 || other.endedAt > l.beganAt {
			t.err = fmt.Errorf("S4: at %s %s was inspected while the inspect of %s was under way",
				t.all[n].at, l.place.Container, other.beganAt)
		}
	}
}

// observed: the Engine answered. An answer at the very moment of the tick that cuts its inspect off may be taken in
// before it or be dropped.
func (t *telling) observed(n int, l *look) {
	step := Step{
		Kind: Observed, Place: l.place, At: l.wall, OnChange: l.onChange,
		Seen: Seen{ID: l.seen.ID, Restarts: l.seen.RestartCount, State: l.seen.State, Health: l.seen.Health},
	}
	t.step(n, step)
	last := &t.steps[len(t.steps)-1]
	if !t.up {
		last.Sure = false
	}
	for k := len(t.steps) - 2; k >= 0 && t.steps[k].Virtual >= l.beganAt; k-- {
		s := t.steps[k]
		if s.Kind == Listed && s.Place == l.place && t.ends[k] < l.began {
			break // the tick that called for it
		}
		if s.Kind == Observed || s.Kind == Listed && s.Place == l.place {
			continue
		}
		if s.Virtual == last.Virtual {
			// Perhaps before it.
			observed := *last
			observed.Sure = false
			copy(t.steps[k+1:], t.steps[k:len(t.steps)-1])
			t.steps[k] = observed
			copy(t.ends[k+1:], t.ends[k:len(t.ends)-1])
			t.ends[k] = n
			return
		}
		if s.Sure {
			t.steps = t.steps[:len(t.steps)-1] // cut off
			t.ends = t.ends[:len(t.ends)-1]
			return
		}
		last.Sure = false
	}
	t.tie(n, last)
}

// tie: a tick of the same moment that comes later in the trace may have cut the inspect off before the answer was taken in.
func (t *telling) tie(n int, observed *Step) {
	for k := n + 1; k < len(t.all) && t.all[k].at == t.all[n].at; k++ {
		if r := t.all[k].reading; r != nil && r.err == nil && t.movedIn(k, k, observed.Place) {
			observed.Sure = false
		}
	}
}

// step adds a step that is sure unless a fault may have kept the node from it.
func (t *telling) step(n int, s Step) {
	s.Virtual = t.all[n].at
	done := t.done(n)
	tail := settling
	if s.Kind == Observed {
		tail = 0 // the inspector was there to ask
	}
	s.Sure = !t.faulty(t.game.id, n, done, tail) && !t.endedIn(n, done)
	t.steps = append(t.steps, s)
	t.ends = append(t.ends, n)
}

// cutOff: when a game leaves, or gets another container, its inspect under way ends (S2).
func (t *telling) cutOff(n int, except Place) {
	at := t.all[n].at
	if !t.steps[len(t.steps)-1].Sure {
		return
	}
	if t.slowAt(n) {
		at += slowness
	}
	for _, l := range t.before(n) {
		if l.place != except && (l.ended == -1 || l.endedAt > at) {
			t.err = fmt.Errorf("S2: the inspect of %s at %s was not cut off by the tick at %s", l.place.Container, l.beganAt, t.all[n].at)
		}
	}
}
