package actors

import (
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors/internal/rules"
)

// Emit says which observations publish (H6).
type Emit = rules.Emit

const (
	// EmitEveryTick publishes every observation that has a reason.
	EmitEveryTick = rules.EmitEveryTick
	// EmitOnChange publishes what changed, recoveries included.
	EmitOnChange = rules.EmitOnChange
)

// Config is what an operator sets. All durations are positive.
type Config struct {
	// Interval is the time between two ticks.
	Interval time.Duration
	// InspectTimeout bounds one inspect, the wait for its turn not included.
	InspectTimeout time.Duration
	// InspectConcurrency bounds the inspects under way for each Engine (S5); at least 1.
	InspectConcurrency int
	// ListTimeout bounds one reading of the running list (S1).
	ListTimeout time.Duration
	Emit        Emit
	// Topic is where events are published.
	Topic string
	// Source is the CloudEvents source of the events.
	Source string
	// Node is this node's name, as the API shows it; in a cluster it is unique.
	Node string
	// Lease is how long a node of a cluster that fell silent keeps its games.
	Lease time.Duration
}

// Ports are the node's connections to the world. All but Leases, Seen and Jitter are required.
type Ports struct {
	// RunningLists are the parts of the running list by the name of the Engine whose games each has; the empty name stands for
	// the list that has all games, and is then the only one. No part waits for another (S1).
	RunningLists map[string]RunningList
	// Engines by name. An entry of the running list that names another one is malformed (S6).
	Engines map[string]Engine
	Journal Journal
	Broker  Broker
	// Leases is nil for a node alone.
	Leases Leases
	// Seen is told of the members at each reading of the leases; nil means that nobody wants to know.
	Seen   func([]Member)
	Clock  Clock
	Log    *slog.Logger
	Meter  metric.MeterProvider
	Tracer trace.TracerProvider
	// Jitter returns numbers in [0, 1) that spread pauses; nil means random ones.
	Jitter func() float64
}

// GameStatus is what the node knows of one game on the running list, as /api/v1/games shows it.
type GameStatus struct {
	GameID      string `json:"game_id"`
	ContainerID string `json:"container_id"`
	Engine      string `json:"engine"`
	Node        string `json:"node"`
	// Baseline is the restart count that the lifecycle's last observation left behind, nil before the first.
	Baseline *int64 `json:"baseline"`
	State    string `json:"state"`
	Health   string `json:"health"`
	// Reasons of the last observation; empty, never nil.
	Reasons []string `json:"reasons"`
	// ObservedAt is the time of the last observation in UTC, nil before the first.
	ObservedAt *time.Time `json:"observed_at"`
	// LastError says why the last inspect brought no observation, empty when it brought one.
	LastError string `json:"last_error"`
	// EventsPending counts the game's detections that are not yet acknowledged.
	EventsPending int64 `json:"events_pending"`
}
