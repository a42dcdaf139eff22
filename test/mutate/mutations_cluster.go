package main

// clusterMutations break the shares, the leases, the claims and the hand-over (C1 to C5, C7 to C9).
var clusterMutations = []mutation{
	{
		"C1/the list is not kept for when a member dies", "(*supervisor).mine",
		`s.share.list, s.share.told = accepted, accepted`, `s.share.told = accepted`,
	},
	{
		"C1/the games on the list wait for the next tick when a member dies", "(*supervisor).reshare",
		`if s.pass != nil { s.pass.outstanding++`, `if s.pass != nil && len(s.share.list) < 0 { s.pass.outstanding++`,
	},
	{
		"C1/open streams are adopted at the start alone", "(*supervisor).reshare",
		`s.endPassWhenDone() }; s.adopt(ctx)`, `s.endPassWhenDone() }`,
	},
	{
		"C1/the list waits for the next tick when the lease holds again", "(*supervisor).viewed",
		`s.readListAnew(ctx)`, ``,
	},
	{
		"C1/what an owner of before opens late is not looked for", "(*supervisor).tick",
		`s.adoptLate(ctx)`, ``,
	},
	{
		"C1/a game's owner need not serve its engine", "owner",
		`if engine != "" && !slices.Contains(m.Engines, engine) {`, `if false {`,
	},
	{
		"C1/a game belongs to the first member that serves its engine", "owner",
		`best == "" || score > most`, `best == "" || score > most && false`,
	},
	{
		"C1/an engine that nobody serves is not warned of", "(*supervisor).mine",
		`if !s.share.view.serves(l.Place.Engine) {`, `if false {`,
	},

	{
		"C2/a stream is not claimed", "(*inspector).claim",
		`if !i.inCluster() || !i.state.Open`, `if true || !i.state.Open`,
	},
	{
		"C2/behind an event in doubt another owner's is taken for an own one", "(*State).Compare",
		`known+1 == int64(len(r.Events)) &&`, ``,
	},
	{
		"C2/a stream of which others made a snapshot is as it was", "(*State).Compare",
		`case known < 0: return OthersEvents, nil`, `case known < 0: return Nothing, nil`,
	},
	{
		"C2/an inspector that was released while it recovered claims all the same", "(*inspector).Receive",
		`released { return }`, `released { _ = released }`,
	},
	{
		"C2/a refused inspector is restarted like any that fails", "(*supervisor).HandleFailure",
		`if f.kind == fencedOff { s.stopFenced(ctx, g); return }`, ``,
	},
	{
		"C2/a refused inspector is spawned again as soon as it has stopped", "(*supervisor).terminated",
		`if _, fenced := s.share.fenced[g]; fenced { return }`,
		`if _, fenced := s.share.fenced[g]; fenced {
				g.phase, g.pause = failing, s.process.after(time.Millisecond, ctx.Self(), restartDue{g})
				return
			}`,
	},
	{
		"C2/a refused inspector goes by any reading of the members", "(*supervisor).endFences",
		`!v.readAt.After(at)`, `at.IsZero()`,
	},
	{
		"C2/a refused game waits for the next tick", "(*supervisor).endFences",
		`case g.standing == onList && g.due == nil:`, `case false:`,
	},
	{
		"C2/a refusal is not counted", "(*supervisor).stopFenced",
		`s.metrics.fenced()`, ``,
	},
	{
		"C2/a node whose lease holds again goes on with what it remembers", "(*supervisor).viewed",
		`s.recoverAll(ctx)`, ``,
	},

	{
		"C3/a node without a lease goes on inspecting", "(*supervisor).viewed",
		`s.suspend(ctx)`, ``,
	},
	{
		"C3/a node without a lease cuts off no inspect", "(*supervisor).suspend",
		`ctx.Send(g.pid, withdraw{})`, `_ = withdraw{}`,
	},
	{
		"C3/a node counts on its lease until somebody says otherwise", "(*leaseKeeper).run",
		`k.tell(view{readAt: time.Now()})`, `_ = view{}`,
	},
	{
		"C3/one renewal that fails ends the lease", "(*leaseKeeper).run",
		`case err != nil && k.process.ctx.Err() == nil:`,
		`case err != nil && k.process.ctx.Err() == nil: k.tell(view{readAt: time.Now()})`,
	},

	{
		"C4/each owner gives an event an id of its own", "(*shared).publishOne",
		`message.NewMessage(event.EventID, event.Value)`, `message.NewMessage(s.newEventID(), event.Value)`,
	},
	{
		"C4/a stale owner's event has the time of its delivery", "(*shared).publishOne",
		`msg.Metadata = headersOf(gameID, o)`, `msg.Metadata = headersOf(gameID, o); msg.Metadata.Set("ce_time", s.Clock().String())`,
	},

	{
		"C5/a node that stops keeps its lease until it runs out", "(*Node).stopOnce",
		`n.releaseLease()`, ``,
	},
	{
		"C5/a stop in a cluster waits for the backlog", "(*supervisor).keepsStopWaiting",
		`g.pending > 0 && !s.inCluster()`, `g.pending > 0`,
	},
	{
		"C5/a game that is another member's now is kept", "(*supervisor).reshare",
		`if !s.keeps(g) { s.release(ctx, g) } }; if s.pass`, `if false { s.release(ctx, g) } }; if s.pass`,
	},
	{
		"C5/a member that joins moves games between the others", "owner",
		`score := weight(gameID, m.Node)`, `score := weight(gameID, m.Node) * uint64(len(members))`,
	},

	{
		"C7/the database's clock alone says who is gone", "(*observer).observe",
		`!s.silent(r, m.Length) &&`, ``,
	},
	{
		"C7/a clock that jumps forth ends every lease", "sighting.ranOut",
		`expiresIn <= 0 && !r.answered.Before(s.holds)`, `expiresIn <= 0`,
	},
	{
		"C7/a clock that jumps forth ends the leases that were just renewed", "(*observer).sight",
		`known && renewed.After(s.holds)`, `known && renewed.IsZero()`,
	},
	{
		"C7/a member's silence counts although nobody listened", "(*observer).observe",
		`o.seen = nil`, `_ = o.seen`,
	},
	{
		"C7/each member's lease is as long as the own one", "(*observer).observe",
		`if m.Length <= 0 {`, `if m.Length >= 0 {`,
	},
	{
		"C7/a member is gone although it may still count on its lease", "sighting.silent",
		`&& r.began.Sub(s.answered) >= marginOf(length)`, ``,
	},
	{
		"C7/connecting must fit into a renewal's time", "(*leaseKeeper).renew",
		`if err := k.Leases.Connect(k.process.ctx); err != nil {`,
		`soon, end := context.WithTimeout(k.process.ctx, k.Lease/2); defer end(); if err := k.Leases.Connect(soon); err != nil {`,
	},
	{
		"C7/a renewal's answer must come in a fifth of the lease", "(*leaseKeeper).renew",
		`marginOf(k.Lease)/2`, `k.Lease/5`,
	},
	{
		"C7/a lease that can't be renewed is logged for the first reason alone", "(*trouble).warn",
		`reason == t.reason &&`, ``,
	},
	{
		"C7/a lease that can't be renewed is logged once for each reason", "(*trouble).warn",
		`&& now.Sub(t.said) < troubleRepeats`, ``,
	},
	{
		"C7/an own lease that ran out by the database's clock alone cuts off the inspects", "(*supervisor).recoverAll",
		`if g.request != 0 {`, `if g.request = 0; false {`,
	},

	{
		"C8/a refused opening is like any failure of the journal", "(*supervisor).explain",
		`(errors.Is(err, ErrConflict) || errors.Is(err, ErrNotMember))`, `errors.Is(err, ErrConflict)`,
	},
	{
		"C8/a refused opening is a write that is tried again", "(*inspector).persist",
		`errors.Is(err, ErrNotMember) || errors.Is`, `errors.Is`,
	},

	{
		"C9/a question in another's name is answered", "checkBatch",
		`sender.GetAddress() != from || from == self`, `from == self`,
	},
	{
		"C9/messages are passed on", "checkBatch",
		`if target.GetAddress() != self {`, `if false {`,
	},
	{
		"C9/a message is delivered to any actor", "checkBatch",
		`default: return fmt.Errorf("unexpected message %.100q", kind)`, `default:`,
	},
	{
		"C9/any member answers what another one was asked", "(*peers).answer",
		`!ok || asked != address`, `!ok || asked == ""`,
	},
	{
		"C9/a question is answered twice", "(*peers).answer",
		`delete(p.asked, future)`, ``,
	},
	{
		"C9/a member has any number of questions waiting", "(*peers).question",
		`ok && len(waiting) < maxWaiting`, `ok`,
	},
	{
		"C9/a stranger says as much as it likes", "(*seat).Read",
		`&& !s.members.Load()`, `&& false`,
	},
	{
		"C9/a message has any number of parts", "countingCodec.Unmarshal",
		`left < 0`, `left < -maxParts`,
	},
	{
		"C9/a member may say nothing for as long as it likes", "(*peers).watch",
		`time.AfterFunc(sendTimeout, cancel)`, `time.AfterFunc(2*sendTimeout, cancel)`,
	},
	{
		"C9/a member may take nothing for as long as it likes", "(*watchedStream).SendMsg",
		`time.AfterFunc(sendTimeout, s.cancel)`, `time.AfterFunc(2*sendTimeout, s.cancel)`,
	},
}
