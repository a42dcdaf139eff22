package actors

import (
	"log/slog"
	"time"
)

// outages are the times in which something that the node needs is not well, by when they began. While one lasts the log has
// warnings; its end is one line (S9).
type outages map[outage]time.Time

// outage names what is not well: a kind of thing, and an Engine's name where there is one for each.
type outage struct {
	kind   outageKind
	engine string
}

type outageKind byte

const (
	engineOutage outageKind = iota
	listOutage
	journalOutage
)

var outageOver = map[outageKind]string{
	engineOutage:  "the engine is well again",
	listOutage:    "the running list can be read again",
	journalOutage: "the journal is well again",
}

// begin notes that something is not well since then, unless that is known.
func (o outages) begin(what outage, since time.Time) {
	if _, known := o[what]; !known {
		o[what] = since
	}
}

// forgetEngines forgets that an Engine is not well on which no game is left: nobody notices when it is.
func (s *supervisor) forgetEngines() {
	for what := range s.outages {
		if what.kind == engineOutage && !s.hasGameOn(what.engine) {
			delete(s.outages, what)
		}
	}
}

func (s *supervisor) hasGameOn(engine string) bool {
	for _, g := range s.games {
		if g.standing == onList && g.place.Engine == engine {
			return true
		}
	}
	return false
}

// end notes that something is well, and tells it if it was not.
func (o outages) end(log *slog.Logger, what outage) {
	began, known := o[what]
	if !known {
		return
	}
	delete(o, what)
	attrs := []any{"after", time.Since(began).Round(time.Millisecond)}
	if what.engine != "" {
		attrs = append([]any{"engine", what.engine}, attrs...)
	}
	log.Info(outageOver[what.kind], attrs...)
}

// lack is what the journal failed to do for a game.
type lack byte

const (
	// lacksWrite: it did not take an event. That it can be read again makes up for nothing, since a journal that is full can.
	lacksWrite lack = iota + 1
	// lacksReading: an inspector could not recover from it.
	lacksReading
)

// noteBehind notes what an inspector says of its writes.
func (s *supervisor) noteBehind(g *game, r *report) {
	_, justRecovered := r.cause.(recovered)
	switch {
	case r.behind:
		s.setBehind(g, lacksWrite)
	case !justRecovered || s.behind[g] == lacksReading:
		s.setBehind(g, 0)
	}
}

// setBehind notes what the journal lacks of a game, if anything: it is well when it lacks nothing of any.
func (s *supervisor) setBehind(g *game, what lack) {
	switch {
	case what != 0:
		if s.behind[g] != lacksWrite {
			s.behind[g] = what
		}
		s.outages.begin(outage{kind: journalOutage}, time.Now())
	case s.behind[g] != 0:
		delete(s.behind, g)
		s.journalMayBeWell()
	}
}

// journalMayBeWell ends the journal's outage when the journal lacks nothing and all streams could be listed. What failed until
// then is warned of first.
func (s *supervisor) journalMayBeWell() {
	what := outage{kind: journalOutage}
	if _, known := s.outages[what]; known && len(s.behind) == 0 && s.adoption.failedTries == 0 {
		s.warnOfJournal()
		s.outages.end(s.Log, what)
	}
}
