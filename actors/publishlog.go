package actors

import (
	"log/slog"
	"time"

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
}

type ackedEvent struct{ game, container, eventType string }

// tickStarted tells the publisher that another tick begins.
type tickStarted struct{}

// add takes note of acknowledged events, and says whether a flush must be called for.
func (l *publishLog) add(game string, acked []*v1.Observed) (flushLater bool) {
	for _, o := range acked {
		l.count++
		l.inTick++
		if l.inTick <= fewPerTick {
			l.held = append(l.held, ackedEvent{game, o.GetContainerId(), o.GetDetection().GetEventType()})
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
		log.Info("events published", "count", l.count)
	default:
		for _, e := range l.held {
			log.Info("event published", "game", e.game, "container", e.container, "type", e.eventType)
		}
	}
	l.held, l.count, l.waiting = l.held[:0], 0, false
}
