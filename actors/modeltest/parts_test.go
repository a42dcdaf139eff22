package modeltest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/actorstest"
)

// TestListModel lives through random times of a running list in parts, each of which is fast, slow or broken as it likes, and
// holds the node to S1 and S2: what is read, what is inspected at every tick, and what is not.
func TestListModel(t *testing.T) {
	check(t, partsStory, func(s [][]partsDeed) (timeline string, err error) {
		actorstest.Spec(t, func(w *actorstest.World) {
			p := newParts(w)
			p.live(s)
			if err = p.judge(); err != nil {
				timeline = w.Timeline()
			}
		})
		return timeline, err
	})
}

const (
	beat = 10 * time.Second
	// partsTogether is how long a part that was read may wait for the others.
	partsTogether = 20 * time.Millisecond
)

var partNames = []string{"a", "b", "c"}

// partsDeed befalls a part of the list, or a game of it, some time after a tick.
type partsDeed struct {
	Part  string
	Game  int // of the part; none for a change of the part itself
	Takes time.Duration
	Fails bool
	At    time.Duration
}

// partsStory draws what happens after each tick.
func partsStory(r *rapid.T) [][]partsDeed {
	deed := rapid.Custom(func(t *rapid.T) partsDeed {
		return partsDeed{
			Part: rapid.SampledFrom(partNames).Draw(t, "part"),
			Game: rapid.IntRange(0, 2).Draw(t, "game"),
			Takes: rapid.SampledFrom([]time.Duration{
				0, 10 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond, 5 * time.Second, 9 * time.Second,
				9600 * time.Millisecond, 11 * time.Second, 15 * time.Second, 27 * time.Second,
			}).Draw(t, "takes"),
			Fails: rapid.IntRange(0, 4).Draw(t, "fails") == 0,
			At:    rapid.SampledFrom([]time.Duration{50 * time.Millisecond, 2 * time.Second, 9700 * time.Millisecond}).Draw(t, "at"),
		}
	})
	return rapid.SliceOfN(rapid.SliceOfN(deed, 0, 4), 1, 30).Draw(r, "story")
}

// parts is a node whose list has parts, and what was to be seen of it.
type parts struct {
	world *actorstest.World
	began time.Time
	ticks int

	mu       sync.Mutex
	games    map[string][]*partsGame
	readings map[string][]*partsReading
}

type partsGame struct {
	*actorstest.Game
	listed bool
	looks  []time.Duration
}

type partsReading struct {
	began, ended time.Duration // ended is 0 as long as it goes on
	games        []string
	err          error
}

func newParts(w *actorstest.World) *parts {
	p := &parts{world: w, began: time.Now(), games: map[string][]*partsGame{}, readings: map[string][]*partsReading{}}
	w.Config.Interval = beat
	w.List.ByEngine = true
	for _, part := range partNames {
		byContainer := map[string]*partsGame{}
		for n := range 2 {
			g := &partsGame{Game: w.GameOn(part, fmt.Sprintf("game-%s%d", part, n)), listed: true}
			p.games[part] = append(p.games[part], g)
			byContainer[g.Container()] = g
		}
		w.Engine(part).Watch = func(container string) func(actors.Observation, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			byContainer[container].looks = append(byContainer[container].looks, time.Since(p.began))
			return func(actors.Observation, error) {}
		}
	}
	w.List.Watch = func(part string) func([]actors.Entry, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		reading := &partsReading{began: time.Since(p.began)}
		p.readings[part] = append(p.readings[part], reading)
		return func(entries []actors.Entry, err error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			reading.ended, reading.err = max(1, time.Since(p.began)), err
			for _, e := range entries {
				reading.games = append(reading.games, e.GameID)
			}
		}
	}
	return p
}

func (p *parts) live(story [][]partsDeed) {
	p.world.Start()
	for _, deeds := range story {
		for _, d := range deeds {
			p.world.In(d.At, func() { p.do(d) })
		}
		p.world.Tick()
	}
	p.world.Pass(partsTogether)
	p.ticks = len(story)
}

