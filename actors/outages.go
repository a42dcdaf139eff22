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
		if g.place == onList && g.at.engine == engine {
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
