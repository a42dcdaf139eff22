package main

// storedMutations break what the journal's entries mean to other releases, and what of them survives on the way between what
// is stored and the values that the node works with (C6).
var storedMutations = []mutation{
	{
		"C6/an event of the next release's type is never settled", "(*metrics).published",
		`if !known {`, `if known && false {`,
	},
	{
		"C6/a stored observation loses its container", "storedObserved",
		`ContainerId: o.Container,`, ``,
	},
	{
		"C6/a stored observation loses the container's own id", "storedObserved",
		`EngineContainerId: o.ID,`, ``,
	},
	{
		"C6/a stored observation loses that it begins a lifecycle", "storedObserved",
		`BeginsLifecycle: o.BeginsLifecycle,`, ``,
	},
	{
		"C6/a stored detection loses its trace", "storedDetection",
		`, Traceparent: d.Traceparent`, ``,
	},
	{
		"C6/an observation is read without its engine", "readObserved",
		`, Engine: stored.GetEngine()`, ``,
	},
	{
		"C6/an observation is read without its health", "readObserved",
		`Health: stored.GetHealth(),`, ``,
	},
	{
		"C6/an observation is read without its time", "readObserved",
		`At: readTime(stored.GetObservedAt()),`, ``,
	},
	{
		"C6/a detection is read without its source", "readDetection",
		`Source: stored.GetSource(),`, ``,
	},
	{
		"C6/the end of a lifecycle is stored without its reasons", "storedEnd",
		`, Reasons: storedReasons(e.Reasons)`, ``,
	},
	{
		"C6/the end of a lifecycle is read without its reasons", "readEnd",
		`, Reasons: readReasons(stored.GetReasons())`, ``,
	},
	{
		"C6/a mark is stored without since when events are pending", "storedMark",
		`, OldestPendingAt: storedTime(m.OldestPendingAt)`, ``,
	},
	{
		"C6/a mark is read without what is parked", "readMark",
		`m.Parked = append(m.Parked, ParkedRange{From: r.GetFrom(), To: r.GetTo(), Count: r.GetCount()})`, `_ = r`,
	},
	{
		"C6/a parked range is read without its count", "readMark",
		`, Count: r.GetCount()`, ``,
	},
	{
		"C6/a claim is read without its claimant", "Read",
		`, Claimant: kind.Claimed.GetClaimant()`, ``,
	},
	{
		"C6/a snapshot is stored without the end of the lifecycle before", "StoredSnapshot",
		`, LifecycleEnded: ended}, &v1`, `}, &v1`,
	},
	{
		"C6/a snapshot without a mark has its first event settled", "ReadRecovery",
		`Delivery: DeliveryMarked{Through: -1},`, ``,
	},
	{
		"C6/a time that is none is stored as one", "storedTime",
		`if t.IsZero() {`, `if false {`,
	},
	{
		"C6/a time that was not stored is read as one", "readTime",
		`if stored == nil {`, `if false {`,
	},
	{
		"C6/an event of a kind of a later release has no index", "(*State).Apply",
		`case *Unknown:`, `case *Unknown: return`,
	},
	{
		"C6/a reason of a later release is forgotten", "readReasons",
		`if reason > 0 {`, `if reason > 0 && reason < 4 {`,
	},
	{
		"C6/reasons are stored under other numbers", "storedReasons",
		`bits.TrailingZeros32(uint32(reason))`, `bits.Len32(uint32(reason))`,
	},
}
