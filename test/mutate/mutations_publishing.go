package main

// publishingMutations break the publish protocol (P1 to P3).
var publishingMutations = []mutation{
	{
		"P1/a detection is published before it is journaled", "(*inspector).observe",
		`detection := &stream.Pending{Index: i.state.Next, Observed: o}`,
		`detection := &stream.Pending{Index: i.state.Next, Observed: o}; if v.Publish != rules.NoEvent { before := i.state; i.state.Apply(o); i.publish(ctx, detection, nil); i.state = before }`,
	},
	{
		"P1/a detection is not journaled", "(*inspector).observe",
		`if err := i.persist(o); err != nil { return err }`, `i.state.Apply(o)`,
	},
	{
		"P1/the baseline is journaled without its detection", "(*inspector).observe",
		`detection := &stream.Pending{Index: i.state.Next, Observed: o}`,
		`detection := &stream.Pending{Index: i.state.Next, Observed: o}; if o.Detection != nil { i.state.Delivery.Pending++; bare := *o; bare.Detection = nil; o = &bare }`,
	},
	{
		"P1/an event is applied before it is journaled", "(*inspector).persist",
		`err := i.append(event); if err == nil { i.state.Apply(event)`,
		`i.state.Apply(event); err := i.append(event); if err == nil {`,
	},

	{
		"P2/the mark is written before the acknowledgement", "(*inspector).publish",
		`i.publishing = ask.ID`,
		`i.publishing = ask.ID
			if first != nil {
				before, mark := i.state.Delivery, i.state.Settle(stream.Settlement{Through: first.Index, Settled: 1})
				_ = i.persist(&mark)
				i.state.Delivery = before
			}`,
	},
	{
		"P2/a failed publish counts as settled", "(*shared).deliver",
		`default: l.Outcome.Err = err; return false, false`, `default: l.Outcome.Err = err; return true, false`,
	},
	{
		"P2/a failed publish counts as acknowledged", "(*shared).deliver",
		`case err == nil: l.Outcome.Acked`, `case err == nil || !errors.Is(err, ErrTooLarge): l.Outcome.Acked`,
	},
	{
		"P2/events of a stream that is recovered are not published", "(*inspector).Receive",
		`i.publish(ctx, nil, i.state.Delivery.Parked)`, ``,
	},
	{
		"P2/what came while the publisher worked stays until the next", "(*inspector).published",
		`i.publish(ctx, nil, nil); i.report`, `i.report`,
	},
	{
		"P2/a delivery is not marked", "(*inspector).payMark",
		`err = i.persist(&mark)`, `_ = mark`,
	},
	{
		"P2/the mark is one too far", "(*shared).carryPending",
		`p.Through = e.Index`, `p.Through = e.Index + 1`,
	},
	{
		"P2/the mark is one behind", "(*shared).carryPending",
		`p.Through = e.Index`, `if p.Through = e.Index - 1; p.Settled == d.Pending { return }`,
	},
	{
		"P2/an answer takes the mark back", "(*State).Settle",
		`max(a.Through, s.Delivery.Through)`, `a.Through`,
	},
	{
		"P2/two detections have one id", "(*inspector).detect",
		`EventID: i.newEventID()`, `EventID: i.gameID`,
	},
	{
		"P2/the headers' id is another one at each delivery", "(*shared).publishOne",
		`message.NewMessage(event.EventID, event.Value)`, `message.NewMessage(s.newEventID(), event.Value)`,
	},
	{
		"P2/the headers' time is that of the delivery", "(*shared).publishOne",
		`msg.Metadata = headersOf(gameID, o)`, `msg.Metadata = headersOf(gameID, o); msg.Metadata.Set("ce_time", s.Clock().String())`,
	},
	{
		"P2/the headers' trace is that of the delivery", "(*shared).publishOne",
		`msg.Metadata = headersOf(gameID, o)`,
		`msg.Metadata = headersOf(gameID, o); msg.Metadata.Set(traceParent, traceparentOf(span.SpanContext()))`,
	},
	{
		"P2/a detection's trace is not journaled", "(*inspector).detect",
		`d.Traceparent = traceparentOf(span)`, `_ = span`,
	},
	{
		"P2/an event's time is that of the decision", "(*inspector).observe",
		`At: stream.WallTime(answer.at)`, `At: stream.WallTime(i.Clock().Add(1))`,
	},
	{
		"P2/the read back begins one too late", "(*shared).pendingOf",
		`return s.readBack(d.Game, d.Progress.Through)`, `return s.readBack(d.Game, d.Progress.Through+1)`,
	},
	{
		"P2/the read back begins one too early", "(*shared).pendingOf",
		`return s.readBack(d.Game, d.Progress.Through)`,
		`page, err := s.readBack(d.Game, d.Progress.Through-1); return page[:min(len(page), int(d.Pending-d.Progress.Settled))], err`,
	},
	{
		"P2/after a page the rest is forgotten", "(*shared).carryPending",
		`p.OldestPendingAt = e.Observed.At; return`, `p.Settled = d.Pending; return`,
	},

	{
		"P3/an answer to an earlier request settles", "(*inspector).published",
		`if msg.Request != i.publishing { return }`, ``,
	},
	{
		"P3/two events of a game are in flight at once", "(*inspector).publish",
		`if i.publishing != 0 || i.writes`, `if i.writes`,
	},
	{
		"P3/a failed event is skipped", "(*shared).carryPending",
		`if !accepted { return }; p.Through`, `if !accepted { continue }; p.Through`,
	},
	{
		"P3/the publisher forgets which games it has in hand", "(*Outbox[E]).Take",
		`inHand != nil {`, `inHand != nil && inHand.request.ID == r.ID {`,
	},
	{
		"P3/a game's newer request begins beside the older", "(*Outbox[E]).Take",
		`inHand.newer = &r; return nil`, `inHand.newer = &r`,
	},
	{
		"P3/a game's newer request is forgotten", "(*Outbox[E]).Land",
		`if v.newer != nil { then.Wait = o.Take(*v.newer) }`, ``,
	},
	{
		"P3/a request that goes on begins anew", "(*Outbox[E]).Land",
		`v.progress = l.Progress`, `v.progress.Retry = l.Progress.Retry`,
	},
	{
		"P3/a request that goes on takes its first event along again", "(*visit[E]).delivery",
		`v.request.First = nil`, ``,
	},
	{
		"P3/a carrier's progress is its request's", "(*visit[E]).delivery",
		`slices.Clone(v.progress.Retry)`, `v.progress.Retry`,
	},
}
