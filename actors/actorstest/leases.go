package actorstest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"galaxy/healthactors/actors"
)

// leases are the rows of a cluster's members, by name. They belong to the journal, whose lock guards them, and whose clock,
// which is the world's, decides.
type leases map[string]*leaseRow

type leaseRow struct {
	member  actors.Member
	holder  *journalHandle
	expires time.Time
}

// holds says whether this connection's node holds a lease.
func (l leases) holds(h *journalHandle) bool {
	for _, row := range l {
		if row.holder == h {
			return row.expires.After(time.Now())
		}
	}
	return false
}

// ExpireLease ends a node's lease, if it has one, at once and without a word to the node, as a jump of the database's clock
// does.
func (j *Journal) ExpireLease(node string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if row := j.leases[node]; row != nil {
		row.expires = time.Now()
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
}

var _ actors.Leases = (*leaseHandle)(nil)

// Renew implements actors.Leases.
func (h *leaseHandle) Renew(ctx context.Context, games int64) ([]actors.Member, error) {
	pass := func(d int64) {
		if d == 0 {
			return
		}
		select {
		case <-time.After(time.Duration(d)):
		case <-ctx.Done():
		}
	}
	late := h.life.process.lateLeases.Load()
	pass(h.life.process.slowLeases.Load())
	members, err := h.renew(ctx, games)
	pass(late)
	if err == nil {
		err = ctx.Err()
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
	now := time.Now()
	row := j.leases[h.life.name]
	switch {
	case h.taken && row != nil && row.holder != h.journal:
		return nil, actors.ErrNameTaken
	case row == nil, row.holder != h.journal, !row.expires.After(now):
		row = &leaseRow{holder: h.journal, member: actors.Member{Node: h.life.name, Engines: h.engines, Since: now}}
		j.leases[h.life.name] = row
	}
	h.taken = true
	row.expires, row.member.Games = now.Add(h.length), games
	var members []actors.Member
	for _, r := range j.leases {
		if left := r.expires.Sub(now); left > 0 {
			m := r.member
			m.ExpiresIn = left
			members = append(members, m)
		}
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
