package actors

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// view is one reading of the membership. Without members this node can't know that its lease holds (C3).
type view struct {
	// readAt is when the reading began.
	readAt  time.Time
	members []Member
}

// renewals is the number of renewals in one lease where the database answers fast: how soon a change of membership is noticed,
// and how many may fail before the lease runs out.
const renewals = 6

// keepLease renews this node's lease for as long as it runs, and sends the supervisor the membership.
func (s *supervisor) keepLease(ctx actor.Context) {
	self := ctx.Self()
	k := &leaseKeeper{
		shared:   s.shared,
		observer: observer{node: s.Node, lease: s.Lease},
		tell:     func(v view) { s.process.send(self, v) },
	}
	s.process.work.Go(k.run)
}

// leaseKeeper renews the lease.
type leaseKeeper struct {
	*shared
	observer observer
	tell     func(view)
	// lapse stops this node shortly before its lease runs out: the lease holds at least for its length from when the renewal
	// was sent. Safety doesn't rest on it, the journal's indexes do that; it keeps two nodes from inspecting one game.
	lapse   *time.Timer
	trouble trouble
}

// run renews the lease at a fixed rate, from the start of one renewal to that of the next, and at once where an answer took
// longer, so that an answer may take up to a third of the lease (C7).
func (k *leaseKeeper) run() {
	k.lapse = time.AfterFunc(marginOf(k.Lease), func() { k.tell(view{readAt: time.Now()}) })
	defer k.lapse.Stop()
	for k.process.ctx.Err() == nil {
		began := time.Now()
		next := began.Add(k.Lease / renewals)
		due, err := k.renew()
		switch {
		case errors.Is(err, ErrNameTaken):
			k.process.fail(err)
			return
		case err != nil && k.process.ctx.Err() == nil:
			k.trouble.warn(k.Log, err)
		case err == nil:
			k.trouble.end(k.Log)
			next = earlier(next, due)
		}
		select {
		case <-time.After(time.Until(next)):
		case <-k.process.ctx.Done():
		}
	}
}

// renew renews once, and returns when a reading would first miss a member that is not renewed meanwhile. Connecting to the
// database is no part of the renewal's time.
func (k *leaseKeeper) renew() (due time.Time, err error) {
	if err := k.Leases.Connect(k.process.ctx); err != nil {
		return time.Time{}, err
	}
	r := reading{began: time.Now()}
	ctx, cancel := context.WithTimeout(k.process.ctx, marginOf(k.Lease)/2)
	defer cancel()
	r.leases, err = k.Leases.Renew(ctx, k.board.listed.Load())
	r.answered = time.Now()
	left := marginOf(k.Lease) - r.answered.Sub(r.began)
	switch {
	case err != nil:
		return time.Time{}, err
	case left <= 0: // this process stood still
		return time.Time{}, errors.New("the answer came when the lease had run out")
	case !slices.ContainsFunc(r.leases, func(m Member) bool { return m.Node == k.Node }):
		return time.Time{}, errors.New("the renewed lease is not among those in the database")
	}
	members, due := k.observer.observe(r)
	k.lapse.Reset(left)
	if k.Seen != nil {
		k.Seen(members)
	}
	k.tell(view{readAt: r.began, members: members})
	return due, nil
}

// releaseLease gives the lease up when nothing of this node writes any more.
func (s *shared) releaseLease() {
	if !s.inCluster() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.Lease)
	defer cancel()
	if err := s.Leases.Release(ctx); err != nil {
		s.Log.Warn("the lease can't be given up; the others wait until it runs out", "error", err)
	}
}
