//go:build integration

package postgres

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

// turnstile is a proxy before a Postgres that counts its answers: how often a client has sent something after it had received
// something, or at first.
type turnstile struct {
	address string
	answers atomic.Int64
}

// countAnswers puts a turnstile before the Postgres of a journal URL.
func countAnswers(t *testing.T, journalURL string) (through string, counted *turnstile) {
	t.Helper()
	u, err := url.Parse(journalURL)
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	counted = &turnstile{address: u.Host}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { counted.serve(client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	u.Host = listener.Addr().String()
	return u.String(), counted
}

func (p *turnstile) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.address)
	if err != nil {
		return
	}
	var answered atomic.Bool
	answered.Store(true)
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(client, readerFunc(func(b []byte) (int, error) {
			n, err := server.Read(b)
			answered.Store(true)
			return n, err
		}))
		_ = client.Close()
	})
	_, _ = io.Copy(server, readerFunc(func(b []byte) (int, error) {
		n, err := client.Read(b)
		if n > 0 && answered.Swap(false) {
			p.answers.Add(1)
		}
		return n, err
	}))
	_ = server.Close()
	back.Wait()
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// during counts the answers that something took.
func (p *turnstile) during(do func()) int64 {
	before := p.answers.Load()
	do()
	return p.answers.Load() - before
}

// readersOpen waits until the sessions that a node keeps are open.
func readersOpen(t *testing.T, j *Journal) {
	t.Helper()
	read := j.db.read
	soon(t, "the readers' sessions are open", func() bool {
		stats := read.Stats()
		return stats.OpenConnections >= readersKept && stats.InUse == 0
	})
}

// C1: what a takeover reads at once finds its sessions open, and waits for no new one.
func TestRealTakeoverFindsItsSessions(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	u, counted := countAnswers(t, u)
	j := start(t, member(u, "x"))
	readersOpen(t, j)
	openStreams := func() {
		for _, err := range j.OpenStreams(t.Context()) {
			must(t, err)
		}
	}
	alone := counted.during(openStreams)
	answers := counted.during(func() {
		var reads sync.WaitGroup
		for n := range loadsAtOnce {
			reads.Go(func() {
				_, err := j.Load(t.Context(), fmt.Sprint("game-", n))
				must(t, err)
			})
		}
		reads.Go(openStreams)
		reads.Wait()
	})
	if answers > alone+loadsAtOnce {
		t.Errorf("a takeover's reads took %d answers, %d of them for the open streams", answers, alone)
	}
}

// Streams that are loaded at once share statements, also one whose snapshot is an older release's (C6), and a damaged one fails
// alone.
func TestRealLoadsAtOnce(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	u, counted := countAnswers(t, u)
	j := start(t, config(u))
	const games = 500
	var wg sync.WaitGroup
	for n := range games {
		wg.Go(func() {
			for index := range int64(1 + n%3) {
				if err := j.Append(t.Context(), fmt.Sprint("game-", n), index, journaltest.Detection(index)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	must(t, j.SaveSnapshot(t.Context(), "game-2", 2, 2, &v1.Snapshot{Delivery: &v1.DeliveryMarked{Through: 1}}, &v1.GainedState{}))
	must(t, j.SaveSnapshot(t.Context(), "game-5", 1, 1, &v1.Snapshot{}, &v1.GainedState{}))
	journaltest.OlderSnapshot(t, db, "game-5", 3, &v1.Snapshot{})
	journaltest.Run(t, db, `UPDATE journal_events SET payload = '\x0801' WHERE stream = 'game-7'`)
	answers := counted.during(func() {
		for n := range games {
			wg.Go(func() {
				r, err := j.Load(t.Context(), fmt.Sprint("game-", n))
				switch {
				case n == 7:
					journaltest.WantDamage(t, err, `event 0 of game "game-7"`)
				case n == 2 && err == nil && r.From == 2 && r.Snapshot.GetDelivery().GetThrough() == 1 && len(r.Events) == 1:
				case n == 5 && err == nil && r.From == 3 && r.Gained.From == 1 && len(r.Gained.Since) == 2 && len(r.Events) == 0:
				case n != 2 && n != 5 && err == nil && r.From == 0 && r.Snapshot == nil && len(r.Events) == 1+n%3:
				default:
					t.Errorf("game-%d is loaded as %v, %v", n, r, err)
				}
			})
		}
		wg.Wait()
	})
	if answers > games/10 {
		t.Errorf("%d loads took %d answers", games, answers)
	}
	journaltest.Run(t, db, `DELETE FROM journal_meta`)
	_, err := j.Load(t.Context(), "game-1")
	journaltest.WantDamage(t, err, "meta row is missing")
}

// C1: on a slow database a takeover is as fast as it needs few answers. A commit is one, with claims, openings and snapshots, the
// first on a session too, and after a pause; so is a load.
func TestRealOneAnswer(t *testing.T) {
	u, _ := journaltest.NewSchema(t)
	u, counted := countAnswers(t, u)
	j := start(t, member(u, "x"))
	lease(t, j, "a", time.Hour)
	must(t, j.db.write.PingContext(t.Context()))
	readersOpen(t, j)
	want := func(what string, do func()) {
		t.Helper()
		if n := counted.during(do); n != 1 {
			t.Errorf("%s took %d answers", what, n)
		}
	}
	commit := func() {
		index := int64(0)
		if r, err := j.Load(t.Context(), "claimed"); err == nil {
			index = r.From + int64(len(r.Events))
		}
		want("a commit", func() {
			inOneBatch(t, j, map[string]appended{
				"claimed": {index, journaltest.ClaimOf("a")}, "opened": {index, journaltest.Begins("east")}, "marked": {index, journaltest.Marks()},
			})
		})
	}
	commit()
	commit()
	journaltest.WantEngines(t, j, "opened:east")
	time.Sleep(1100 * time.Millisecond) // the driver asks a session that was idle for a second whether it lives
	commit()
	want("a load", func() {
		_, err := j.Load(t.Context(), "claimed")
		must(t, err)
	})
}
