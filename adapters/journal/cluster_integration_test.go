//go:build integration

package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// member is a configuration for a node of the cluster.
func member(url, cluster string) Config {
	cfg := config(url)
	cfg.Cluster = cluster
	return cfg
}

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
	u, db := newSchema(t)
	a, b := open(t, member(u, "x")), open(t, member(u, "x"))
	lease(t, a, "a", time.Hour)
	lb := lease(t, b, "b", time.Hour)
	must(t, a.Append(t.Context(), "game", 0, detection(0)))

	for node, j := range map[string]*Journal{"a": b, "b": a, "c": b} {
		if err := j.Append(t.Context(), "game", 1, claimOf(node)); !errors.Is(err, actors.ErrNotMember) {
			t.Errorf("a claim in the name of %s, which is another process's: %v", node, err)
		}
	}
	must(t, b.Append(t.Context(), "game", 1, claimOf("b")))
	if err := a.Append(t.Context(), "game", 1, detection(1)); !errors.Is(err, actors.ErrConflict) {
		t.Errorf("the old owner's append: %v", err)
	}
	if err := a.Append(t.Context(), "game", 1, claimOf("a")); !errors.Is(err, actors.ErrConflict) {
		t.Errorf("a claim of another index than the next: %v", err)
	}
	wantOpen(t, a, "game")

	run(t, db, `UPDATE cluster_leases SET expires_at = clock_timestamp() WHERE node = 'b'`)
	var batch []*write
	for _, w := range []struct {
		game  string
		event *v1.JournalEvent
	}{{"game", claimOf("b")}, {"game", detection(2)}, {"neighbour", detection(0)}, {"other", claimOf("b")}} {
		index := int64(0)
		if w.game == "game" {
			index = 2
		}
		made, err := b.eventWrite(w.game, index, w.event)
		must(t, err)
		batch = append(batch, made)
	}
	must(t, b.committer.do(func() error { return b.writeBatch(batch) }))
	for i, want := range []error{actors.ErrNotMember, nil, nil, actors.ErrNotMember} {
		if !errors.Is(batch[i].refused, want) {
			t.Errorf("write %d of the batch, without a lease: %v, want %v", i, batch[i].refused, want)
		}
	}
	if _, err := lb.Renew(t.Context(), 0); err != nil {
		t.Errorf("a lease that ran out: %v", err)
	}
	must(t, b.Append(t.Context(), "game", 3, claimOf("b")))
}

// A node alone has no lease, so it claims nothing.
func TestRealClaimWithoutCluster(t *testing.T) {
	u, _ := newSchema(t)
	j := open(t, config(u))
	if err := j.Append(t.Context(), "game", 0, claimOf("a")); !errors.Is(err, actors.ErrNotMember) {
		t.Errorf("a claim of a single node: %v", err)
	}
	if _, err := j.Lease(t.Context(), leaseOf("a", time.Hour)); err == nil {
		t.Error("a single node has a lease")
	}
}

// A journal belongs to one node or to one cluster at a time; one that is free changes hands.
func TestRealHolders(t *testing.T) {
	u, _ := newSchema(t)
	refused := func(cfg Config, want string) {
		t.Helper()
		for _, err := range []error{Check(t.Context(), u, cfg.Cluster), second(Open(t.Context(), cfg))} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsRune(err.Error(), '\n') {
				t.Errorf("got %v, want one line with %q", err, want)
			}
		}
	}
	single := open(t, config(u))
	refused(member(u, "x"), `held by node "a"`)
	closeJournal(t, single)

	must(t, Check(t.Context(), u, "x"))
	a := open(t, member(u, "x"))
	must(t, Check(t.Context(), u, "x"))
	b := open(t, member(u, "x"))
	refused(config(u), `held by cluster "x"`)
	refused(member(u, "y"), `held by cluster "x"`)
	closeJournal(t, a)
	refused(config(u), `held by cluster "x"`)
	must(t, b.Append(t.Context(), "game", 0, detection(0)))
	closeJournal(t, b)

	y := open(t, member(u, "y"))
	must(t, y.Append(t.Context(), "game", 1, detection(1)))
	closeJournal(t, y)
	must(t, open(t, config(u)).Append(t.Context(), "game", 2, detection(2)))
}

