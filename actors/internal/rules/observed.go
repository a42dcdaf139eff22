package rules

// Observation is one answer of an Engine's inspect. All fields but Health are always set.
type Observation struct {
	// ID is the container's full id, which tells a container from its successor of the same name (H8).
	ID string
	// RestartCount counts the restarts by the restart policy; the Engine resets it on a start by hand (H7).
	RestartCount int64
	// State is State.Status, in the Engine's words.
	State string
	// Health is State.Health.Status, empty where the container has no health check.
	Health string
}

// Observed is an observation that was judged: whose it was, and the reasons that held.
type Observed struct {
	Place
	Observation
	Reasons Reasons
}

// Memory is what a game's observations left behind.
type Memory struct {
	// Last is the last observation of the lifecycle, nil between two. Its restart count is the baseline.
	Last *Observed
	// Ended are the reasons with which the lifecycle before ended, when its container gave way to another (H8). They matter
	// between two lifecycles.
	Ended Reasons
}

// reasons are those of the game's previous observation, of whichever lifecycle.
func (m Memory) reasons() Reasons {
	if m.Last == nil {
		return m.Ended
	}
	return m.Last.Reasons
}

// IsAnother says whether a container is another one than was observed last, so that the lifecycle of that one is over (H8): the list
// has it in another place, or its Engine knows it by another id. id is empty as long as the Engine did not answer; then the
// list decides alone. Where nothing was observed there is nothing to be over.
func IsAnother(last *Observed, place Place, id string) bool {
	return last != nil && (last.Place != place || id != "" && last.ID != id)
}
