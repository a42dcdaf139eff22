package actors

import (
	"time"

	"galaxy/healthactors/actors/internal/rules"
)

// early are the inspectors' failures before the first tick. They are warned of with those of the first tick, whose list says
// where the games run (H10); if the start takes longer than an interval, at each interval.
type early struct {
	since    time.Time
	failures []failure
}

// failEarly notes a failure before the first tick. One that fails again and again is one failure.
func (s *supervisor) failEarly(g *game, f failure) {
	if g.failedTries > 1 {
		return
	}
	if len(s.early.failures) == 0 {
		s.early.since = time.Now()
	}
	s.early.failures = append(s.early.failures, f)
	if time.Since(s.early.since) >= s.Interval {
		s.warn(&pass{failures: s.takeEarly()})
	}
}

func (s *supervisor) takeEarly() []failure {
	failures := s.early.failures
	s.early.failures = nil
	return failures
}

// warnOfJournal logs what the journal failed to do and nobody was told yet.
func (s *supervisor) warnOfJournal() {
	failures := s.takeEarly()
	if s.pass != nil {
		failures = append(failures, s.pass.takeJournals()...)
	}
	s.warn(&pass{failures: failures})
}

// warn logs what failed in a pass, with what is known by now of where the games run.
func (s *supervisor) warn(p *pass) {
	for i := range p.failures {
		f := &p.failures[i]
		g := s.games[f.game]
		if g != nil && f.place == (rules.Place{}) {
			f.place = g.place
		}
		if g != nil && f.place.Engine == "" {
			f.place.Engine = g.engine
		}
	}
	for _, w := range p.warnings() {
		w.log(s.Log)
	}
	for _, engine := range p.unwell() {
		s.outages.begin(outage{engineOutage, engine}, p.began)
	}
	p.failures = nil
}
