package rules

import "testing"

// TestDecide is the rule table of the contract: H1 to H8.
func TestDecide(t *testing.T) {
	on := func(container, engine string) Place { return Place{container, engine} }
	place := on("c1", "default")
	baseline := func(count int64, reasons ...Reasons) *Observed {
		o := &Observed{Place: place, Observation: Observation{ID: "full-c1", RestartCount: count, State: "running"}}
		for _, r := range reasons {
			o.Reasons |= r
		}
		return o
	}
	seen := func(count int64, state, health string) Observation {
		return Observation{ID: "full-c1", RestartCount: count, State: state, Health: health}
	}
	tests := []struct {
		rule  string
		last  *Observed
		place Place
		seen  Observation
		emit  Emit
		want  Verdict
	}{
		{"H1 the first observation records the baseline", nil, place, seen(4, "running", ""), EmitEveryTick, Verdict{true, 0, NoEvent, true}},
		{"H1 also when all is well and it never restarted", nil, place, seen(0, "running", ""), EmitEveryTick, Verdict{true, 0, NoEvent, true}},
		{"H1 and can't report a restart, but H3 and H4", nil, place, seen(4, "exited", "unhealthy"), EmitEveryTick, Verdict{true, NotRunning | HealthcheckUnhealthy, Unhealthy, true}},
		{"H2 above the baseline", baseline(4), place, seen(5, "running", ""), EmitEveryTick, Verdict{false, RestartCountIncreased, Unhealthy, true}},
		{"H2 however large the step", baseline(0), place, seen(99, "running", ""), EmitEveryTick, Verdict{false, RestartCountIncreased, Unhealthy, true}},
		{"H2 not at the baseline", baseline(4), place, seen(4, "running", ""), EmitEveryTick, Verdict{false, 0, NoEvent, false}},
		{"H3 restarting", baseline(4), place, seen(4, "restarting", ""), EmitEveryTick, Verdict{false, NotRunning, Unhealthy, true}},
		{"H3 paused", baseline(4), place, seen(4, "paused", ""), EmitEveryTick, Verdict{false, NotRunning, Unhealthy, true}},
		{"H3 exactly running", baseline(4), place, seen(4, "Running", ""), EmitEveryTick, Verdict{false, NotRunning, Unhealthy, true}},
		{"H4 unhealthy", baseline(4), place, seen(4, "running", "unhealthy"), EmitEveryTick, Verdict{false, HealthcheckUnhealthy, Unhealthy, true}},
		{"H4 whatever the state", baseline(4), place, seen(4, "exited", "unhealthy"), EmitEveryTick, Verdict{false, NotRunning | HealthcheckUnhealthy, Unhealthy, true}},
		{"H4 healthy", baseline(4), place, seen(4, "running", "healthy"), EmitEveryTick, Verdict{false, 0, NoEvent, false}},
		{"H4 starting", baseline(4), place, seen(4, "running", "starting"), EmitEveryTick, Verdict{false, 0, NoEvent, false}},
		{"H4 none", baseline(4), place, seen(4, "running", "none"), EmitEveryTick, Verdict{false, 0, NoEvent, false}},
		{"H4 exactly unhealthy", baseline(4), place, seen(4, "running", "Unhealthy"), EmitEveryTick, Verdict{false, 0, NoEvent, false}},
		{"H5 every reason in one event, in order", baseline(4), place, seen(5, "exited", "unhealthy"), EmitEveryTick, Verdict{false, RestartCountIncreased | NotRunning | HealthcheckUnhealthy, Unhealthy, true}},
		{"H6 every tick again", baseline(4, NotRunning), place, seen(4, "exited", ""), EmitEveryTick, Verdict{false, NotRunning, Unhealthy, true}},
		{"H6 every tick says nothing of a recovery, which is kept", baseline(4, NotRunning), place, seen(4, "running", ""), EmitEveryTick, Verdict{false, 0, NoEvent, true}},
		{"H6 on change: the same reason is no news", baseline(4, NotRunning), place, seen(4, "exited", ""), EmitOnChange, Verdict{false, NotRunning, NoEvent, false}},
		{"H6 on change: a new reason is", baseline(4, NotRunning), place, seen(4, "exited", "unhealthy"), EmitOnChange, Verdict{false, NotRunning | HealthcheckUnhealthy, Unhealthy, true}},
		{"H6 on change: one reason fewer is not", baseline(4, NotRunning, HealthcheckUnhealthy), place, seen(4, "running", "unhealthy"), EmitOnChange, Verdict{false, HealthcheckUnhealthy, NoEvent, true}},
		{"H6 on change: H2 always is", baseline(4, RestartCountIncreased), place, seen(5, "running", ""), EmitOnChange, Verdict{false, RestartCountIncreased, Unhealthy, true}},
		{"H6 on change: recovered from a state", baseline(4, NotRunning), place, seen(4, "running", ""), EmitOnChange, Verdict{false, 0, Recovered, true}},
		{"H6 on change: recovered from a restart", baseline(4, RestartCountIncreased), place, seen(4, "running", ""), EmitOnChange, Verdict{false, 0, Recovered, true}},
		{"H6 on change: healthy still", baseline(4), place, seen(4, "running", ""), EmitOnChange, Verdict{false, 0, NoEvent, false}},
		{"H6 on change: a healthy successor of a sick container is a recovery", baseline(4, NotRunning), on("c2", "default"), seen(4, "running", ""), EmitOnChange, Verdict{true, 0, Recovered, true}},
		{"H6 on change: so is one that has another Id", baseline(4, NotRunning), place, Observation{ID: "other", State: "running"}, EmitOnChange, Verdict{true, 0, Recovered, true}},
		{"H6 on change: a sick successor is news, with the same reasons too", baseline(4, NotRunning), on("c2", "default"), seen(4, "exited", ""), EmitOnChange, Verdict{true, NotRunning, Unhealthy, true}},
		{"H6 on change: a healthy successor of a healthy container is not", baseline(4), on("c2", "default"), seen(4, "running", ""), EmitOnChange, Verdict{true, 0, NoEvent, true}},
		{"H7 below the baseline lowers it", baseline(4), place, seen(0, "running", ""), EmitEveryTick, Verdict{false, 0, NoEvent, true}},
		{"H8 another container in the list", baseline(4), on("c2", "default"), seen(9, "running", ""), EmitEveryTick, Verdict{true, 0, NoEvent, true}},
		{"H8 another engine in the list", baseline(4), on("c1", "east"), seen(9, "running", ""), EmitEveryTick, Verdict{true, 0, NoEvent, true}},
		{"H8 another Id in the answer", baseline(4), place, Observation{ID: "other", RestartCount: 9, State: "running"}, EmitEveryTick, Verdict{true, 0, NoEvent, true}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got := Decide(Memory{Last: tt.last}, tt.place, tt.seen, tt.emit)
			if got != tt.want {
				t.Errorf("verdict: %+v, want %+v", got, tt.want)
			}
		})
	}
}

// Between two containers only the end of the lifecycle says what the old one had (H6, H8).
func TestDecideAfterTheEndOfALifecycle(t *testing.T) {
	seen := func(state string) Observation { return Observation{ID: "full-c2", RestartCount: 4, State: state} }
	tests := []struct {
		rule  string
		ended Reasons
		seen  Observation
		emit  Emit
		want  Verdict
	}{
		{"H6 on change: healthy after a sick one", NotRunning, seen("running"), EmitOnChange, Verdict{true, 0, Recovered, true}},
		{"H6 on change: sick after a sick one", NotRunning, seen("exited"), EmitOnChange, Verdict{true, NotRunning, Unhealthy, true}},
		{"H6 on change: healthy after a healthy one, or never seen before", 0, seen("running"), EmitOnChange, Verdict{true, 0, NoEvent, true}},
		{"H6 every tick says nothing of a recovery", NotRunning, seen("running"), EmitEveryTick, Verdict{true, 0, NoEvent, true}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got := Decide(Memory{Ended: tt.ended}, Place{"c2", "default"}, tt.seen, tt.emit)
			if got != tt.want {
				t.Errorf("verdict: %+v, want %+v", got, tt.want)
			}
		})
	}
}