func (p *parts) do(d partsDeed) {
	if d.Game == len(p.games[d.Part]) {
		p.world.List.SlowEngine(d.Part, d.Takes)
		p.world.List.FailEngine(d.Part, nil)
		if d.Fails {
			p.world.List.FailEngine(d.Part, errors.New("connection refused"))
		}
		return
	}
	g := p.games[d.Part][d.Game]
	if g.listed = !g.listed; g.listed {
		g.Return()
	} else {
		g.Leave()
	}
}

// word is what a part said last before a time; nil where it said nothing, or failed.
func (p *parts) word(part string, before time.Duration) (word *partsReading) {
	for _, r := range p.readings[part] {
		if r.ended > 0 && r.ended < before {
			word = r
		}
	}
	if word != nil && word.err != nil {
		return nil
	}
	return word
}

// reading says whether a part is being read at a time.
func (p *parts) reading(part string, at time.Duration) bool {
	return slices.ContainsFunc(p.readings[part], func(r *partsReading) bool { return r.began < at && (r.ended == 0 || r.ended >= at) })
}

// busy says whether nothing is known at a tick, since all is still being read.
func (p *parts) busy(at time.Duration) bool {
	return !slices.ContainsFunc(partNames, func(part string) bool { return !p.reading(part, at) || p.word(part, at) != nil })
}

// judge holds what was seen to S1 and S2.
func (p *parts) judge() error {
	for _, part := range partNames {
		for n := range p.ticks {
			at := time.Duration(n) * beat
			begun := slices.ContainsFunc(p.readings[part], func(r *partsReading) bool { return r.began == at })
			if want := !p.reading(part, at) && !p.busy(at); begun != want {
				return fmt.Errorf("S1: at %s the part of %s was asked: %t, want %t", at, part, begun, want)
			}
		}
		for _, g := range p.games[part] {
			if err := errors.Join(p.judgeTicks(part, g), p.judgeReadings(part, g)); err != nil {
				return err
			}
		}
	}
	return nil
}

// judgeTicks wants a game that its part has, whenever it speaks, to be inspected at every tick once.
func (p *parts) judgeTicks(part string, g *partsGame) error {
	for n := range p.ticks {
		from, to := time.Duration(n)*beat, time.Duration(n+1)*beat
		word := p.word(part, from)
		stays := word != nil && slices.Contains(word.games, g.ID)
		for _, r := range p.readings[part] {
			if r.ended >= from && r.ended < to && (r.err != nil || !slices.Contains(r.games, g.ID)) {
				stays = false
			}
		}
		if looks := g.between(from, to); stays && looks != 1 {
			return fmt.Errorf("S1: in the tick at %s %s was inspected %d times", from, g.ID, looks)
		}
	}
	return nil
}

// judgeReadings wants what a part says to be acted on when it says it: a game that came is inspected, one that left is not any
// more, and neither is one of which nothing is known (S1, S2).
func (p *parts) judgeReadings(part string, g *partsGame) error {
	for n, r := range p.readings[part] {
		if r.ended == 0 {
			break
		}
		next := time.Duration(p.ticks) * beat
		if n+1 < len(p.readings[part]) && p.readings[part][n+1].ended > 0 {
			next = p.readings[part][n+1].ended
		}
		before := p.word(part, r.ended)
		has := r.err == nil && slices.Contains(r.games, g.ID)
		switch {
		case has && (before == nil || !slices.Contains(before.games, g.ID)):
			if g.between(r.ended-1, r.ended+partsTogether+1) == 0 {
				return fmt.Errorf("S2: %s came at %s and was not inspected", g.ID, r.ended)
			}
		case !has:
			if looks := g.between(r.ended+1, next-1); looks != 0 {
				return fmt.Errorf("S2: %s was inspected %d times after the reading at %s", g.ID, looks, r.ended)
			}
		}
	}
	return nil
}

// between counts the inspects that began in a time.
func (g *partsGame) between(from, to time.Duration) (count int) {
	for _, at := range g.looks {
		if at >= from && at < to {
			count++
		}
	}
	return count
}
