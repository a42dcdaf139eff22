package porttest

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// The events of the tests. n tells them apart.

func equalEvents(a, b *v1.JournalEvent) bool { return proto.Equal(a, b) }

func begins(n int64) *v1.JournalEvent {
	e := observes(n)
	e.GetObserved().BeginsLifecycle = true
	return e
}

func observes(n int64) *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: &v1.Observed{
		ContainerId: "c", Engine: "default", EngineContainerId: "c0ffee", RestartCount: n, State: "running",
		ObservedAt: timestamppb.New(time.Unix(1_700_000_000+n, 1)),
	}}}
}

func detects(n int64) *v1.JournalEvent {
	e := observes(n)
	e.GetObserved().Reasons = []v1.Reason{v1.Reason_REASON_RESTART_COUNT_INCREASED}
	e.GetObserved().Detection = &v1.Detection{
		EventId: fmt.Sprint("event-", n), EventType: "inspect_unhealthy", Source: "/healthactors", Value: []byte(`{"n":1}`),
		Traceparent: fmt.Sprintf("00-%032x-%016x-01", n+1, n+1),
	}
	return e
}

func ends() *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_LifecycleEnded{LifecycleEnded: &v1.LifecycleEnded{}}}
}

func marks(through int64) *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: &v1.DeliveryMarked{Through: through}}}
}

func closes() *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_StreamClosed{StreamClosed: &v1.StreamClosed{}}}
}

func snapshot(n int64) *v1.Snapshot {
	return &v1.Snapshot{Observed: observes(n).GetObserved(), Delivery: &v1.DeliveryMarked{Through: -1, Pending: n}}
}

func gained(n int64) *v1.GainedState {
	return &v1.GainedState{LifecycleEnded: &v1.LifecycleEnded{At: timestamppb.New(time.Unix(n, 0))}}
}
