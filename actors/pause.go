package actors

import "time"

// backoff says how long to wait after a number of failures in a row.
type backoff struct{ first, most time.Duration }

var (
	// publishBackoff spaces the tries while the broker is away. Its longest pause bounds how long a recovered broker
	// goes unnoticed.
	publishBackoff = backoff{200 * time.Millisecond, 10 * time.Second}
	// restartBackoff spaces the restarts of a failing inspector.
	restartBackoff = backoff{100 * time.Millisecond, 10 * time.Second}
	// adoptBackoff spaces the tries to read the open streams at the start.
	adoptBackoff = backoff{200 * time.Millisecond, 5 * time.Second}
)

// pause doubles with each failure, up to the longest one. jitter, in [0, 1), takes away up to half of it, so that many
// who failed together don't come back together.
func (b backoff) pause(failures int, jitter float64) time.Duration {
	d := b.most
	if failures < 32 {
		d = min(b.most, b.first<<max(0, failures-1))
	}
	return d - time.Duration(jitter*float64(d)/2)
}
