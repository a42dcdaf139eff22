package actors

import (
	"log/slog"
	"slices"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/actors/internal/stream"
)

// gameLog tells which games came onto the running list, left it or got another container (S9), more than ten alike in a tick as
// one line.
type gameLog [newsKinds]struct {
	// held are the first that are not yet logged, and names has all of them.
	held   []gameNews
	names  names
	inTick int
}

// gameNews is what happened to one game.
type gameNews struct {
	game  string
	place rules.Place
	// id and was are those of a game that got another container: the container's own id, where the list goes on to call it by the
	// same name, and the container before.
	id, was string
}

// newsKind is what can happen to a game.
type newsKind byte

const (
	came newsKind = iota
	left
	replaced
	newsKinds
)

// newsWords is what the log says of one game, and of many.
var newsWords = [newsKinds]struct{ one, many string }{
	came:     {"a game came onto the running list", "games came onto the running list"},
	left:     {"a game left the running list", "games left the running list"},
	replaced: {"a game got another container", "games got another container"},
}

func (l *gameLog) add(kind newsKind, n gameNews) {
	news := &l[kind]
	news.names.add(n.game)
	news.inTick++
	if len(news.held) < fewPerTick {
		news.held = append(news.held, n)
	}
}

// tick begins to count anew.
func (l *gameLog) tick() {
	for kind := range l {
		l[kind].inTick = 0
	}
}

func (l *gameLog) flush(log *slog.Logger) {
	for kind := range l {
		news := &l[kind]
		switch {
		case news.names.count == 0:
			continue
		case news.inTick > fewPerTick:
			log.Info(newsWords[kind].many, "count", news.names.count, "games", news.names.first)
		default:
			for _, n := range news.held {
				n.log(log, newsWords[kind].one)
			}
		}
		news.held, news.names = nil, names{}
	}
}

func (n gameNews) log(log *slog.Logger, what string) {
	attrs := []any{"game", n.game, "container", n.place.Container, "engine", n.place.Engine}
	if n.id != "" {
		attrs = append(attrs, "id", n.id)
	}
	if n.was != "" {
		attrs = append(attrs, "was", n.was)
	}
	log.Info(what, attrs...)
}

// nameBefore is how the log calls the container that was before another one.
func nameBefore(before, now rules.Place) string {
	if before.Engine != now.Engine {
		return before.Container + " on " + before.Engine
	}
	return before.Container
}

// noteRecreated tells of a container that was replaced by one that the list calls by the same name (H8).
func (s *supervisor) noteRecreated(g *game, now *stream.Observed) {
	was := g.observed
	if was == now || was == nil || now == nil || was.Place != now.Place || !rules.IsAnother(&was.Observed, now.Place, now.ID) {
		return
	}
	// now.Place, since g.place may be the next one already
	s.gameLog.add(replaced, gameNews{game: g.id, place: now.Place, id: now.ID, was: was.ID})
}

// names are the first of many names, in order, and how many there are.
type names struct {
	count int
	first []string
}

func (n *names) add(name string) {
	n.count++
	index, known := slices.BinarySearch(n.first, name)
	if known || index == fewPerTick {
		return
	}
	n.first = slices.Insert(n.first, index, name)
	n.first = n.first[:min(len(n.first), fewPerTick)]
}
