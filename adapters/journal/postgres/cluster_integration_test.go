//go:build integration

package postgres

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// A journal belongs to one node or to one cluster at a time; one that is free changes hands.
func TestRealHolders(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	refused := func(want string, clusters ...string) {
		t.Helper()
		var wg sync.WaitGroup // each waits for a while
		for _, cluster := range clusters {
			wg.Go(func() {
				for _, err := range []error{checkOnly(t, u, cluster), second(member(u, cluster).open(t.Context()))} {
					if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsRune(err.Error(), '\n') {
						t.Errorf("cluster %q: got %v, want one line with %q", cluster, err, want)
					}
				}
			})
		}
		wg.Wait()
	}
	single := start(t, config(u))
	refused(`held by node "a"`, "x")
	closeJournal(t, single)

	must(t, checkOnly(t, u, "x"))
	a := start(t, member(u, "x"))
	must(t, checkOnly(t, u, "x"))
	b := start(t, member(u, "x"))
	closeJournal(t, a)
	refused(`held by cluster "x"`, "", "y")
	must(t, b.Append(t.Context(), "game", 0, journaltest.Marks()))
	closeJournal(t, b)

	y := start(t, member(u, "y"))
	must(t, y.Append(t.Context(), "game", 1, journaltest.Marks()))
	closeJournal(t, y)
	must(t, start(t, config(u)).Append(t.Context(), "game", 2, journaltest.Detection(2)))
}

// Nodes that start at once on a fresh journal are one cluster, and write under one token.
func TestRealNodesStartAtOnce(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	const nodes = 5
	var journals [nodes]*Journal
	var wg sync.WaitGroup
	for i := range nodes {
		wg.Go(func() {
			j, err := member(u, "x").open(t.Context())
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
		if err := j.Append(t.Context(), fmt.Sprint("game-", i), 0, journaltest.Marks()); err != nil {
			t.Error(err)
		}
		closeJournal(t, j)
	}
}

// A node of a cluster that lost its lock keeps writing, also when another node of the cluster starts first; a single node
// that takes the journal over shuts all of them out, and their leases with them.
func TestRealClusterLosesItsLock(t *testing.T) {
	u, db := named(t)
	a := start(t, member(u, "x"))
	l := lease(t, a, "a", time.Hour)
	cut(t, db, lockSession)
	b := start(t, member(u, "x"))
	must(t, a.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	must(t, b.Append(t.Context(), "game", 1, journaltest.Detection(1)))

	journaltest.Run(t, db, `UPDATE journal_holder SET kind = 'single', token = 'other', name = 'b'`)
	for _, j := range []*Journal{a, b} {
		if err := j.Append(t.Context(), "game", 2, journaltest.Detection(2)); !errors.Is(err, sqljournal.ErrTakenOver) {
			t.Errorf("the append of a node that was shut out: %v", err)
		}
	}
	if _, err := l.Renew(t.Context(), 0); !errors.Is(err, sqljournal.ErrTakenOver) {
		t.Errorf("the renewal of a node that was shut out: %v", err)
	}
}

// C6: a journal of the first version, also when the nodes of the cluster that holds it are there.
func TestRealMigrationFromTheFirstVersion(t *testing.T) {
	for _, cluster := range []string{"", "x"} {
		t.Run("cluster "+cluster, func(t *testing.T) {
			u, db := journaltest.NewSchema(t)
			journaltest.OfVersion1(t, db, goose.DialectPostgres, migrations)
			j := start(t, member(u, cluster))
			if cluster != "" {
				lease(t, j, "a", time.Hour)
			}
			journaltest.WantMigrated(t, j, j.db.write)
		})
	}
	t.Run("beside nodes of the release before", func(t *testing.T) {
		u, db := journaltest.NewSchema(t)
		journaltest.OfVersion1(t, db, goose.DialectPostgres, migrations)
		journaltest.Run(t, db, `UPDATE journal_holder SET kind = 'cluster', name = 'x'`)
		old, err := targetOf(t, u).connect(t.Context())
		must(t, err)
		defer func() { must(t, old.Close()) }()
		must(t, old.tryLock(t.Context(), true))

		a, b := make(chan *Journal), make(chan *Journal)
		for _, opened := range []chan *Journal{a, b} {
			go func() {
				defer close(opened)
				j, err := member(u, "x").open(t.Context())
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
		l, err := ja.Lease(t.Context(), leaseOf("a", time.Hour))
		must(t, err)
		journaltest.WantMigrated(t, ja, ja.db.write)
		must(t, l.Release(t.Context()))
		closeJournal(t, ja)
		closeJournal(t, jb)
	})
}
