package httpapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestListenSaysWhyTheAddressCannotBeHad(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for addr, want := range map[string]string{
		taken.Addr().String(): "the address is in use",
		"192.0.2.1:8080":      "cannot assign requested address",
	} {
		cfg := config(&fakeNode{})
		cfg.Addr = addr
		server := New(cfg)
		if err := server.Listen(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Listen at %s: %v, want %q", addr, err, want)
		}
	}
}

func TestShutdown(t *testing.T) {
	cfg := config(&fakeNode{})
	asked, answer := make(chan struct{}), make(chan struct{})
	cfg.Metrics = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer
		metrics(w, r)
	})
	server := New(cfg)
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	served, stopped := make(chan error, 1), make(chan error, 1)
	go func() { served <- server.Serve() }()
	conn, err := net.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: node\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	go func() { stopped <- server.Shutdown(context.Background()) }()
	if err := <-served; err != nil { // It takes no more requests,
		t.Errorf("Serve: %v", err)
	}
	close(answer) // and the one under way is answered.
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the request under way: %v, %v", response, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestShutdownCutsOffWhatTakesTooLong(t *testing.T) {
	node := &fakeNode{}
	server := New(config(node))
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	conn, err := net.Dial("tcp", server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /livez HTTP/1.1\r\n"); err != nil { // and never the rest
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v, want the deadline", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("the connection is still open: read %d bytes", n)
	}
}

func TestShutdownBeforeServe(t *testing.T) {
	server := New(config(&fakeNode{}))
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", server.Addr()); err == nil {
		conn.Close()
		t.Error("it still listens")
	}
}

// pipe is a listener with one connection, in a test's own time.
type pipe struct {
	conns chan net.Conn
}

func (p pipe) Accept() (net.Conn, error) {
	if conn, ok := <-p.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipe) Close() error   { return nil }
func (p pipe) Addr() net.Addr { return &net.TCPAddr{} }

func TestSlowAndGreedyClientsAreCutOff(t *testing.T) {
	for _, tt := range []struct {
		name, send string
		after      time.Duration
		want       string
	}{
		{"says nothing", "", readHeaderTimeout, ""},
		{"half a header", "GET /livez HTTP/1.1\r\nHos", readHeaderTimeout, "HTTP/1.1 400"},
		{"says no more", "GET /readyz HTTP/1.1\r\nHost: node\r\n\r\n", idleTimeout, "HTTP/1.1 503"},
		{"a header too long", "GET /livez HTTP/1.1\r\nHost: node\r\nX: " + strings.Repeat("x", 2*maxHeaderBytes), 0, "HTTP/1.1 431"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := New(config(&fakeNode{}))
				listener := pipe{make(chan net.Conn, 1)}
				server.listener = listener
				here, there := net.Pipe()
				listener.conns <- there
				close(listener.conns)
				served := make(chan error, 1)
				go func() { served <- server.Serve() }()
				begun := time.Now()
				go func() { _, _ = io.WriteString(here, tt.send) }()
				answer, _ := io.ReadAll(here)
				if !strings.HasPrefix(string(answer), tt.want) || (tt.want == "") != (len(answer) == 0) {
					t.Errorf("answered %q, want %q", answer, tt.want)
				}
				if took := time.Since(begun); took < tt.after || took > tt.after+time.Second {
					t.Errorf("cut off after %v, want %v", took, tt.after)
				}
				here.Close()
				if err := <-served; !errors.Is(err, net.ErrClosed) {
					t.Errorf("Serve: %v", err)
				}
				if err := server.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
