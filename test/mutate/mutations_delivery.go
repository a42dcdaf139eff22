package main

// deliveryMutations break what becomes of events that can't be published, and what is said of those that are (P4, P5).
var deliveryMutations = []mutation{
	{
		"P4/a publish that fails is tried again at once", "(*Outbox[E]).fail",
		`o.paused = true`, ``,
	},
	{
		"P4/a pause never ends", "(*Outbox[E]).Resume",
		`o.paused = false`, ``,
	},
	{
		"P4/the pauses do not grow", "(*Outbox[E]).fail",
		`if o.failures++; o.failures == 1 {`, `if o.failures = 1; true {`,
	},
	{
		"P4/the pauses stay long after a success", "(*Outbox[E]).succeed",
		`o.failures = 0`, ``,
	},
	{
		"P4/all events in flight try again together", "(*Outbox[E]).fail",
		`o.window = 1`, ``,
	},
	{
		"P4/the window stays at one after a failure", "(*Outbox[E]).succeed",
		`o.window = min(windowMost, o.window*2)`, `_ = o.window`,
	},
	{
		"P4/the window has no bound", "(*Outbox[E]).Next",
		`|| o.inFlight >= o.window {`, `{`,
	},
	{
		"P4/a landed delivery stays in flight", "(*Outbox[E]).Land",
		`o.inFlight--`, ``,
	},
	{
		"P4/each event that fails is logged", "(*Outbox[E]).fail",
		`if try != o.try || o.stopped { return nil }`, ``,
	},
	{
		"P4/a failed publish is logged once and never again", "(*Outbox[E]).Next",
		`v.standing.try = o.try`, `v.standing.try = 0`,
	},
	{
		"P4/a failed publish is not logged as an error", "(*publisher).pause",
		`p.Log.Error("publish failed, will try again"`, `p.Log.Info("publish failed, will try again"`,
	},
	{
		"P4/a try that failed is not counted", "(*publisher).pause",
		`p.metrics.publishFailed()`, ``,
	},
	{
		"P4/games that failed go before those that did not", "(*Outbox[E]).first",
		`{&o.alone, &o.fresh, &o.failed}`, `{&o.alone, &o.failed, &o.fresh}`,
	},
	{
		"P4/a game that failed counts as one that did not", "(*Outbox[E]).Land",
		`v.standing.failed = true`, ``,
	},
	{
		"P4/the first of many stays the first", "(*Outbox[E]).requeue",
		`o.failed.push(v)`, `o.failed = append(queue[E]{v}, o.failed...)`,
	},
	{
		"P4/an event that is too large is tried for ever", "(*shared).deliver",
		`case errors.Is(err, ErrTooLarge) && d.Alone:`, `case false:`,
	},
	{
		"P4/an event that is refused in a batch is parked", "(*shared).deliver",
		`case errors.Is(err, ErrTooLarge) && d.Alone:`, `case errors.Is(err, ErrTooLarge):`,
	},
	{
		"P4/what wants to be alone is not", "(*Outbox[E]).Next",
		`o.exclusive = v.standing.alone`, ``,
	},
	{
		"P4/what wants to be alone does not wait for the rest to land", "(*Outbox[E]).first",
		`if q == &o.alone && o.inFlight > 0 {`, `if false {`,
	},
	{
		"P4/after one that is alone nobody goes on", "(*Outbox[E]).Land",
		`o.exclusive = false`, ``,
	},
	{
		"P4/a parked event is not kept", "(*shared).deliver",
		`l.Progress.Parked = append(l.Progress.Parked, e.Index)`, ``,
	},
	{
		"P4/a parked event is not logged", "(*Outbox[E]).Land",
		`if l.Outcome.TooLarge != nil && v.standing.alone { then.Parked`,
		`if l.Outcome.TooLarge != nil && v.standing.alone && v.standing.failed { then.Parked`,
	},
	{
		"P4/a parked event counts as pending", "(*State).Settle",
		`Pending: s.Delivery.Pending - a.Settled,`, `Pending: s.Delivery.Pending - a.Settled + int64(len(a.Parked)),`,
	},
	{
		"P4/a parked event is not counted", "(*inspector).report",
		`parked: i.state.Delivery.ParkedCount(),`, ``,
	},
	{
		"P4/a parked event is not tried again at the next start", "(*inspector).Receive",
		`i.publish(ctx, nil, i.state.Delivery.Parked)`, `i.publish(ctx, nil, nil)`,
	},
	{
		"P4/parked events that were delivered stay parked", "(*State).Settle",
		`parked = unpark(parked, tried)`, `_ = tried`,
	},
	{
		"P4/an answer forgets what was parked before", "(*State).Settle",
		`for _, tried := range a.Tried { parked = unpark(parked, tried) }`, `parked = nil`,
	},
	{
		"P4/parked events are tried again in the same life", "(*Outbox[E]).Take",
		`r.Retry = unshown`, `_ = unshown`,
	},
	{
		"R7/parked events that the journal does not show are forgotten", "(*Progress).EndRange",
		`p.Unshown = append(p.Unshown, rest)`, `p.Tried = append(p.Tried, rest)`,
	},
	{
		"R7/parked events that the journal does not show wait for the next start", "(*inspector).countMisses",
		`i.writes.unshown = i.writes.unshown || len(msg.Unshown) > 0`, ``,
	},
	{
		"R7/of a range of parked events the rest is forgotten with the first", "unpark",
		`r.From == tried.From && r.To <= tried.To`, `r.From == tried.From`,
	},
	{
		"R7/nobody is told that parked events are not shown", "(*inspector).countMisses",
		`i.writes.trouble = "the journal does not show all parked events"`, ``,
	},
	{
		"P4/a range of parked events is tried from its second on", "(*shared).carryParked",
		`s.readBack(d.Game, r.From-1)`, `s.readBack(d.Game, r.From)`,
	},
	{
		"P4/a range of parked events ends one too early", "(*shared).carryParked",
		`if e.Index > r.To {`, `if e.Index >= r.To {`,
	},
	{
		"P4/a range of parked events has no end", "(*shared).carryParked",
		`if e.Index > r.To { break }`, ``,
	},
	{
		"P4/a parked event that was delivered is delivered again", "(*shared).carryParked",
		`l.Progress.Try(e.Index)`, `l.Progress.Try(e.Index - 1)`,
	},
	{
		"P4/of many parked ranges one is forgotten", "park",
		`Count: left.Count + right.Count`, `Count: left.Count`,
	},
	{
		"P4/parked ranges are not merged", "park",
		`if len(ranges) <= maxParkedRanges {`, `if true {`,
	},
	{
		"P4/parked ranges that are far apart are merged", "park",
		`ranges[i+1].From-ranges[i].To < ranges`, `ranges[i+1].From-ranges[i].To > ranges`,
	},
	{
		"P4/a publisher's panic ends the node", "(*shared).carry",
		`if p := recover(); p != nil { l.Outcome.Err`, `if p := any(nil); p != nil { l.Outcome.Err`,
	},
	{
		"P4/a broker that is gone for good does not end the node", "(*publisher).landed",
		`p.process.fail(l.Outcome.Err)`, ``,
	},
	{
		"P4/a first pause is as long as the second", "backoff.pause",
		`b.first<<max(0, failures-1)`, `b.first<<failures`,
	},
	{
		"P4/pauses have no bound", "backoff.pause",
		`min(b.most, b.first<<max(0, failures-1))`, `b.first << max(0, failures-1)`,
	},
	{
		"P4/a new detection forgets the parked ones", "(*State).addPending",
		`s.Delivery.Pending++`, `s.Delivery.Pending++; s.Delivery.Parked = nil`,
	},
	{
		"P4/a new detection forgets how far others are settled", "(*State).addPending",
		`s.Delivery.Pending++`, `s.Delivery.Pending++; s.Delivery.Through = -1`,
	},
	{
		"P4/the newest pending detection counts as the oldest", "(*State).addPending",
		`if s.Delivery.Pending == 0 { s.Delivery.OldestPendingAt = o.At }`, `s.Delivery.OldestPendingAt = o.At`,
	},
	{
		"P4/settled detections are pending since the first", "(*State).oldestAfter",
		`return s.Observed.At`, `return s.Delivery.OldestPendingAt`,
	},

	{
		"P5/events are counted before they are acknowledged", "(*shared).publishOne",
		`err := s.Broker.Publish(s.Topic, msg)`, `s.metrics.published(event.EventType); err := s.Broker.Publish(s.Topic, msg)`,
	},
	{
		"P5/acknowledged events are not counted", "(*shared).publishOne",
		`s.metrics.published(event.EventType)`, ``,
	},
	{
		"P5/ten in a tick are one line", "(*publishLog).flush",
		`case l.inTick > fewPerTick:`, `case l.inTick >= fewPerTick:`,
	},
	{
		"P5/many in a tick are the first ten only", "(*publishLog).flush",
		`case l.inTick > fewPerTick:`, `case false:`,
	},
	{
		"P5/the many of one tick count in the next", "(*publishLog).tick",
		`l.inTick = 0`, ``,
	},
	{
		"P5/an event is logged twice", "(*publishLog).flush",
		`*l = publishLog{inTick: l.inTick}`, `*l = publishLog{inTick: l.inTick, held: l.held}`,
	},
	{
		"P5/after a first line nothing is logged until the next tick", "(*publishLog).flush",
		`*l = publishLog{inTick: l.inTick}`, `*l = publishLog{inTick: l.inTick, waiting: true}`,
	},
	{
		"P5/what was published before a stop is not logged", "(*publisher).quit",
		`p.outbox.Stop(); p.log.flush(p.Log)`, `p.outbox.Stop()`,
	},
}
