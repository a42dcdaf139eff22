package actors

import (
	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// eventTypes has the type of the published event for each event that the rules call for.
var eventTypes = map[rules.Event]string{
	rules.Unhealthy: messages.InspectUnhealthy,
	rules.Recovered: messages.InspectRecovered,
}

// reasonWords has the words of the event for each reason.
var reasonWords = map[rules.Reasons]string{
	rules.RestartCountIncreased: messages.ReasonRestartCountIncreased,
	rules.NotRunning:            messages.ReasonNotRunning,
	rules.HealthcheckUnhealthy:  messages.ReasonHealthcheckUnhealthy,
}

// wordsOf returns the reasons in the words of the event; never nil.
func wordsOf(reasons rules.Reasons) []string {
	words := make([]string, 0, len(reasonWords))
	for reason := range reasons.Each() {
		words = append(words, reasonWords[reason])
	}
	return words
}

var reasonNames = map[v1.Reason]string{
	v1.Reason_REASON_RESTART_COUNT_INCREASED: messages.ReasonRestartCountIncreased,
	v1.Reason_REASON_NOT_RUNNING:             messages.ReasonNotRunning,
	v1.Reason_REASON_HEALTHCHECK_UNHEALTHY:   messages.ReasonHealthcheckUnhealthy,
}

func namesOf(reasons []v1.Reason) []string {
	names := make([]string, 0, len(reasons))
	for _, r := range reasons {
		names = append(names, reasonNames[r])
	}
	return names
}
