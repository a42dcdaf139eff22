package rules

// Emit says which observations publish (H6).
type Emit string

const (
	// EmitEveryTick publishes every observation that has a reason.
	EmitEveryTick Emit = "every-tick"
	// EmitOnChange publishes what changed, recoveries included.
	EmitOnChange Emit = "on-change"
)

// Event is what an observation publishes.
type Event uint8

const (
	// NoEvent publishes nothing.
	NoEvent Event = iota
	// Unhealthy says that the game has reasons.
	Unhealthy
	// Recovered says that it has none any more.
	Recovered
)

// Verdict is what one observation means.
type Verdict struct {
	// BeginsLifecycle says that there is no baseline to compare with (H1, H8).
	BeginsLifecycle bool
	// Reasons that hold.
	Reasons Reasons
	// Publish is the one event to be published (H5, H6).
	Publish Event
	// Changed says that the observation must be journaled; one that changes nothing is not.
	Changed bool
}

// Decide applies the rules H1 to H8 to an observation of the container in a place. The new baseline is always the observation's
// count (H1, H2, H7).
func Decide(before Memory, place Place, seen Observation, emit Emit) Verdict {
	v := Verdict{BeginsLifecycle: before.Last == nil || IsAnother(before.Last, place, seen.ID)}
	if !v.BeginsLifecycle && seen.RestartCount > before.Last.RestartCount {
		v.Reasons |= RestartCountIncreased
	}
	if seen.State != "running" {
		v.Reasons |= NotRunning
	}
	if seen.Health == "unhealthy" {
		v.Reasons |= HealthcheckUnhealthy
	}
	v.Publish = event(before.reasons(), v.Reasons, v.BeginsLifecycle, emit)
	v.Changed = v.BeginsLifecycle || v.Publish != NoEvent ||
		seen.RestartCount != before.Last.RestartCount || v.Reasons != before.Last.Reasons
	return v
}

// event applies H6: which event the reasons call for, given those of the game's previous observation. Of a new container
// all reasons are news; that it has none ends what the old one had.
func event(before, now Reasons, newContainer bool, emit Emit) Event {
	switch {
	case now != 0 && (emit == EmitEveryTick || newContainer || isNews(before, now)):
		return Unhealthy
	case now == 0 && before != 0 && emit == EmitOnChange:
		return Recovered
	default:
		return NoEvent
	}
}

// isNews says whether some reason holds anew. A raised restart count is always news: the baseline moved.
func isNews(before, now Reasons) bool {
	return now.Has(RestartCountIncreased) || now&^before != 0
}
