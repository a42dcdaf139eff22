package actors

import (
	"slices"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// verdict is what one observation means.
type verdict struct {
	// beginsLifecycle: there is no baseline to compare with (H1, H8).
	beginsLifecycle bool
	// reasons that hold, in the order H2, H3, H4 (H5).
	reasons []v1.Reason
	// publish is the type of the one event to publish, empty for none (H5, H6).
	publish string
	// changed: the observation must be journaled; one that changes nothing is not.
	changed bool
}

// decide applies the rules H1–H8 to an observation. previous is what the lifecycle's last observation left behind, nil
// between lifecycles, where ended says how the last one ended. The restart count of previous is the baseline; the new baseline
// is always the observation's count (H1, H2, H7).
func decide(previous *v1.Observed, ended *v1.LifecycleEnded, place rules.Place, seen Observation, emit Emit) verdict {
	v := verdict{beginsLifecycle: previous == nil ||
		previous.GetContainerId() != place.Container ||
		previous.GetEngine() != place.Engine ||
		previous.GetEngineContainerId() != seen.ID}

	before := previous.GetReasons()
	if previous == nil {
		before = ended.GetReasons()
	}
	if !v.beginsLifecycle && seen.RestartCount > previous.GetRestartCount() {
		v.reasons = append(v.reasons, v1.Reason_REASON_RESTART_COUNT_INCREASED)
	}
	if seen.State != "running" {
		v.reasons = append(v.reasons, v1.Reason_REASON_NOT_RUNNING)
	}
	if seen.Health == "unhealthy" {
		v.reasons = append(v.reasons, v1.Reason_REASON_HEALTHCHECK_UNHEALTHY)
	}

	v.publish = eventType(before, v.reasons, v.beginsLifecycle, emit)
	v.changed = v.beginsLifecycle || v.publish != "" ||
		seen.RestartCount != previous.GetRestartCount() || !slices.Equal(before, v.reasons)
	return v
}

// eventType applies H6: which event the reasons call for, given those of the game's previous observation. Of a new container
// all reasons are news; that it has none ends what the old one had.
func eventType(before, now []v1.Reason, newContainer bool, emit Emit) string {
	switch {
	case len(now) > 0 && (emit == EmitEveryTick || newContainer || isNews(before, now)):
		return messages.InspectUnhealthy
	case len(now) == 0 && len(before) > 0 && emit == EmitOnChange:
		return messages.InspectRecovered
	default:
		return ""
	}
}

// isNews says whether some reason holds anew. A raised restart count is always news: the baseline moved.
func isNews(before, now []v1.Reason) bool {
	return slices.ContainsFunc(now, func(r v1.Reason) bool {
		return r == v1.Reason_REASON_RESTART_COUNT_INCREASED || !slices.Contains(before, r)
	})
}

// reasonNames has the words of the event for each reason.
var reasonNames = map[v1.Reason]string{
	v1.Reason_REASON_RESTART_COUNT_INCREASED: messages.ReasonRestartCountIncreased,
	v1.Reason_REASON_NOT_RUNNING:             messages.ReasonNotRunning,
	v1.Reason_REASON_HEALTHCHECK_UNHEALTHY:   messages.ReasonHealthcheckUnhealthy,
}

// namesOf returns the reasons in the words of the event; never nil.
func namesOf(reasons []v1.Reason) []string {
	names := make([]string, 0, len(reasons))
	for _, r := range reasons {
		names = append(names, reasonNames[r])
	}
	return names
}
