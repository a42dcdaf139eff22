package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"galaxy/healthactors/adapters/connections"
)

// TestProbesAreAnsweredBesideAFlood opens more connections than the server holds, again and again as they are closed, and wants
// each probe to be answered. That it takes less than a second, even on a busy machine, the torture shows.
func TestProbesAreAnsweredBesideAFlood(t *testing.T) {
	const get = "GET /metrics HTTP/1.1\r\nHost: node\r\n\r\n"
	large := make([]byte, 16<<20) // more than the system takes for a client that doesn't read
	for name, sends := range map[string]string{
		"that says nothing": "", "of half a header": get[:len(get)-4], "that has been answered": get,
		"that never reads the answer": strings.Replace(get, "/metrics", "/metrics?large", 1),
	} {
		t.Run(name, func(t *testing.T) {
			node := &fakeNode{alive: func() error { return nil }}
			node.ready.Store(true)
			cfg := config(node)
			cfg.Metrics = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == "large" {
					_, _ = w.Write(large)
				}
				metrics(w, r)
			})
			address := serveConfig(t, cfg)
			stop := flood(t, address, sends)
			defer stop()
			client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
			for n := range 30 {
				for _, path := range []string{"/livez", "/readyz", "/metrics"} {
					response, err := client.Get("http://" + address + path)
					if err != nil {
						t.Fatalf("round %d: %s: %v", n, path, err)
					}
					if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
						t.Errorf("round %d: %s: %s, %v", n, path, response.Status, err)
					}
					_ = response.Body.Close()
				}
			}
		})
	}
}

// flood holds a hundred connections more than the server does, all of which have sent a text, and opens those anew that are closed. It
// returns when all have been opened once, and stop ends it.
func flood(t *testing.T, address, text string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var dialer net.Dialer
	var opened, ended sync.WaitGroup
	for range maxConnections + 100 {
		opened.Add(1)
		ended.Go(func() {
			open := sync.OnceFunc(opened.Done)
			defer open()
			for ctx.Err() == nil {
				conn, err := dialer.DialContext(ctx, "tcp", address)
				if err != nil {
					continue
				}
				unwatch := context.AfterFunc(ctx, func() { _ = conn.Close() })
				_, _ = io.WriteString(conn, text)
				open()
				if strings.Contains(text, "large") {
					<-ctx.Done()
				} else {
					_, _ = io.Copy(io.Discard, conn) // until it is closed
				}
				unwatch()
				_ = conn.Close()
				select { // as one who floods without using up the whole machine
				case <-ctx.Done():
				case <-time.After(20 * time.Millisecond):
				}
			}
		})
	}
	opened.Wait()
	return func() {
		cancel()
		ended.Wait()
	}
}

// withoutDescriptors is a listener that has none left until an idle connection is closed.
type withoutDescriptors struct {
	net.Listener
	closed chan struct{}
	fails  error
}

func (l withoutDescriptors) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		conn, _ := net.Pipe()
		return conn, nil
	default:
		return nil, fmt.Errorf("accept: %w", l.fails)
	}
}

type closing struct {
	net.Conn
	closed chan struct{}
}

func (c closing) Close() error {
	close(c.closed)
	return nil
}

func TestIdleConnectionsGiveTheirDescriptors(t *testing.T) {
	for _, fails := range []error{syscall.EMFILE, syscall.ENFILE} {
		inner := withoutDescriptors{closed: make(chan struct{}), fails: fails}
		l := limited{Listener: inner, limit: connections.NewLimit(maxConnections)}
		if _, err := l.Accept(); !errors.Is(err, fails) {
			t.Errorf("nothing to close: %v, want %v", err, fails)
		}
		idle, _ := l.limit.Take(closing{closed: inner.closed})
		idle.Busy()
		if _, err := l.Accept(); !errors.Is(err, fails) {
			t.Errorf("nothing idle to close: %v, want %v", err, fails)
		}
		idle.Idle()
		if _, err := l.Accept(); err != nil {
			t.Errorf("an idle connection to close: %v", err)
		}
	}
}
