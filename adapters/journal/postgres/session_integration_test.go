//go:build integration

package postgres

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// answers asks a journal all that it is asked for, from several goroutines, so that each of its readers is among those who
// answer. It returns what was answered, by question.
func answers(j *Journal) (answered, failed map[string]string) {
	answered, failed = map[string]string{}, map[string]string{}
	var mu sync.Mutex
	note := func(question, answer string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed[question] = err.Error()
		} else {
			answered[question] = answer
		}
	}
	var all sync.WaitGroup
	for n := range 2 * readers {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			page, err := j.Pending(ctx, "game", 0, 10)
			note(fmt.Sprint("pending ", n), fmt.Sprint(len(page)), err)
			r, err := j.Load(ctx, "game")
			note(fmt.Sprint("load ", n), fmt.Sprint(len(r.Events)), err)
			_, err = j.Bytes(ctx)
			note(fmt.Sprint("bytes ", n), "some", err)
			for open, err := range j.OpenStreams(ctx) {
				note(fmt.Sprint("open streams ", n), open.GameID, err)
			}
		})
	}
	all.Wait()
	return answered, failed
}

// silent waits until none of a journal's sessions answers or writes any more, and each says why.
func silent(t *testing.T, j *Journal, why string) {
	t.Helper()
	soon(t, "each question and each write fails because of "+why, func() bool {
		answered, failed := answers(j)
		failed["append"] = fmt.Sprint(j.Append(t.Context(), "other", 0, journaltest.Detection(0)))
		for _, err := range failed {
			if !strings.Contains(err, why) {
				return false // the end of a session that was cut
			}
		}
		return len(answered) == 0
	})
}

// whole waits until each of a journal's sessions answers and writes again, and wants answers that know of all events.
func whole(t *testing.T, j *Journal, events int) {
	t.Helper()
	soon(t, "each session answers again", func() bool {
		answered, failed := answers(j)
		for question, want := range map[string]int{"pending 0": events - 1, "load 0": events} {
			if got, ok := answered[question]; ok && got != fmt.Sprint(want) {
				t.Errorf("%s: %s events, want %d", question, got, want)
			}
		}
		return len(failed) == 0
	})
	soon(t, "it takes writes again", func() bool {
		return j.Append(t.Context(), "game", int64(events), journaltest.Detection(int64(events))) == nil
	})
	select {
	case err := <-j.Failed():
		t.Errorf("an outage alone stopped the node: %v", err)
	default:
	}
}

// refused wants another node to be refused, as check and at its start.
func refused(t *testing.T, u, why string) {
	t.Helper()
	cfg := config(u)
	cfg.holder = "b"
	for _, err := range []error{checkOnly(t, u, ""), second(cfg.open(t.Context()))} {
		if err == nil || !strings.Contains(err.Error(), why) || strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("another node: got %v, want one line with %q", err, why)
		}
	}
}

// stillHeld wants another node to be told that this process holds the journal.
func stillHeld(t *testing.T, u string) {
	t.Helper()
	want := fmt.Sprintf("held by node %q (process %d)", "a", os.Getpid())
	if err := checkOnly(t, u, ""); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("another node: got %v, want %q", err, want)
	}
}

// begun is a journal with an event in it, from before there was a standby.
func begun(t *testing.T, primary *server) {
	t.Helper()
	j := start(t, config(primary.url))
	must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
	closeJournal(t, j)
}

