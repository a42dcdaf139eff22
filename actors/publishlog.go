package actors

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
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
	reasons   map[v1.Reason]int
	recovered int
}

// ackedEvent is an acknowledged event of a game.
type ackedEvent struct {
	game string
	*v1.Observed
}

// tickStarted tells the publisher that another tick begins.
type tickStarted struct{}

// add takes note of acknowledged events, and says whether a flush must be called for.
func (l *publishLog) add(game string, acked []*v1.PendingDetection) (flushLater bool) {
	for _, e := range acked {
		o := e.GetObserved()
		l.count++
		l.inTick++
		if l.inTick <= fewPerTick {
			l.held = append(l.held, ackedEvent{game, o})
		}
		l.games.add(game)
		for _, r := range o.GetReasons() {
			if l.reasons == nil {
				l.reasons = map[v1.Reason]int{}
			}
			l.reasons[r]++
		}
		if o.GetDetection().GetEventType() == messages.InspectRecovered {
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
			log.Info("event published", "game", e.game, "container", e.GetContainerId(), "type", e.GetDetection().GetEventType(),
				"reasons", namesOf(e.GetReasons()), "event_id", e.GetDetection().GetEventId())
		}
	}
	*l = publishLog{inTick: l.inTick}
}

// byReason has the number of events for each reason that some had.
func (l *publishLog) byReason() slog.Value {
	var counts []slog.Attr
	for _, reason := range slices.Sorted(maps.Keys(l.reasons)) {
		counts = append(counts, slog.Int(reasonNames[reason], l.reasons[reason]))
	}
	return slog.GroupValue(counts...)
}
