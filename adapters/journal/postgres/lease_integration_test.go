//go:build integration

package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

func lease(t *testing.T, j *Journal, node string, length time.Duration) *Lease {
	t.Helper()
	l, err := j.Lease(t.Context(), leaseOf(node, length))
	must(t, err)
	t.Cleanup(func() { must(t, l.Release(context.WithoutCancel(t.Context()))) })
	return l
}

func leaseOf(node string, length time.Duration) LeaseConfig {
	return LeaseConfig{Node: node, Address: node + ":1", Engines: []string{"default", "east"}, Length: length}
}

// C2: a claim takes a stream from its owner, and only a node whose lease holds can claim.
func TestRealClaim(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	a, b := start(t, member(u, "x")), start(t, member(u, "x"))
	lease(t, a, "a", time.Hour)
	lb := lease(t, b, "b", time.Hour)
	must(t, a.Append(t.Context(), "game", 0, journaltest.Detection(0)))

	for node, j := range map[string]*Journal{"a": b, "b": a, "c": b} {
		if err := j.Append(t.Context(), "game", 1, journaltest.ClaimOf(node)); !errors.Is(err, actors.ErrNotMember) {
			t.Errorf("a claim in the name of %s, which is another process's: %v", node, err)
		}
	}
	must(t, b.Append(t.Context(), "game", 1, journaltest.ClaimOf("b")))
	if err := a.Append(t.Context(), "game", 1, journaltest.Detection(1)); !errors.Is(err, actors.ErrConflict) {
		t.Errorf("the old owner's append: %v", err)
	}
	if err := a.Append(t.Context(), "game", 1, journaltest.ClaimOf("a")); !errors.Is(err, actors.ErrConflict) {
		t.Errorf("a claim of another index than the next: %v", err)
	}
	journaltest.WantOpen(t, a, "game")

	journaltest.Run(t, db, `UPDATE cluster_leases SET expires_at = clock_timestamp() WHERE node = 'b'`)
	results := inOneBatch(t, b, map[string]appended{
		"game": {2, journaltest.ClaimOf("b")}, "neighbour": {0, journaltest.Marks()}, "other": {0, journaltest.ClaimOf("b")},
	})
	for game, want := range map[string]error{"game": actors.ErrNotMember, "neighbour": nil, "other": actors.ErrNotMember} {
		if err := results[game]; !errors.Is(err, want) {
			t.Errorf("%s in a batch without a lease: %v, want %v", game, err, want)
		}
	}
	if _, err := lb.Renew(t.Context(), 0); err != nil {
		t.Errorf("a lease that ran out: %v", err)
	}
	must(t, b.Append(t.Context(), "game", 2, journaltest.ClaimOf("b")))
}

// appended is what inOneBatch appends to a stream.
type appended struct {
	index int64
	event *v1.JournalEvent
}

// inOneBatch has appends committed in one batch, and says what came of each.
func inOneBatch(t *testing.T, j *Journal, events map[string]appended) map[string]error {
	t.Helper()
	var batch []*sqljournal.Write
	for game, e := range events {
		w, err := sqljournal.EventWrite(game, e.index, e.event, time.Now())
		must(t, err)
		batch = append(batch, w)
	}
	must(t, j.InTurn(func() error { return j.db.Store(batch) }))
	results := make(map[string]error)
	for _, w := range batch {
		results[w.Stream] = w.Refused
	}
	return results
}

// C8: what opens a stream that is not open counts like a claim.
func TestRealOpening(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	a, b := start(t, member(u, "x")), start(t, member(u, "x"))
	lease(t, a, "a", time.Hour)
	lease(t, b, "b", time.Hour)
	must(t, a.Append(t.Context(), "open", 0, journaltest.Begins("east")))
	must(t, a.Append(t.Context(), "closed", 0, journaltest.Begins("east")))
	must(t, a.Append(t.Context(), "closed", 1, journaltest.Closed()))

	journaltest.Run(t, db, `UPDATE cluster_leases SET expires_at = clock_timestamp() WHERE node = 'a'`)
	results := inOneBatch(t, a, map[string]appended{
		"new": {0, journaltest.Begins("east")}, "closed": {2, journaltest.Begins("east")}, "open": {1, journaltest.Begins("west")}, "other": {0, journaltest.Marks()},
	})
	for game, want := range map[string]error{
		"new": actors.ErrNotMember, "closed": actors.ErrNotMember, "open": nil, "other": nil,
	} {
		if err := results[game]; !errors.Is(err, want) {
			t.Errorf("%s in a batch without a lease: %v, want %v", game, err, want)
		}
	}
	if err := a.Append(t.Context(), "open", 1, journaltest.Begins("east")); !errors.Is(err, actors.ErrConflict) {
		t.Errorf("a stream that is open, at another index than the next: %v", err)
	}
	journaltest.WantEngines(t, b, "open:west")
	must(t, b.Append(t.Context(), "new", 0, journaltest.Begins("west")))
	must(t, b.Append(t.Context(), "closed", 2, journaltest.Begins("west")))
	journaltest.WantEngines(t, b, "closed:west", "new:west", "open:west")
}

