package main

// deliveryMutations break what becomes of events that can't be published, and what is said of those that are (P4, P5).
var deliveryMutations = []mutation{
	{
		"P4/a publish that fails is tried again at once", "(*publisher).failedTry",
		`p.paused = p.after(ctx, pause, resume{})`, ``,
	},
	{
		"P4/a pause never ends", "(*publisher).Receive",
		`case resume: p.paused = nil`, `case resume:`,
	},
	{
		"P4/the pauses do not grow", "(*publisher).failedTry",
		`if p.failures++; p.failures == 1 {`, `if p.failures = 1; true {`,
	},
	{
		"P4/the pauses stay long after a success", "(*publisher).count",
		`p.failures = 0`, ``,
	},
	{
		"P4/all events in flight try again together", "(*publisher).failedTry",
		`p.window = 1`, ``,
	},
	{
		"P4/the window stays at one after a failure", "(*publisher).count",
		`p.window = min(publishWindow, p.window*2)`, `_ = p.window`,
	},
	{
		"P4/the window has no bound", "(*publisher).dispatch",
		`&& p.inFlight < p.window {`, `{`,
	},
	{
		"P4/a landed delivery stays in flight", "(*publisher).landed",
		`p.inFlight--`, ``,
	},
	{
		"P4/each event that fails is logged", "(*publisher).failedTry",
		`if d.try != p.try || p.stopped { return }`, ``,
	},
	{
		"P4/a failed publish is logged once and never again", "(*publisher).dispatch",
		`d.try = p.try`, `d.try = 0`,
	},
	{
		"P4/a failed publish is not logged as an error", "(*publisher).failedTry",
		`p.Log.Error("publish failed, will try again"`, `p.Log.Info("publish failed, will try again"`,
	},
	{
		"P4/a try that failed is not counted", "(*publisher).failedTry",
		`p.metrics.publishFailed()`, ``,
	},
	{
		"P4/games that failed go before those that did not", "(*publisher).next",
		`{&p.alone, &p.fresh, &p.failed}`, `{&p.alone, &p.failed, &p.fresh}`,
	},
	{
		"P4/a game that failed counts as one that did not", "(*publisher).landed",
		`d.failed = true`, ``,
	},
	{
		"P4/the first of many stays the first", "(*publisher).requeue",
		`p.failed.PushBack(d)`, `p.failed.PushFront(d)`,
	},
	{
		"P4/an event that is too large is tried for ever", "(*shared).deliver",
		`case errors.Is(err, ErrTooLarge) && d.alone:`, `case false:`,
	},
	{
		"P4/an event that is refused in a batch is parked", "(*shared).deliver",
		`case errors.Is(err, ErrTooLarge) && d.alone:`, `case errors.Is(err, ErrTooLarge):`,
	},
	{
		"P4/what wants to be alone is not", "(*publisher).dispatch",
		`p.exclusive = d.alone`, ``,
	},
	{
		"P4/what wants to be alone does not wait for the rest to land", "(*publisher).next",
		`if q == &p.alone && p.inFlight > 0 {`, `if false {`,
	},
	{
		"P4/after one that is alone nobody goes on", "(*publisher).landed",
		`p.exclusive = false`, ``,
	},
	{
		"P4/a parked event is not kept", "(*shared).deliver",
		`d.parked = append(d.parked, e.GetIndex())`, ``,
	},
	{
		"P4/a parked event is not logged", "(*publisher).count",
		`if d.tooLarge != nil && d.alone { p.parkedHere`, `if d.tooLarge != nil && d.alone && d.failed { p.parkedHere`,
	},
	{
		"P4/a parked event counts as pending", "(*stream).settle",
		`Pending: s.pending() - p.GetSettled(),`, `Pending: s.pending() - p.GetSettled() + int64(len(p.GetParked())),`,
	},
	{
		"P4/a parked event is not counted", "(*inspector).report",
		`r.EventsParked = i.stream.parked()`, ``,
	},
	{
		"P4/a parked event is not tried again at the next start", "(*inspector).Receive",
		`i.publish(ctx, nil, i.stream.delivery.GetParked())`, `i.publish(ctx, nil, nil)`,
	},
	{
		"P4/parked events that were delivered stay parked", "(*stream).settle",
		`if p.GetRetried() { parked = nil }`, ``,
	},
	{
		"P4/an answer forgets what was parked before", "(*stream).settle",
		`if p.GetRetried() { parked = nil }`, `parked = nil`,
	},
	{
		"P4/parked events are tried again in the same life", "(*publisher).take",
		`if p.parkedHere[d.GetGameId()] { d.retry, d.retried = nil, false }`, ``,
	},
	{
		"P4/a range of parked events is tried from its second on", "(*shared).carryParked",
		`s.readBack(d.GetGameId(), r.GetFrom()-1)`, `s.readBack(d.GetGameId(), r.GetFrom())`,
	},
	{
		"P4/a range of parked events ends one too early", "(*shared).carryParked",
		`if e.GetIndex() > r.GetTo() {`, `if e.GetIndex() >= r.GetTo() {`,
	},
	{
		"P4/a range of parked events has no end", "(*shared).carryParked",
		`if e.GetIndex() > r.GetTo() { break }`, ``,
	},
	{
		"P4/a parked event that was delivered is delivered again", "(*shared).carryParked",
		`r.From = e.GetIndex() + 1`, `r.From = e.GetIndex()`,
	},
	{
		"P4/of many parked ranges one is forgotten", "park",
		`Count: left.GetCount() + right.GetCount()`, `Count: left.GetCount()`,
	},
	{
		"P4/parked ranges are not merged", "park",
		`if len(ranges) <= maxParkedRanges {`, `if true {`,
	},
	{
		"P4/parked ranges that are far apart are merged", "park",
		`ranges[i+1].GetFrom()-ranges[i].GetTo() < ranges`, `ranges[i+1].GetFrom()-ranges[i].GetTo() > ranges`,
	},
	{
		"P4/a publisher's panic ends the node", "(*shared).carry",
		`if p := recover(); p != nil { d.err`, `if p := any(nil); p != nil { d.err`,
	},
	{
		"P4/a broker that is gone for good does not end the node", "(*publisher).failedTry",
		`p.fail(d.err)`, ``,
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
		"P4/a new detection forgets the parked ones", "(*stream).addPending",
		`Parked: s.delivery.GetParked(),`, ``,
	},
	{
		"P4/a new detection forgets how far others are settled", "(*stream).addPending",
		`Through: s.delivery.GetThrough(), Pending: s.pending() + 1`, `Through: -1, Pending: s.pending() + 1`,
	},
	{
		"P4/the newest pending detection counts as the oldest", "(*stream).addPending",
		`if s.pending() == 0 { oldest = at }`, `oldest = at`,
	},
	{
		"P4/settled detections are pending since the first", "(*stream).oldestAfter",
		`return s.observed.GetObservedAt()`, `return s.delivery.GetOldestPendingAt()`,
	},

	{
		"P5/events are counted before they are acknowledged", "(*shared).publishOne",
		`err := s.Broker.Publish(s.Topic, msg)`,
		`s.metrics.published(event.GetEventType()); err := s.Broker.Publish(s.Topic, msg)`,
	},
	{
		"P5/acknowledged events are not counted", "(*shared).publishOne",
		`s.metrics.published(event.GetEventType())`, ``,
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
		`p.stopped = true; p.log.flush(p.Log)`, `p.stopped = true`,
	},
}
