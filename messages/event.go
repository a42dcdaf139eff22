// Package messages holds what healthactors says to the outside: the event that it publishes, and its CloudEvents headers.
// This file needs nothing but the standard library, so that consumers written in Go may copy it. The journaled events, and what
// the nodes of a cluster ask each other, are Protocol Buffers in healthactors/v1 below this package; asyncapi.yaml describes the
// topic.
package messages

import (
	"encoding/json"
	"fmt"
	"time"
)

// DefaultTopic is the Kafka topic that health events go to unless --topic names another.
const DefaultTopic = "runtime.health_events"

// The event types. Consumers ignore types that they don't know.
const (
	// InspectUnhealthy says that an observation had at least one reason.
	InspectUnhealthy = "inspect_unhealthy"
	// InspectRecovered says that an observation had no reason and the one before it had some (--emit=on-change only).
	InspectRecovered = "inspect_recovered"
)

// The reasons, in the order in which an event names them.
const (
	// ReasonRestartCountIncreased says that the Engine restarted the container since the last observation (H2).
	ReasonRestartCountIncreased = "restart_count_increased"
	// ReasonNotRunning says that the container's state was other than exactly "running" (H3).
	ReasonNotRunning = "not_running"
	// ReasonHealthcheckUnhealthy says that the container's health check said "unhealthy" (H4).
	ReasonHealthcheckUnhealthy = "healthcheck_unhealthy"
)

// HealthEvent is the JSON value of one message on the topic. All fields are always there, and fields are only ever
// added. The message's key is the game id.
type HealthEvent struct {
	// EventID is the same for every delivery of one detection, and different for two detections: consumers
	// deduplicate by it.
	EventID   string `json:"event_id"`
	EventType string `json:"event_type"`
	GameID    string `json:"game_id"`
	// ContainerID is the container as the running list names it.
	ContainerID string `json:"container_id"`
	// OccurredAt is the time of the observation, in UTC.
	OccurredAt time.Time `json:"occurred_at"`
	// Reasons is empty for InspectRecovered, never null.
	Reasons []string `json:"reasons"`
	Details Details  `json:"details"`
}

// Details is what the Engine said of the container.
type Details struct {
	// RestartCount counts the restarts by the container's restart policy.
	RestartCount int64 `json:"restart_count"`
	// State is the Engine's State.Status.
	State string `json:"state"`
	// Health is the Engine's State.Health.Status, empty where the container has no health check.
	Health string `json:"health"`
}

// Encode returns the event as the JSON value of its message. Equal events have equal bytes.
func (e HealthEvent) Encode() ([]byte, error) {
	e.OccurredAt = e.OccurredAt.UTC()
	if e.Reasons == nil {
		e.Reasons = []string{}
	}
	value, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode event %s of game %q: %w", e.EventID, e.GameID, err)
	}
	return value, nil
}

// Decode reads an event back from its JSON value. Fields that it doesn't know are ignored.
func Decode(value []byte) (HealthEvent, error) {
	var e HealthEvent
	if err := json.Unmarshal(value, &e); err != nil {
		return HealthEvent{}, fmt.Errorf("decode health event: %w", err)
	}
	return e, nil
}