// C8 is a cluster's: a node alone has no lease, and opens what it likes.
func TestRealOpeningWithoutCluster(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	j := start(t, config(u))
	must(t, j.Append(t.Context(), "game", 0, journaltest.Begins("east")))
	journaltest.WantEngines(t, j, "game:east")
}

// A node alone has no lease, so it claims nothing.
func TestRealClaimWithoutCluster(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	j := start(t, config(u))
	if err := j.Append(t.Context(), "game", 0, journaltest.ClaimOf("a")); !errors.Is(err, actors.ErrNotMember) {
		t.Errorf("a claim of a single node: %v", err)
	}
	if _, err := j.Lease(t.Context(), leaseOf("a", time.Hour)); err == nil {
		t.Error("a single node has a lease")
	}
}

func members(t *testing.T, l *Lease, games int64) map[string]actors.Member {
	t.Helper()
	all, err := l.Renew(t.Context(), games)
	must(t, err)
	byName := make(map[string]actors.Member)
	for _, m := range all {
		byName[m.Node] = m
	}
	return byName
}

func TestRealLeases(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	a, b := start(t, member(u, "x")), start(t, member(u, "x"))
	la, lb := lease(t, a, "a", time.Minute), lease(t, b, "b", time.Hour)
	journaltest.Run(t, db, `INSERT INTO cluster_leases SELECT 'old', 'c', '', '{}', 0, now(), now() - interval '61 minutes'`)
	journaltest.Run(t, db, `INSERT INTO cluster_leases SELECT 'dead', 'c', '', '{}', 0, now(), now() - interval '59 minutes'`)

	members(t, lb, 7)
	got := members(t, la, 5)
	if dead := got["dead"]; len(got) != 3 || dead.ExpiresIn > -58*time.Minute || dead.Length != 0 {
		t.Fatalf("the members are %v", got)
	}
	for name, length := range map[string]time.Duration{"a": time.Minute, "b": time.Hour} {
		m := got[name]
		if m.ExpiresIn <= length-10*time.Second || m.ExpiresIn > length || m.Length != length || m.Address != name+":1" ||
			fmt.Sprint(m.Engines) != "[default east]" || time.Since(m.Since).Abs() > time.Minute {
			t.Errorf("%s is %+v", name, m)
		}
	}
	if got["a"].Games != 5 || got["b"].Games != 7 {
		t.Errorf("the members' games are %v", got)
	}
	switch again := members(t, la, 5); {
	case !again["a"].Since.Equal(got["a"].Since):
		t.Error("a renewal makes a member a new one")
	case again["a"].Renewal == got["a"].Renewal || again["b"].Renewal != got["b"].Renewal || again["dead"].Renewal != got["dead"].Renewal:
		t.Errorf("a alone was renewed, and the renewals are %v, and were %v", again, got)
	}
	journaltest.Run(t, db, `UPDATE cluster_leases SET expires_at = expires_at - interval '1 minute' WHERE node = 'b'`) // by the release before
	if again := members(t, la, 5); again["b"].Renewal == got["b"].Renewal {
		t.Error("the renewal by a node of the release before is not seen")
	}
	var left int
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM cluster_leases`).Scan(&left))
	if left != 3 {
		t.Errorf("%d rows are left, want those of a, b and of the node that died an hour ago at most", left)
	}

	// C3: what ran out is taken again by a renewal, as a new membership.
	journaltest.Run(t, db, `UPDATE cluster_leases SET expires_at = clock_timestamp() WHERE node = 'a'`)
	if others := members(t, lb, 7); others["a"].ExpiresIn > 0 {
		t.Errorf("after a's lease ran out the members are %v", others)
	}
	if back := members(t, la, 5); !back["a"].Since.After(got["a"].Since) || back["a"].ExpiresIn > time.Minute {
		t.Errorf("a is back as %+v", back["a"])
	}
	journaltest.Run(t, db, `DELETE FROM cluster_leases WHERE node = 'a'`) // as other nodes do after an hour
	if back := members(t, la, 5); len(back) != 3 {
		t.Errorf("after an hour the members are %v", back)
	}
}

func TestRealLeaseIsReleased(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	a, b := start(t, member(u, "x")), start(t, member(u, "x"))
	la, err := a.Lease(t.Context(), leaseOf("a", time.Hour))
	must(t, err)
	lb := lease(t, b, "b", time.Hour)
	must(t, la.Release(t.Context()))
	if left := members(t, lb, 0); len(left) != 1 {
		t.Errorf("the members are %v", left)
	}
	lease(t, b, "a", time.Hour) // nobody waits for it
}

// A name that another process renews is refused, and one that it doesn't is taken, by the clock of the one who waits (C7).
func TestRealNameIsTaken(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	a, b := start(t, member(u, "x")), start(t, member(u, "x"))
	la := lease(t, a, "n", 300*time.Millisecond)
	refused := make(chan error)
	go func() { refused <- second(b.Lease(t.Context(), leaseOf("n", time.Hour))) }()
	for waiting := true; waiting; {
		select {
		case err := <-refused:
			if !errors.Is(err, actors.ErrNameTaken) || !strings.Contains(err.Error(), `"n"`) {
				t.Errorf("a name that is renewed: %v", err)
			}
			waiting = false
		default:
			members(t, la, 0)
		}
	}

	journaltest.Run(t, db, `UPDATE cluster_leases SET expires_at = clock_timestamp() + interval '60 s'`) // the clock went back
	began := time.Now()
	lb := lease(t, b, "n", time.Hour)
	if waited := time.Since(began); waited < 290*time.Millisecond || waited > 10*time.Second {
		t.Errorf("the name was taken after %v, with a lease of 300 ms", waited)
	}
	if _, err := la.Renew(t.Context(), 0); !errors.Is(err, actors.ErrNameTaken) {
		t.Errorf("the renewal of the old one: %v", err)
	}
	must(t, a.Append(t.Context(), "game", 0, journaltest.Marks())) // only claims and openings need the lease
	if err := a.Append(t.Context(), "game", 1, journaltest.ClaimOf("n")); !errors.Is(err, actors.ErrNotMember) {
		t.Errorf("a claim of the old one: %v", err)
	}
	if got := members(t, lb, 0); len(got) != 1 {
		t.Errorf("the members are %v", got)
	}
}

// A name whose lease ran out is taken at once. One of a node of the release before, which doesn't tell its lease, is waited for
// as long as the own one is.
func TestRealNameOfOthers(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	j := start(t, member(u, "x"))
	journaltest.Run(t, db, `INSERT INTO cluster_leases SELECT 'dead', 'c', '', '{}', 0, now(), now() - interval '1 ms', 5, 3600000000`)
	journaltest.Run(t, db, `INSERT INTO cluster_leases SELECT 'old', 'c', '', '{}', 0, now(), now() + interval '1 hour'`)
	lease(t, j, "dead", time.Hour)
	began := time.Now()
	lease(t, j, "old", 300*time.Millisecond)
	if waited := time.Since(began); waited < 290*time.Millisecond {
		t.Errorf("the name was taken after %v", waited)
	}
}

// A renewal that hangs ends with its context, and neither holds a lock afterwards nor keeps the next one from renewing.
func TestRealRenewalHangs(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	l := lease(t, start(t, member(u, "x")), "a", time.Hour)
	tx, err := db.BeginTx(t.Context(), nil)
	must(t, err)
	_, err = tx.ExecContext(t.Context(), `SELECT FROM cluster_leases FOR UPDATE`)
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := l.Renew(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a renewal that waits for a lock: %v", err)
	}
	must(t, tx.Rollback())
	members(t, l, 0)
	if locks := locksOn(t, db, "cluster_leases"); locks != 0 {
		t.Errorf("%d locks are left", locks)
	}
}

// locksOn counts the locks on a table of the test's schema that other sessions hold, when those who end have ended.
func locksOn(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; {
		must(t, db.QueryRowContext(t.Context(), `
			SELECT count(*) FROM pg_locks WHERE relation = $1::regclass AND pid <> pg_backend_pid()`, table).Scan(&n))
		if n == 0 || time.Now().After(deadline) {
			return n
		}
	}
}

// A lease whose sessions are all cut is renewed over a new one at once (C7).
func TestRealLeaseReconnects(t *testing.T) {
	u, db := named(t)
	l := lease(t, start(t, member(u, "x")), "a", time.Hour)
	before := members(t, l, 0)
	for range 3 {
		cut(t, db, "true")
		if after := members(t, l, 0); !after["a"].Since.Equal(before["a"].Since) {
			t.Errorf("the lease was %v, and is %v", before, after)
		}
	}
}

// The session that stands in is made before it is needed, so that a renewal whose session breaks costs no connecting (C7).
func TestRealLeaseHasASessionInReserve(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	l := lease(t, start(t, member(u, "x")), "a", time.Hour)
	began := func() (at time.Time) {
		must(t, l.session.QueryRowContext(t.Context(), `SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()`).Scan(&at))
		return at
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		var broke time.Time
		must(t, db.QueryRowContext(t.Context(), `SELECT clock_timestamp()`).Scan(&broke))
		l.hangUp()
		must(t, l.Connect(t.Context()))
		if began().Before(broke) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("each session was made only when it was needed")
		}
	}
}
