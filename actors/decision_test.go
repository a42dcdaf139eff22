package actors

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors/internal/rules"
	"galaxy/healthactors/messages"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

const (
	restarted  = v1.Reason_REASON_RESTART_COUNT_INCREASED
	notRunning = v1.Reason_REASON_NOT_RUNNING
	unhealthy  = v1.Reason_REASON_HEALTHCHECK_UNHEALTHY
)

// TestDecide is the rule table of the contract: H1 to H8.
func TestDecide(t *testing.T) {
	on := func(container, engine string) rules.Place { return rules.Place{Container: container, Engine: engine} }
	place := on("c1", "default")
	baseline := func(count int64, reasons ...v1.Reason) *v1.Observed {
		return &v1.Observed{
			ContainerId: "c1", Engine: "default", EngineContainerId: "full-c1", RestartCount: count, State: "running", Reasons: reasons,
		}
	}
	seen := func(count int64, state, health string) Observation {
		return Observation{ID: "full-c1", RestartCount: count, State: state, Health: health}
	}
	reasons := func(r ...v1.Reason) []v1.Reason { return r }
	const unhealthyEvent, recoveredEvent = messages.InspectUnhealthy, messages.InspectRecovered

	tests := []struct {
		rule     string
		previous *v1.Observed
		place    rules.Place
		seen     Observation
		emit     Emit
		want     verdict
	}{
		{"H1 the first observation records the baseline", nil, place, seen(4, "running", ""), EmitEveryTick, verdict{true, nil, "", true}},
		{"H1 also when all is well and it never restarted", nil, place, seen(0, "running", ""), EmitEveryTick, verdict{true, nil, "", true}},
		{"H1 and can't report a restart, but H3 and H4", nil, place, seen(4, "exited", "unhealthy"), EmitEveryTick, verdict{true, reasons(notRunning, unhealthy), unhealthyEvent, true}},
		{"H2 above the baseline", baseline(4), place, seen(5, "running", ""), EmitEveryTick, verdict{false, reasons(restarted), unhealthyEvent, true}},
		{"H2 however large the step", baseline(0), place, seen(99, "running", ""), EmitEveryTick, verdict{false, reasons(restarted), unhealthyEvent, true}},
		{"H2 not at the baseline", baseline(4), place, seen(4, "running", ""), EmitEveryTick, verdict{false, nil, "", false}},
		{"H3 restarting", baseline(4), place, seen(4, "restarting", ""), EmitEveryTick, verdict{false, reasons(notRunning), unhealthyEvent, true}},
		{"H3 paused", baseline(4), place, seen(4, "paused", ""), EmitEveryTick, verdict{false, reasons(notRunning), unhealthyEvent, true}},
		{"H3 exactly running", baseline(4), place, seen(4, "Running", ""), EmitEveryTick, verdict{false, reasons(notRunning), unhealthyEvent, true}},
		{"H4 unhealthy", baseline(4), place, seen(4, "running", "unhealthy"), EmitEveryTick, verdict{false, reasons(unhealthy), unhealthyEvent, true}},
		{"H4 whatever the state", baseline(4), place, seen(4, "exited", "unhealthy"), EmitEveryTick, verdict{false, reasons(notRunning, unhealthy), unhealthyEvent, true}},
		{"H4 healthy", baseline(4), place, seen(4, "running", "healthy"), EmitEveryTick, verdict{false, nil, "", false}},
		{"H4 starting", baseline(4), place, seen(4, "running", "starting"), EmitEveryTick, verdict{false, nil, "", false}},
		{"H4 none", baseline(4), place, seen(4, "running", "none"), EmitEveryTick, verdict{false, nil, "", false}},
		{"H4 exactly unhealthy", baseline(4), place, seen(4, "running", "Unhealthy"), EmitEveryTick, verdict{false, nil, "", false}},
		{"H5 every reason in one event, in order", baseline(4), place, seen(5, "exited", "unhealthy"), EmitEveryTick, verdict{false, reasons(restarted, notRunning, unhealthy), unhealthyEvent, true}},
		{"H6 every tick again", baseline(4, notRunning), place, seen(4, "exited", ""), EmitEveryTick, verdict{false, reasons(notRunning), unhealthyEvent, true}},
		{"H6 every tick says nothing of a recovery, which is kept", baseline(4, notRunning), place, seen(4, "running", ""), EmitEveryTick, verdict{false, nil, "", true}},
		{"H6 on change: the same reason is no news", baseline(4, notRunning), place, seen(4, "exited", ""), EmitOnChange, verdict{false, reasons(notRunning), "", false}},
		{"H6 on change: a new reason is", baseline(4, notRunning), place, seen(4, "exited", "unhealthy"), EmitOnChange, verdict{false, reasons(notRunning, unhealthy), unhealthyEvent, true}},
		{"H6 on change: one reason fewer is not", baseline(4, notRunning, unhealthy), place, seen(4, "running", "unhealthy"), EmitOnChange, verdict{false, reasons(unhealthy), "", true}},
		{"H6 on change: H2 always is", baseline(4, restarted), place, seen(5, "running", ""), EmitOnChange, verdict{false, reasons(restarted), unhealthyEvent, true}},
		{"H6 on change: recovered from a state", baseline(4, notRunning), place, seen(4, "running", ""), EmitOnChange, verdict{false, nil, recoveredEvent, true}},
		{"H6 on change: recovered from a restart", baseline(4, restarted), place, seen(4, "running", ""), EmitOnChange, verdict{false, nil, recoveredEvent, true}},
		{"H6 on change: healthy still", baseline(4), place, seen(4, "running", ""), EmitOnChange, verdict{false, nil, "", false}},
		{"H6 on change: a healthy successor of a sick container is a recovery", baseline(4, notRunning), on("c2", "default"), seen(4, "running", ""), EmitOnChange, verdict{true, nil, recoveredEvent, true}},
		{"H6 on change: so is one that has another Id", baseline(4, notRunning), place, Observation{ID: "other", State: "running"}, EmitOnChange, verdict{true, nil, recoveredEvent, true}},
		{"H6 on change: a sick successor is news, with the same reasons too", baseline(4, notRunning), on("c2", "default"), seen(4, "exited", ""), EmitOnChange, verdict{true, reasons(notRunning), unhealthyEvent, true}},
		{"H6 on change: a healthy successor of a healthy container is not", baseline(4), on("c2", "default"), seen(4, "running", ""), EmitOnChange, verdict{true, nil, "", true}},
		{"H7 below the baseline lowers it", baseline(4), place, seen(0, "running", ""), EmitEveryTick, verdict{false, nil, "", true}},
		{"H8 another container in the list", baseline(4), on("c2", "default"), seen(9, "running", ""), EmitEveryTick, verdict{true, nil, "", true}},
		{"H8 another engine in the list", baseline(4), on("c1", "east"), seen(9, "running", ""), EmitEveryTick, verdict{true, nil, "", true}},
		{"H8 another Id in the answer", baseline(4), place, Observation{ID: "other", RestartCount: 9, State: "running"}, EmitEveryTick, verdict{true, nil, "", true}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got := decide(tt.previous, nil, tt.place, tt.seen, tt.emit)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(verdict{})); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

// Between two containers only the end of the lifecycle says what the old one had (H6, H8).
func TestDecideAfterTheEndOfALifecycle(t *testing.T) {
	sick := &v1.LifecycleEnded{Reasons: []v1.Reason{notRunning}}
	seen := func(state string) Observation { return Observation{ID: "full-c2", RestartCount: 4, State: state} }
	reasons := func(r ...v1.Reason) []v1.Reason { return r }

	tests := []struct {
		rule  string
		ended *v1.LifecycleEnded
		seen  Observation
		emit  Emit
		want  verdict
	}{
		{"H6 on change: healthy after a sick one", sick, seen("running"), EmitOnChange, verdict{true, nil, messages.InspectRecovered, true}},
		{"H6 on change: sick after a sick one", sick, seen("exited"), EmitOnChange, verdict{true, reasons(notRunning), messages.InspectUnhealthy, true}},
		{"H6 on change: healthy after a healthy one", &v1.LifecycleEnded{}, seen("running"), EmitOnChange, verdict{true, nil, "", true}},
		{"H6 on change: healthy, and never seen before", nil, seen("running"), EmitOnChange, verdict{true, nil, "", true}},
		{"H6 every tick says nothing of a recovery", sick, seen("running"), EmitEveryTick, verdict{true, nil, "", true}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got := decide(nil, tt.ended, rules.Place{Container: "c2", Engine: "default"}, tt.seen, tt.emit)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(verdict{})); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}
