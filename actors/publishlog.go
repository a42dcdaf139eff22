package actors

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/actors/internal/stream"
	"galaxy/healthactors/messages"
)

const (
	// fewPerTick is how many alike things in one tick are logged one by one; more are one line with the count.
	fewPerTick = 10
	// publishLogDelay is how long acknowledged events wait for others of the same tick before they are logged.
	publishLogDelay = time.Second
)

// publishLog logs each acknowledged event (P5), more than ten in a tick as one line with the count.
type publishLog struct {
	held    []ackedEvent
	count   int // not yet logged, held or not
	inTick  int
	waiting bool
	// Of those not yet logged: the games, how many had each reason, and how many are recoveries.
	games     names
	reasons   map[rules.Reasons]int
	recovered int
}

// ackedEvent is an acknowledged event of a game.
type ackedEvent struct {
	game string
	*stream.Observed
}

// tickStarted tells the publisher that another tick begins.
type tickStarted struct{}

// add takes note of acknowledged events, and says whether a flush must be called for.
func (l *publishLog) add(game string, acked []*stream.Pending) (flushLater bool) {
	for _, e := range acked {
		l.count++
		l.inTick++
		if l.inTick <= fewPerTick {
			l.held = append(l.held, ackedEvent{game, e.Observed})
		}
		l.games.add(game)
		for r := range e.Observed.Reasons.Each() {
			if l.reasons == nil {
				l.reasons = map[rules.Reasons]int{}
			}
			l.reasons[r]++
		}
		if e.Observed.Detection.EventType == messages.InspectRecovered {
			l.recovered++
		}
	}
	flushLater = l.count > 0 && !l.waiting
	l.waiting = l.waiting || flushLater
	return flushLater
}

func (l *publishLog) tick(log *slog.Logger) {
	l.flush(log)
	l.inTick = 0
}

func (l *publishLog) flush(log *slog.Logger) {
	switch {
	case l.count == 0:
	case l.inTick > fewPerTick:
		log.Info("events published", "count", l.count, "reasons", l.byReason(), "recovered", l.recovered, "games", l.games.first)
	default:
		for _, e := range l.held {
			log.Info("event published", "game", e.game, "container", e.Container, "type", e.Detection.EventType,
				"reasons", wordsOf(e.Reasons), "event_id", e.Detection.EventID)
		}
	}
	*l = publishLog{inTick: l.inTick}
}

// byReason has the number of events for each reason that some had.
func (l *publishLog) byReason() slog.Value {
	var counts []slog.Attr
	for _, reason := range slices.Sorted(maps.Keys(l.reasons)) {
		counts = append(counts, slog.Int(reasonWords[reason], l.reasons[reason]))
	}
	return slog.GroupValue(counts...)
}
