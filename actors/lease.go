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

// renewals is the number of renewals in one lease: how soon a change of membership is noticed, and how many may fail before
// the lease runs out.
const renewals = 6

// keepLease renews this node's lease for as long as it runs, and sends the supervisor the membership.
func (s *supervisor) keepLease(ctx actor.Context) {
	self := ctx.Self()
	k := &leaseKeeper{shared: s.shared, tell: func(v view) { s.system.Root.Send(self, v) }}
	s.work.Go(k.run)
}

// leaseKeeper renews the lease.
type leaseKeeper struct {
	*shared
	tell func(view)
	// lapse stops this node shortly before its lease runs out: the lease holds at least for its length from when the renewal
	// was sent. Safety doesn't rest on it, the journal's indexes do that; it keeps two nodes from inspecting one game.
	lapse   *time.Timer
	failing bool
}

func (k *leaseKeeper) run() {
	k.lapse = time.AfterFunc(k.margin(), func() { k.tell(view{readAt: time.Now()}) })
	defer k.lapse.Stop()
	for k.ctx.Err() == nil {
		members, err := k.renew()
		pause := k.Lease / renewals
		switch {
		case errors.Is(err, ErrNameTaken):
			k.fail(err)
			return
		case err != nil && k.ctx.Err() == nil:
			if !k.failing {
				k.Log.Warn("this node's lease can't be renewed, will try again", "error", err)
			}
			k.failing = true
		default:
			k.failing = false
			pause = min(pause, untilExpiry(members, k.Node))
		}
		select {
		case <-time.After(pause):
		case <-k.ctx.Done():
		}
	}
}

// margin is how long after the begin of a renewal this node counts on its lease.
func (k *leaseKeeper) margin() time.Duration { return k.Lease * 9 / 10 }

// renew renews once.
func (k *leaseKeeper) renew() ([]Member, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(k.ctx, k.Lease/2)
	defer cancel()
	members, err := k.Leases.Renew(ctx, k.onListCount.Load())
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(members, func(m Member) bool { return m.Node == k.Node }) {
		return nil, errors.New("the renewed lease is not among those that hold")
	}
	k.lapse.Reset(k.margin() - time.Since(began))
	k.tell(view{readAt: began, members: members})
	return members, nil
}

// untilExpiry is when the next lease of another member runs out unless it is renewed, a moment later: so a member that died
// is missed at once.
func untilExpiry(members []Member, node string) time.Duration {
	first := time.Duration(1<<63 - 1)
	for _, m := range members {
		if m.Node != node {
			first = min(first, m.ExpiresIn+time.Millisecond)
		}
	}
	return first
}

// releaseLease gives the lease up when nothing of this node writes any more.
func (s *shared) releaseLease() {
	if s.alone() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.Lease)
	defer cancel()
	if err := s.Leases.Release(ctx); err != nil {
		s.Log.Warn("the lease can't be given up; the others wait until it runs out", "error", err)
	}
}
