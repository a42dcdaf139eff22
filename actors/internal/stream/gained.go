package stream

// Gained is what a game's state has gained since the first release. The journal keeps it beside the snapshots, where nodes of older
// releases, which rewrite those, neither know nor erase it (C6).
type Gained struct {
	// Ended says how the lifecycle before ended, until the next one's first observation. It is nil where nothing of it matters
	// any more: the game left the list, or its old container had no reasons (H6, H8).
	Ended *LifecycleEnded
}

// SavedGained is what was gained before the event at index From.
type SavedGained struct {
	Gained Gained
	From   int64
	// Since are the events from there on up to the recovery's snapshot, which an older release has saved since. They break off
	// where the journal has one no longer.
	Since []Event
}

// at returns what was gained before the event at an index. Where events on the way are gone, each field has its own rule; that
// of Ended is what the snapshot there says, whose release may have known it, since a recovery that never was must not be published.
func (g *SavedGained) at(index int64, snapshot Gained) Gained {
	if g.From+int64(len(g.Since)) != index {
		return Gained{Ended: snapshot.Ended}
	}
	gained := g.Gained
	for _, event := range g.Since {
		gained.apply(event)
	}
	return gained
}

// apply takes an event into what was gained, which needs nothing else of the state.
func (g *Gained) apply(event Event) {
	switch e := event.(type) {
	case *Observed:
		g.Ended = nil
	case *LifecycleEnded:
		g.Ended = nil
		if e.Reasons != 0 {
			g.Ended = e
		}
	case *DeliveryMarked, *Closed, *Claimed, *Unknown:
	}
}
