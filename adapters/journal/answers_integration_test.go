//go:build integration

package journal

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"
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

// C1: on a slow database a takeover is as fast as it needs few answers. A commit is one, with claims, openings and snapshots, the
// first on a session too, and after a pause; so is a load.
func TestRealOneAnswer(t *testing.T) {
	u, _ := newSchema(t)
	u, counted := countAnswers(t, u)
	j := open(t, member(u, "x"))
	lease(t, j, "a", time.Hour)
	must(t, j.db.writer().PingContext(t.Context()))
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
				"claimed": {index, claimOf("a")}, "opened": {index, begins("east")}, "marked": {index, marks()},
			})
		})
	}
	commit()
	commit()
	wantEngines(t, j, "opened:east")
	time.Sleep(1100 * time.Millisecond) // the driver asks a session that was idle for a second whether it lives
	commit()
	want("a load", func() {
		_, err := j.Load(t.Context(), "claimed")
		must(t, err)
	})
}
