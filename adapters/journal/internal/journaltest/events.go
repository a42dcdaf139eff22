// Package journaltest is what the tests of the journals in SQLite and in Postgres share.
package journaltest

import (
	"fmt"
	"strings"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// Detection begins a lifecycle, too.
func Detection(n int64) *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: &v1.Observed{
		ContainerId: "b3f1", Engine: "default", EngineContainerId: strings.Repeat("b3f1", 16), RestartCount: n, State: "running",
		BeginsLifecycle: true,
		Detection: &v1.Detection{
			EventId: fmt.Sprint("event-", n), EventType: "inspect_unhealthy", Source: "/healthactors", Value: make([]byte, 200),
		},
	}}}
}

// Begins is the beginning of a lifecycle on an Engine.
func Begins(engine string) *v1.JournalEvent {
	e := Detection(0)
	e.GetObserved().BeginsLifecycle, e.GetObserved().Engine = true, engine
	return e
}

// Closed closes a stream.
func Closed() *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_StreamClosed{StreamClosed: &v1.StreamClosed{}}}
}

// ClaimOf is a node's claim.
func ClaimOf(node string) *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_Claimed{Claimed: &v1.Claimed{Node: node, Claimant: "life"}}}
}

// Marks neither opens a stream nor closes it.
func Marks() *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: &v1.DeliveryMarked{}}}
}
