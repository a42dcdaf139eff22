package actors

import (
	"log/slog"

	"galaxy/healthactors/actors/internal/stream"
)

// parkLog logs each parked event as an error (P4), more than ten within a second, as after a start, as one line with the
// count.
type parkLog struct {
	held  []parkedEvent
	count int // not yet logged, held or not
}

type parkedEvent struct {
	game string
	*stream.Observed
}

// add takes note of a parked event, and says whether a flush must be called for.
func (l *parkLog) add(game string, tooLarge *stream.Pending) (flushLater bool) {
	if l.count++; l.count <= fewPerTick {
		l.held = append(l.held, parkedEvent{game, tooLarge.Observed})
	}
	return l.count == 1
}

func (l *parkLog) flush(log *slog.Logger) {
	const why = ": the broker refuses what is too large; it is tried again at the next start"
	if l.count > fewPerTick {
		games := make([]string, len(l.held))
		for i, e := range l.held {
			games[i] = e.game
		}
		log.Error("events parked"+why, "count", l.count, "games", games)
		l.held = nil
	}
	for _, e := range l.held {
		log.Error("event parked"+why, "game", e.game, "container", e.Container,
			"event_id", e.Detection.EventID, "bytes", len(e.Detection.Value))
	}
	l.held, l.count = nil, 0
}
