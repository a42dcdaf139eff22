//go:build integration

package postgres

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

// slow returns a journal URL whose server gives each of its answers that much later.
func slow(t *testing.T, journalURL string, delay time.Duration) string {
	t.Helper()
	u, err := url.Parse(journalURL)
	must(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, listener.Close()) })
	server := u.Host
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go serveLate(client, server, delay)
		}
	}()
	u.Host = listener.Addr().String()
	return u.String()
}

func serveLate(client net.Conn, server string, delay time.Duration) {
	conn, err := net.Dial("tcp", server)
	if err != nil {
		_ = client.Close()
		return
	}
	go func() {
		_, _ = io.Copy(conn, client)
		_ = conn.Close()
	}()
	type answer struct {
		due  time.Time
		data []byte
	}
	late := make(chan answer, 1000)
	go func() {
		for a := range late {
			time.Sleep(time.Until(a.due))
			_, _ = client.Write(a.data)
		}
		_ = client.Close()
	}()
	for {
		data := make([]byte, 64<<10)
		n, err := conn.Read(data)
		if err != nil {
			close(late)
			return
		}
		late <- answer{time.Now().Add(delay), data[:n]}
	}
}

// C7: nodes that start at once on a server that answers slowly are one cluster, whether the journal is new, the cluster's, or
// another one's that is gone, and however long one of them founds.
func TestRealNodesStartAtOnceOnASlowServer(t *testing.T) {
	u, db := journaltest.NewSchema(t)
	slowly := slow(t, u, 200*time.Millisecond)
	for _, cluster := range []string{"x", "x", "y"} {
		began := time.Now()
		var journals [3]*Journal
		var wg sync.WaitGroup
		for i := range journals {
			wg.Go(func() {
				j, err := member(slowly, cluster).open(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				journals[i] = j
			})
		}
		wg.Wait()
		t.Logf("cluster %q has started after %v", cluster, time.Since(began))
		for _, j := range journals {
			if j != nil {
				closeJournal(t, j)
			}
		}
	}
	var nodes int
	must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM journal_holder WHERE kind = 'cluster' AND name = 'y'`).Scan(&nodes))
	if nodes != 1 {
		t.Error("cluster y doesn't hold the journal")
	}
}

// C7: a renewal takes one answer, also on a session that is new.
func TestRealRenewalTakesOneAnswer(t *testing.T) {
	u, _ := named(t)
	const answer = 300 * time.Millisecond
	l := lease(t, start(t, member(slow(t, u, answer), "x")), "a", time.Hour)
	for range 3 {
		l.hangUp()
		must(t, l.Connect(t.Context()))
		began := time.Now()
		if _, err := l.Renew(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 2*answer-50*time.Millisecond {
			t.Errorf("a renewal took %v where an answer takes %v", took, answer)
		}
	}
}
