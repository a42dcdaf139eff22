package actors

import "time"

// observer says which of the leases that this node reads belong to members. It believes no clock but this process's
// monotonic one (C7): a lease ran out when the database says so and it could have by this clock, or when it was not seen
// renewed for its length.
type observer struct {
	// node is this node's name, and lease the length of its own lease.
	node  string
	lease time.Duration
	// began is when the last reading began.
	began time.Time
	seen  map[string]sighting
}

// sighting is the first reading of one renewal.
type sighting struct {
	renewal  string
	answered time.Time
	// holds is until when the lease holds at least, unless it is given up, whatever the database's clock says later.
	holds time.Time
}

// reading is one look at the leases. They were in the database at some time between its start and its answer.
type reading struct {
	began, answered time.Time
	leases          []Member
}

// marginOf is how long after the start of a renewal a node counts on its lease.
func marginOf(lease time.Duration) time.Duration { return lease * 9 / 10 }

// observe returns the members, and when a reading that begins then would first miss one that is not renewed meanwhile.
func (o *observer) observe(r reading) (members []Member, due time.Time) {
	if r.answered.Sub(o.began) > marginOf(o.lease) {
		o.seen = nil // this node did not read all the while, so it can't say how long others were silent
	}
	due = r.began.Add(o.lease)
	seen := make(map[string]sighting, len(r.leases))
	for _, m := range r.leases {
		if m.Node == o.node {
			members = append(members, m)
			continue
		}
		if m.Length <= 0 { // a node of the release before doesn't tell
			m.Length = o.lease
		}
		s := o.sight(r, m)
		seen[m.Node] = s
		if !s.silent(r, m.Length) && !s.ranOut(r, m.ExpiresIn) {
			members = append(members, m)
			due = earlier(due, earlier(s.maybeSilent(r, m.Length), s.maybeRanOut(r, m.ExpiresIn)))
		}
	}
	o.began, o.seen = r.began, seen
	return members, due
}

// sight returns the first reading of the renewal that a lease is at.
func (o *observer) sight(r reading, m Member) sighting {
	before, known := o.seen[m.Node]
	if known && before.renewal == m.Renewal {
		return before
	}
	s := sighting{m.Renewal, r.answered, r.began.Add(m.ExpiresIn)}
	if renewed := o.began.Add(m.Length); known && renewed.After(s.holds) {
		s.holds = renewed // it was renewed since the last reading, and the clock jumped right afterwards
	}
	return s
}

// silent says whether the lease was not seen renewed for its length. Its node stopped inspecting before this reading began,
// since it counts on a renewal for less than that (C3).
func (s sighting) silent(r reading, length time.Duration) bool {
	return r.answered.Sub(s.answered) >= length && r.began.Sub(s.answered) >= marginOf(length)
}

// maybeSilent is when a reading that takes as long as the last one would first call it silent.
func (s sighting) maybeSilent(r reading, length time.Duration) time.Time {
	return s.answered.Add(max(marginOf(length), length-r.answered.Sub(r.began)))
}

// ranOut says whether the lease ran out by the database's clock, which did not just jump past its end.
func (s sighting) ranOut(r reading, expiresIn time.Duration) bool {
	return expiresIn <= 0 && !r.answered.Before(s.holds)
}

// maybeRanOut is when a reading must begin to find, a moment later, that the lease has run out: it gets to the database as fast as
// the last one, which was answered there some time before the answer was here.
func (s sighting) maybeRanOut(r reading, expiresIn time.Duration) time.Time {
	if expiresIn <= 0 {
		return s.holds.Add(time.Millisecond)
	}
	return r.began.Add(expiresIn + time.Millisecond)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
