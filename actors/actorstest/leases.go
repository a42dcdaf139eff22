package actorstest

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"galaxy/healthactors/actors"
)

// leases are the rows of a cluster's members, by name. They belong to the journal, whose lock guards them, and whose clock
// decides which of them hold.
type leases map[string]*leaseRow

type leaseRow struct {
	member   actors.Member
	holder   *journalHandle
	renewals int
	expires  time.Time
}

// now is the database's clock; the caller holds the lock.
func (j *Journal) now() time.Time { return time.Now().Add(j.clockOff) }

// ClockOff lets the database's clock, by which leases run out, go wrong by that much; 0 puts it right.
func (j *Journal) ClockOff(d time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.timeline.fault("the database's clock", "is off by", j.clockOff, d)
	j.clockOff = d
}

// holds says whether this connection's node holds a lease.
func (j *Journal) holds(h *journalHandle) bool {
	for _, row := range j.leases {
		if row.holder == h {
			return row.expires.After(j.now())
		}
	}
	return false
}

// ExpireLease ends a node's lease, if it has one, at once and without a word to the node: its row is gone, as it is when the
// others believe that it ran out long ago.
func (j *Journal) ExpireLease(node string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.leases[node] != nil {
		delete(j.leases, node)
		j.timeline.spec("the lease of node %s runs out", node)
	}
}

// leaseHandle is the lease of one life of a node. A life that starts takes the lease of the one before it.
type leaseHandle struct {
	journal *journalHandle
	life    *life
	length  time.Duration
	engines []string
	taken   bool
	// session is the number of the session that it has; 0 means none.
	session int64
}

var _ actors.Leases = (*leaseHandle)(nil)

// pass lets time pass.
func pass(ctx context.Context, d int64) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(time.Duration(d)):
	case <-ctx.Done():
	}
	return ctx.Err()
}

// Connect implements actors.Leases.
func (h *leaseHandle) Connect(ctx context.Context) error {
	if p := h.life.process; h.session == 0 {
		session := p.sessions.Load() + 1
		if err := pass(ctx, p.slowSessions.Load()); err != nil {
			return err
		}
		if err := h.journal.enter(ctx, "", writes); err != nil {
			return err
		}
		h.journal.journal.mu.Unlock()
		h.session = session
	}
	return nil
}

// Renew implements actors.Leases.
func (h *leaseHandle) Renew(ctx context.Context, games int64) (members []actors.Member, err error) {
	p := h.life.process
	late := p.lateLeases.Load()
	err = pass(ctx, p.slowLeases.Load())
	if err == nil && h.session != p.sessions.Load()+1 {
		err = errCut
	}
	if err == nil {
		members, err = h.renew(ctx, games)
	}
	err = cmp.Or(pass(ctx, late), err)
	if err != nil {
		h.session = 0
	}
	return members, err
}

func (h *leaseHandle) renew(ctx context.Context, games int64) ([]actors.Member, error) {
	if err := h.journal.enter(ctx, "", writes); err != nil {
		return nil, err
	}
	j := h.journal.journal
	defer j.mu.Unlock()
	if j.leases == nil {
		j.leases = leases{}
	}
	now := j.now()
	row := j.leases[h.life.name]
	switch {
	case h.taken && row != nil && row.holder != h.journal:
		return nil, actors.ErrNameTaken
	case row == nil, row.holder != h.journal, !row.expires.After(now):
		member := actors.Member{Node: h.life.name, Engines: h.engines, Since: now, Length: h.length}
		if row == nil {
			row = &leaseRow{}
			j.leases[h.life.name] = row
		}
		row.holder, row.member = h.journal, member
	}
	h.taken = true
	row.renewals++
	row.expires, row.member.Games, row.member.Renewal = now.Add(h.length), games, strconv.Itoa(row.renewals)
	var members []actors.Member
	for _, r := range j.leases {
		m := r.member
		m.ExpiresIn = r.expires.Sub(now)
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b actors.Member) int { return cmp.Compare(a.Node, b.Node) })
	return members, nil
}

// Release implements actors.Leases.
func (h *leaseHandle) Release(ctx context.Context) error {
	if err := h.journal.enter(ctx, "", writes); err != nil {
		return err
	}
	defer h.journal.journal.mu.Unlock()
	if row := h.journal.journal.leases[h.life.name]; row != nil && row.holder == h.journal {
		delete(h.journal.journal.leases, h.life.name)
	}
	return nil
}