// R4: while the primary is away nothing that its standby answers counts, and the lock is not taken there. Afterwards no session
// has stayed on it.
func TestRealStandbyAnswersNothing(t *testing.T) {
	primary := newServer(t)
	begun(t, primary)
	standby := primary.lateStandby()
	for name, u := range map[string]string{
		"primary first": hosts(primary, standby), "standby first": hosts(standby, primary),
		"standby preferred": hosts(primary, standby) + "&target_session_attrs=prefer-standby",
	} {
		t.Run(name, func(t *testing.T) {
			primary.run(`DELETE FROM journal_events WHERE idx > 0`)
			j := start(t, config(u))
			must(t, j.Append(t.Context(), "game", 1, journaltest.Detection(1)))
			whole(t, j, 2)
			primary.stop()
			silent(t, j, "standby")
			refused(t, u, "standby")
			for range 10 { // as long as the guard takes for several tries
				if locks := standby.locks(); locks > 0 {
					t.Fatalf("on the standby: %d locks", locks)
				}
				// Those are there at times that ask it what it is.
				soon(t, "no session stays on the standby", func() bool { return standby.sessions() == 0 })
				time.Sleep(200 * time.Millisecond)
			}
			primary.start()
			soon(t, "the lock is back", func() bool { return primary.locks() == 1 })
			stillHeld(t, u)
			whole(t, j, 3)
			soon(t, "no session is left on the standby", func() bool { return standby.sessions() == 0 })
		})
	}
	t.Run("standby alone", func(t *testing.T) { refused(t, standby.url, "standby") })
}

// R4: a standby that is promoted is where the node goes on.
func TestRealPromotedStandby(t *testing.T) {
	primary := newServer(t)
	begun(t, primary)
	standby := primary.standby()
	u := hosts(primary, standby)
	j := start(t, config(u))
	must(t, j.Append(t.Context(), "game", 1, journaltest.Detection(1)))
	soon(t, "the standby has it", func() bool { return standby.count(`SELECT count(*) FROM journal_events`) == 2 })
	primary.stop()
	silent(t, j, "standby")
	standby.run(`SELECT pg_promote()`)
	whole(t, j, 2)
	soon(t, "the lock is there", func() bool { return standby.locks() == 1 })
	refused(t, u, `held by node "a"`)
}

// R4: a database that is read-only for a while is an outage that ends by itself, for sessions that were opened meanwhile and
// for those that were there before. The lock stays, where its session does.
func TestRealReadOnlySpell(t *testing.T) {
	s := newServer(t)
	for _, live := range []bool{false, true} {
		for _, cut := range []bool{false, true} {
			if !live && !cut {
				continue // no session notices
			}
			t.Run(fmt.Sprintf("live=%v cut=%v", live, cut), func(t *testing.T) {
				s.run(`DROP SCHEMA public CASCADE`)
				s.run(`CREATE SCHEMA public`)
				j := start(t, config(s.url))
				must(t, j.Append(t.Context(), "game", 0, journaltest.Detection(0)))
				whole(t, j, 1)
				end := s.readOnly(live)
				if cut {
					s.cut()
				}
				silent(t, j, "read-only")
				refused(t, s.url, "read-only")
				if held := s.locks(); held != map[bool]int{true: 0, false: 1}[cut] {
					t.Errorf("%d locks are held", held)
				}
				end()
				whole(t, j, 2)
				soon(t, "the lock is back", func() bool { return s.locks() == 1 })
				stillHeld(t, s.url)
			})
		}
	}
}

// R4: so it is for a lease.
func TestRealLeaseInAReadOnlySpell(t *testing.T) {
	s := newServer(t)
	j := start(t, member(s.url, "x"))
	l := lease(t, j, "a", time.Minute)
	for _, live := range []bool{false, true} {
		end := s.readOnly(live)
		s.cut()
		soon(t, "a renewal says so", func() bool {
			_, err := l.Renew(t.Context(), 0)
			return err != nil && strings.Contains(err.Error(), "read-only")
		})
		end()
		soon(t, "the lease is renewed", func() bool { return second(l.Renew(t.Context(), 0)) == nil })
	}
}

// A host that takes connections and never answers keeps the guard from no other one.
func TestRealLockComesBackBesideASilentHost(t *testing.T) {
	s := newServer(t)
	closeJournal(t, start(t, config(s.url)))
	h, err := sqljournal.ReadHolder(t.Context(), s.db)
	must(t, err)
	dead, err := net.Listen("tcp", "127.0.0.1:0") // the system accepts for it
	must(t, err)
	defer func() { must(t, dead.Close()) }()
	g := &guard{target: targetOf(t, strings.Replace(hosts(s), "@", "@"+dead.Addr().String()+",", 1)), me: h}
	conn, err := g.tryRelock(t.Context())
	must(t, err)
	defer func() { must(t, conn.Close()) }()
	if s.locks() != 1 {
		t.Error("the lock is not back")
	}
}
