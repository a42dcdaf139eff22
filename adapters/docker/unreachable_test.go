package docker_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
)

// saying is a server that says the same to whoever asks it for a container, and closes the connection, or keeps it open.
func saying(t *testing.T, answer string, reset, open bool) (host string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	serve := func(conn net.Conn) {
		defer conn.Close()
		in := bufio.NewReader(conn)
		for {
			request, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if request.URL.Path == "/_ping" {
				_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 0\r\n\r\n"))
				continue
			}
			_, _ = conn.Write([]byte(answer))
			if tcp, ok := conn.(*net.TCPConn); ok && reset {
				_ = tcp.SetLinger(0)
			}
			if !open {
				return
			}
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go serve(conn)
		}
	}()
	return "tcp://" + listener.Addr().String()
}

// Whoever answered can be reached, whatever the answer is worth (H10).
func TestH10WhatWasAnsweredCameFromAnEngineThatCanBeReached(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	for name, c := range map[string]struct {
		answer      string
		reset, open bool
		want        string
		unreachable bool
	}{
		"nothing":               {answer: "", want: "closed before an answer came", unreachable: true},
		"a reset":               {answer: "", reset: true, want: "connection reset", unreachable: true},
		"half a status":         {answer: "HTTP/1.1 20", want: "no HTTP that can be read"},
		"half a header":         {answer: head + "Content-Ty", want: "no HTTP that can be read"},
		"a header and no end":   {answer: head + "Content-Type: x\r\n", want: "broke off"},
		"half a body":           {answer: head + "Content-Length: 100\r\n\r\n{", want: "broke off"},
		"half a chunk":          {answer: head + "Transfer-Encoding: chunked\r\n\r\n64\r\n{", want: "broke off"},
		"no status":             {answer: "HTTP/1.1 OK\r\n\r\n", want: "no HTTP that can be read"},
		"a status of letters":   {answer: "HTTP/1.1 abc x\r\n\r\n", want: "no HTTP that can be read"},
		"another protocol":      {answer: "SSH-2.0-OpenSSH_9.2\r\n\r\n", want: "no HTTP that can be read"},
		"a header of no name":   {answer: head + ": x\r\n\r\n", want: "no HTTP that can be read"},
		"a length of letters":   {answer: head + "Content-Length: many\r\n\r\n", want: "no HTTP that can be read"},
		"two lengths":           {answer: head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", want: "no HTTP that can be read"},
		"an unknown encoding":   {answer: head + "Transfer-Encoding: knots\r\n\r\n", want: "no HTTP that can be read"},
		"two encodings":         {answer: head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", want: "no HTTP that can be read"},
		"a header too long":     {answer: head + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", want: "no HTTP that can be read"},
		"nothing but progress":  {answer: strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+strings.Repeat("x", 1000)+"\r\n\r\n", 200), open: true, want: "no HTTP that can be read"},
		"a switch of protocols": {answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n", open: true, want: "the engine answered 101"},
		"a proxy's word":        {answer: "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", open: true, want: "the engine answered 502 Bad Gateway"},
		"a status of its own":   {answer: "HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", open: true, want: "the engine answered 999"},
		"half a refusal":        {answer: "HTTP/1.1 500 x\r\nContent-Length: 100\r\n\r\nout of", want: "the engine answered 500: out of"},
	} {
		t.Run(name, func(t *testing.T) {
			engine := newEngine(t, docker.Config{Host: saying(t, c.answer, c.reset, c.open)})
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := engine.Inspect(ctx, "abc")
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, actors.ErrEngineUnreachable) != c.unreachable {
				t.Errorf("got %v, want an error with %q, unreachable: %t", err, c.want, c.unreachable)
			}
		})
	}
}
