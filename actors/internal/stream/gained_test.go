package stream

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"galaxy/healthactors/actors/internal/rules"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// TestC6WhatWasGainedGoesOnBehindAnOlderRelease: whatever an older release made of the snapshot, what a state has gained is that of
// the events, and is forgotten rather than invented where they are gone.
func TestC6WhatWasGainedGoesOnBehindAnOlderRelease(t *testing.T) {
	sick := &LifecycleEnded{At: at(1), Reasons: rules.NotRunning}
	later := &LifecycleEnded{At: at(2), Reasons: rules.HealthcheckUnhealthy}
	left := &LifecycleEnded{At: at(3)}
	mark := &DeliveryMarked{Through: 4}
	// The snapshot is at index 70.
	gained := func(ended *LifecycleEnded, from int64, since ...Event) *SavedGained {
		return &SavedGained{Gained: Gained{Ended: ended}, From: from, Since: since}
	}
	tests := []struct {
		name     string
		gained   *SavedGained
		snapshot *LifecycleEnded
		want     *LifecycleEnded
	}{
		{"same index", gained(sick, 70), nil, sick},
		{"same index, nothing in force", gained(nil, 70), nil, nil},
		{"same index, and the snapshot has it too", gained(sick, 70), sick, sick},
		{"an older release rewrote the snapshot", gained(sick, 68, mark, &Claimed{}), nil, sick},
		{"an older release observed between", gained(sick, 68, mark, observed(5, true)), nil, nil},
		{"an older release ended the lifecycle between", gained(nil, 67, observed(5, true), later, mark), nil, later},
		{"a lifecycle came and ended between", gained(sick, 67, observed(5, true), mark, later), nil, later},
		{"the game left between", gained(sick, 69, left), nil, nil},
		{"a later release wrote between", gained(sick, 69, &Unknown{}), nil, sick},
		{"all events between are gone", gained(sick, 60), nil, nil},
		{"some events between are gone", gained(sick, 60, mark, mark), nil, nil},
		{"they are gone, and the older release knew it", gained(nil, 60), sick, sick},
		{"they are gone, and the older release knew of another", gained(sick, 60), later, later},
		{"nothing was gained, and the older release knew it", nil, sick, sick},
		{"nothing was gained", nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snapshot := &v1.Snapshot{LifecycleEnded: storedEnd(tt.snapshot)}
			r := ReadRecovery(snapshot, 70, []*v1.JournalEvent{Stored(mark)})
			r.Gained = tt.gained
			s := Recover(r)
			if d := cmp.Diff(tt.want, s.Ended); d != "" || s.Next != 71 || s.Delivery.Through != 4 {
				t.Errorf("state %+v, ended (-want +got):\n%s", s, d)
			}
		})
	}
}