// Nodes that start at once on a fresh journal are one cluster, and write under one token.
func TestRealNodesStartAtOnce(t *testing.T) {
	u, _ := newSchema(t)
	const nodes = 5
	var journals [nodes]*Journal
	var wg sync.WaitGroup
	for i := range nodes {
		wg.Go(func() {
			j, err := Open(t.Context(), member(u, "x"))
			if err != nil {
				t.Error(err)
				return
			}
			journals[i] = j
		})
	}
	wg.Wait()
	for i, j := range journals {
		if j == nil {
			continue
		}
		if err := j.Append(t.Context(), fmt.Sprint("game-", i), 0, detection(0)); err != nil {
			t.Error(err)
		}
		closeJournal(t, j)
	}
}

// A node of a cluster that lost its lock keeps writing, also when another node of the cluster starts first; a single node
// that takes the journal over shuts all of them out, and their leases with them.
func TestRealClusterLosesItsLock(t *testing.T) {
	u, db := named(t)
	a := open(t, member(u, "x"))
	l := lease(t, a, "a", time.Hour)
	cut(t, db, lockSession)
	b := open(t, member(u, "x"))
	must(t, a.Append(t.Context(), "game", 0, detection(0)))
	must(t, b.Append(t.Context(), "game", 1, detection(1)))

	run(t, db, `UPDATE journal_holder SET kind = 'single', token = 'other', name = 'b'`)
	for _, j := range []*Journal{a, b} {
		if err := j.Append(t.Context(), "game", 2, detection(2)); !errors.Is(err, errTakenOver) {
			t.Errorf("the append of a node that was shut out: %v", err)
		}
	}
	if _, err := l.Renew(t.Context(), 0); !errors.Is(err, errTakenOver) {
		t.Errorf("the renewal of a node that was shut out: %v", err)
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
	u, db := newSchema(t)
	a, b := open(t, member(u, "x")), open(t, member(u, "x"))
	la, lb := lease(t, a, "a", time.Minute), lease(t, b, "b", time.Hour)
	run(t, db, `INSERT INTO cluster_leases SELECT 'old', 'c', '', '{}', 0, now(), now() - interval '61 minutes'`)
	run(t, db, `INSERT INTO cluster_leases SELECT 'dead', 'c', '', '{}', 0, now(), now() - interval '59 minutes'`)

	members(t, lb, 7)
	got := members(t, la, 5)
	if len(got) != 2 {
		t.Fatalf("the members are %v", got)
	}
	for name, length := range map[string]time.Duration{"a": time.Minute, "b": time.Hour} {
		m := got[name]
		if m.ExpiresIn <= length-10*time.Second || m.ExpiresIn > length || m.Address != name+":1" ||
			fmt.Sprint(m.Engines) != "[default east]" || time.Since(m.Since).Abs() > time.Minute {
			t.Errorf("%s is %+v", name, m)
		}
	}
	if got["a"].Games != 5 || got["b"].Games != 7 {
		t.Errorf("the members' games are %v", got)
	}
	if again := members(t, la, 5); !again["a"].Since.Equal(got["a"].Since) {
		t.Error("a renewal makes a member a new one")
	}
	var left int
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM cluster_leases`).Scan(&left))
	if left != 3 {
		t.Errorf("%d rows are left, want those of a, b and of the node that died an hour ago at most", left)
	}

	// C3: what ran out is no member's, and is taken again by a renewal, as a new membership.
	run(t, db, `UPDATE cluster_leases SET expires_at = clock_timestamp() WHERE node = 'a'`)
	if others := members(t, lb, 7); len(others) != 1 {
		t.Errorf("after a's lease ran out the members are %v", others)
	}
	if back := members(t, la, 5); !back["a"].Since.After(got["a"].Since) || back["a"].ExpiresIn > time.Minute {
		t.Errorf("a is back as %+v", back["a"])
	}
	run(t, db, `DELETE FROM cluster_leases WHERE node = 'a'`) // as other nodes do after an hour
	if back := members(t, la, 5); len(back) != 2 {
		t.Errorf("after an hour the members are %v", back)
	}
}

func TestRealLeaseIsReleased(t *testing.T) {
	u, _ := newSchema(t)
	a, b := open(t, member(u, "x")), open(t, member(u, "x"))
	la, err := a.Lease(t.Context(), leaseOf("a", time.Hour))
	must(t, err)
	lb := lease(t, b, "b", time.Hour)
	must(t, la.Release(t.Context()))
	if left := members(t, lb, 0); len(left) != 1 {
		t.Errorf("the members are %v", left)
	}
	lease(t, b, "a", time.Hour) // nobody waits for it
}

// A name that another process renews is refused, and one that runs out is taken.
func TestRealNameIsTaken(t *testing.T) {
	u, db := newSchema(t)
	a, b := open(t, member(u, "x")), open(t, member(u, "x"))
	la := lease(t, a, "n", time.Hour)
	if _, err := b.Lease(t.Context(), leaseOf("n", 10*time.Millisecond)); !errors.Is(err, actors.ErrNameTaken) ||
		!strings.Contains(err.Error(), `"n"`) {
		t.Errorf("a taken name: %v", err)
	}
	if _, err := la.Renew(t.Context(), 0); err != nil {
		t.Error(err)
	}

	run(t, db, `UPDATE cluster_leases SET expires_at = clock_timestamp() + interval '300 ms'`)
	began := time.Now()
	lb := lease(t, b, "n", time.Hour)
	if waited := time.Since(began); waited < 200*time.Millisecond {
		t.Errorf("the name was taken after %v, before its lease ran out", waited)
	}
	if _, err := la.Renew(t.Context(), 0); !errors.Is(err, actors.ErrNameTaken) {
		t.Errorf("the renewal of the old one: %v", err)
	}
	must(t, a.Append(t.Context(), "game", 0, detection(0))) // only claims need the lease
	if err := a.Append(t.Context(), "game", 1, claimOf("n")); !errors.Is(err, actors.ErrNotMember) {
		t.Errorf("a claim of the old one: %v", err)
	}
	if got := members(t, lb, 0); len(got) != 1 {
		t.Errorf("the members are %v", got)
	}
}

// A renewal that hangs ends with its context, and neither holds a lock afterwards nor keeps the next one from renewing.
func TestRealRenewalHangs(t *testing.T) {
	u, db := newSchema(t)
	l := lease(t, open(t, member(u, "x")), "a", time.Hour)
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

// A node that stops in the middle of a transaction does not keep its successor waiting.
func TestRealStoppedWriterIsCut(t *testing.T) {
	u, _ := newSchema(t)
	a, b := open(t, member(u, "x")), open(t, member(u, "x"))
	lease(t, b, "b", time.Hour)
	w, err := a.eventWrite("game", 0, detection(0))
	must(t, err)
	stopped, goOn := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- a.transaction(func(ctx context.Context, tx *sql.Tx) error {
			err := a.db.insertEvents(ctx, tx, []*write{w})
			close(stopped)
			<-goOn
			return err
		})
	}()
	<-stopped
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := b.Append(ctx, "game", 0, claimOf("b")); err != nil {
		t.Errorf("the claim: %v", err)
	}
	close(goOn)
	if err := <-ended; err == nil {
		t.Error("the stopped node's transaction was committed")
	}
	r, err := b.Load(t.Context(), "game")
	must(t, err)
	if len(r.Events) != 1 || r.Events[0].GetClaimed() == nil {
		t.Errorf("the game holds %v", r.Events)
	}
}

// C6: a journal of the first version, also when the nodes of the cluster that holds it are there.
func TestRealMigrationFromTheFirstVersion(t *testing.T) {
	for _, cluster := range []string{"", "x"} {
		t.Run("cluster "+cluster, func(t *testing.T) {
			u, db := newSchema(t)
			journalOfVersion1(t, db, goose.DialectPostgres, "postgres")
			wantMigrated(t, open(t, member(u, cluster)))
		})
	}
	t.Run("beside nodes of the release before", func(t *testing.T) {
		u, db := newSchema(t)
		journalOfVersion1(t, db, goose.DialectPostgres, "postgres")
		run(t, db, `UPDATE journal_holder SET kind = 'cluster', name = 'x'`)
		old, err := postgresTargetOf(t, u).connect(t.Context())
		must(t, err)
		defer func() { must(t, old.Close()) }()
		must(t, old.tryLock(t.Context(), true))

		a, b := make(chan *Journal), make(chan *Journal)
		for _, opened := range []chan *Journal{a, b} {
			go func() {
				defer close(opened)
				j, err := Open(t.Context(), member(u, "x"))
				if err != nil {
					t.Error(err)
					return
				}
				opened <- j
			}()
		}
		ja, jb := <-a, <-b
		if ja == nil || jb == nil {
			return
		}
		wantMigrated(t, ja)
		closeJournal(t, ja)
		closeJournal(t, jb)
	})
}

func postgresTargetOf(t *testing.T, url string) postgresTarget {
	t.Helper()
	parsed, err := parse(url)
	must(t, err)
	return parsed.(postgresTarget)
}

// Two nodes write many streams, now one and now the other, while both remove old history: no index is given twice, and
// nothing that was acknowledged and must be kept is lost.
func TestRealNodesTakeTurnsWithRetention(t *testing.T) {
	u, db := newSchema(t)
	var nodes []*Journal
	for _, name := range []string{"a", "b"} {
		cfg := member(u, "x")
		cfg.Retention = time.Nanosecond
		j := open(t, cfg)
		lease(t, j, name, time.Hour)
		nodes = append(nodes, j)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var removing sync.WaitGroup
	for _, j := range nodes {
		removing.Go(func() {
			for ctx.Err() == nil {
				if err := j.removeOld(t.Context()); err != nil && !errors.Is(err, errOtherRetains) {
					t.Errorf("remove old history: %v", err)
					return
				}
			}
		})
	}
	const streams, appends = 24, 60
	var mu sync.Mutex
	acknowledged := make([][]int64, streams)
	var writing sync.WaitGroup
	for s := range streams {
		game := fmt.Sprint("game-", s)
		for n, name := range []string{"a", "b"} {
			writing.Go(func() {
				indexes, err := takeTurns(t.Context(), nodes[n], name, game, appends)
				if err != nil {
					t.Errorf("node %s, %s: %v", name, game, err)
				}
				mu.Lock()
				defer mu.Unlock()
				acknowledged[s] = append(acknowledged[s], indexes...)
			})
		}
	}
	writing.Wait()
	stop()
	removing.Wait()
	for s, indexes := range acknowledged {
		wantWhole(t, db, nodes[0], fmt.Sprint("game-", s), indexes)
	}
}

// takeTurns claims a stream, writes to it until the other node has it, and claims it again. It returns the indexes that the
// journal acknowledged.
func takeTurns(ctx context.Context, j *Journal, node, game string, appends int) (indexes []int64, err error) {
	for len(indexes) < appends {
		r, err := j.Load(ctx, game)
		if err != nil {
			return indexes, err
		}
		for next := r.From + int64(len(r.Events)); len(indexes) < appends; next++ {
			event := marks()
			switch {
			case next == r.From+int64(len(r.Events)):
				event = claimOf(node)
			case next%7 == 6:
				event = closed()
			case next%7 == 0:
				event = begins("east")
			}
			if err = j.Append(ctx, game, next, event); err == nil {
				indexes = append(indexes, next)
			}
			if err == nil && next%5 == 4 {
				err = j.SaveSnapshot(ctx, game, next+1, next+1, &v1.Snapshot{})
			}
			if errors.Is(err, actors.ErrConflict) {
				break
			}
			if err != nil {
				return indexes, err
			}
		}
	}
	return indexes, nil
}

func marks() *v1.JournalEvent {
	return &v1.JournalEvent{Kind: &v1.JournalEvent_DeliveryMarked{DeliveryMarked: &v1.DeliveryMarked{}}}
}

// wantWhole says that of the acknowledged indexes none came twice, and that the stream goes on after the last one. The floor
// may have leapt over indexes while the stream was closed.
func wantWhole(t *testing.T, db *sql.DB, j *Journal, game string, indexes []int64) {
	t.Helper()
	slices.Sort(indexes)
	if unique := slices.Compact(slices.Clone(indexes)); len(unique) != len(indexes) {
		t.Errorf("%s: an index was given twice: %d", game, indexes)
	}
	last := indexes[len(indexes)-1]
	r, err := j.Load(t.Context(), game)
	must(t, err)
	if next := r.From + int64(len(r.Events)); next <= last || len(r.Events) > 0 && next != last+1 {
		t.Errorf("%s goes on at %d after %d", game, next, last)
	}
	var n, first, stored int64
	must(t, db.QueryRowContext(t.Context(), `
		SELECT count(*), coalesce(min(idx), 0), coalesce(max(idx), -1) FROM journal_events WHERE stream = $1`, game).
		Scan(&n, &first, &stored))
	if n != stored-first+1 {
		t.Errorf("%s keeps %d events from %d to %d", game, n, first, stored)
	}
}
