package rules

import "iter"

// Reasons is a set of reasons why a game counts as unhealthy. What the journal has may hold some of a later release, which stay
// in the set.
type Reasons uint32

// The reasons, each as a set of one. Reason n of the journal is bit n, and so they are in the order in which an event names
// them (H5).
const (
	// RestartCountIncreased says that the Engine's restart count is above the baseline (H2).
	RestartCountIncreased Reasons = 1 << (iota + 1)
	// NotRunning says that the state is other than exactly "running" (H3).
	NotRunning
	// HealthcheckUnhealthy says that the health check says exactly "unhealthy" (H4).
	HealthcheckUnhealthy
)

// Has says whether the set has any of the others.
func (r Reasons) Has(others Reasons) bool { return r&others != 0 }

// Each yields the reasons one by one, in the order in which an event names them (H5).
func (r Reasons) Each() iter.Seq[Reasons] {
	return func(yield func(Reasons) bool) {
		for rest := r; rest != 0; rest &= rest - 1 {
			if !yield(rest & -rest) {
				return
			}
		}
	}
}
