package main

// publishingMutations break the publish protocol (P1 to P3).
var publishingMutations = []mutation{
	{
		"P1/a detection is published before it is journaled", "(*inspector).observe",
		`detection := &v1.PendingDetection{Index: i.stream.next, Observed: o}`,
		`detection := &v1.PendingDetection{Index: i.stream.next, Observed: o}
			if v.publish != "" {
				before := i.stream
				i.stream.addPending(o.GetObservedAt())
				i.publish(ctx, detection, nil)
				i.stream = before
			}`,
	},
	{
		"P1/a detection is not journaled", "(*inspector).observe",
		`if err := i.persist(&v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: o}}); err != nil { return err }`,
		`i.stream.apply(&v1.JournalEvent{Kind: &v1.JournalEvent_Observed{Observed: o}})`,
	},
	{
		"P1/the baseline is journaled without its detection", "(*inspector).observe",
		`detection := &v1.PendingDetection{Index: i.stream.next, Observed: o}`,
		`detection := &v1.PendingDetection{Index: i.stream.next, Observed: o}
			if o.Detection != nil {
				i.stream.addPending(o.GetObservedAt())
				o = withoutDetection(o)
			}`,
	},
	{
		"P1/an event is applied before it is journaled", "(*inspector).persist",
		`err := i.append(event); if err == nil { i.stream.apply(event)`,
		`i.stream.apply(event); err := i.append(event); if err == nil {`,
	},

	{
		"P2/the mark is written before the acknowledgement", "(*inspector).publish",
		`i.publishing = i.newRequest()`,
		`i.publishing = i.newRequest()
			if first != nil {
				_ = i.persist(&v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: i.stream.settle(&v1.Published{Through: first.GetIndex(), Settled: 1})}})
			}`,
	},
	{
		"P2/a failed publish counts as settled", "(*shared).deliver",
		`default: d.err = err; return false, false`, `default: d.err = err; return true, false`,
	},
	{
		"P2/a failed publish counts as acknowledged", "(*shared).deliver",
		`case err == nil: d.acked`, `case err == nil || !errors.Is(err, ErrTooLarge): d.acked`,
	},
	{
		"P2/events of a stream that is recovered are not published", "(*inspector).Receive",
		`i.publish(ctx, nil, i.stream.delivery.GetParked())`, ``,
	},
	{
		"P2/what came while the publisher worked stays until the next", "(*inspector).published",
		`i.publish(ctx, nil, nil); i.report`, `i.report`,
	},
	{
		"P2/a delivery is not marked", "(*inspector).published",
		`if msg.GetSettled() > 0 || len(msg.GetParked()) > 0 || msg.GetRetried() {`, `if false {`,
	},
	{
		"P2/the mark is one too far", "(*shared).carry",
		`d.through = e.GetIndex()`, `d.through = e.GetIndex() + 1`,
	},
	{
		"P2/the mark is one behind", "(*shared).carry",
		`d.through = e.GetIndex()`, `d.through = e.GetIndex() - 1`,
	},
	{
		"P2/two detections have one id", "(*inspector).detect",
		`EventID: i.newEventID()`, `EventID: i.gameID`,
	},
	{
		"P2/the headers' id is another one at each delivery", "(*shared).publishOne",
		`message.NewMessage(event.GetEventId(), event.GetValue())`,
		`message.NewMessage(s.newEventID(), event.GetValue())`,
	},
	{
		"P2/the headers' time is that of the delivery", "(*shared).publishOne",
		`o.GetObservedAt().AsTime())`, `s.Clock())`,
	},
	{
		"P2/the headers' trace is that of the delivery", "(*shared).publishOne",
		`event.GetTraceparent(), o.GetObservedAt()`, `traceparentOf(span.SpanContext()), o.GetObservedAt()`,
	},
	{
		"P2/a detection's trace is not journaled", "(*inspector).detect",
		`d.Traceparent = traceparentOf(span)`, `_ = span`,
	},
	{
		"P2/an event's time is that of the decision", "(*inspector).observe",
		`ObservedAt: timestamppb.New(answer.at)`, `ObservedAt: timestamppb.New(i.Clock().Add(1))`,
	},
	{
		"P2/the read back begins one too late", "(*shared).pendingOf",
		`return s.readBack(d.GetGameId(), d.through)`, `return s.readBack(d.GetGameId(), d.through+1)`,
	},
	{
		"P2/the read back begins one too early", "(*shared).pendingOf",
		`return s.readBack(d.GetGameId(), d.through)`, `return s.readBack(d.GetGameId(), d.through-1)`,
	},
	{
		"P2/after a page the rest is forgotten", "(*shared).carry",
		`d.oldest = e.GetObserved(); return`, `d.oldest = e.GetObserved(); d.settled++; return`,
	},

	{
		"P3/an answer to an earlier request settles", "(*inspector).published",
		`if msg.GetRequest() != i.publishing { return }`, ``,
	},
	{
		"P3/two events of a game are in flight at once", "(*inspector).publish",
		`if i.publishing != 0 || i.writes`, `if i.writes`,
	},
	{
		"P3/a failed event is skipped", "(*shared).carry",
		`if !accepted { return }; d.through`, `if !accepted { continue }; d.through`,
	},
	{
		"P3/the publisher forgets which games it has in hand", "(*publisher).take",
		`p.games[d.GetGameId()] = d`, ``,
	},
	{
		"P3/a game's newer request begins beside the older", "(*publisher).take",
		`old.newer = d; return`, `old.newer = d`,
	},
	{
		"P3/a game's newer request is forgotten", "(*publisher).answer",
		`if d.newer != nil { p.take(ctx, d.newer) }`, ``,
	},
}
