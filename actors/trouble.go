package actors

import (
	"log/slog"
	"strings"
	"time"
)

// troubleRepeats is how often the log repeats for how long a lease can't be renewed.
const troubleRepeats = time.Minute

// trouble is a time in which this node's lease can't be renewed: the log has it when it begins, when its reason changes, once a
// minute otherwise, and when it ends.
type trouble struct {
	began, said time.Time
	reason      string
}

func (t *trouble) warn(log *slog.Logger, err error) {
	now, reason := time.Now(), withoutNumbers(err.Error())
	if t.began.IsZero() {
		t.began = now
	} else if reason == t.reason && now.Sub(t.said) < troubleRepeats {
		return
	}
	t.said, t.reason = now, reason
	log.Warn("this node's lease can't be renewed, will try again", "error", err, "for", now.Sub(t.began).Round(time.Millisecond))
}

func (t *trouble) end(log *slog.Logger) {
	if !t.began.IsZero() {
		log.Info("this node's lease is renewed again", "after", time.Since(t.began).Round(time.Millisecond))
	}
	*t = trouble{}
}

// withoutNumbers is a reason without what differs at each try, such as the port of a connection.
func withoutNumbers(reason string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, reason)
}
