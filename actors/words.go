package actors

import (
	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/messages"
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
