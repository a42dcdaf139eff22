package main

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// echo is a server that says what it hears.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// say sends a word through a connection and returns what comes back, if it comes in time.
func say(t *testing.T, conn net.Conn, patience time.Duration) (string, error) {
	t.Helper()
	if _, err := conn.Write([]byte("word")); err != nil {
		return "", err
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4)
	n, err := io.ReadFull(conn, answer)
	return string(answer[:n]), err
}

func TestProxy(t *testing.T) {
	const patience = 10 * time.Second
	p, err := newProxy(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	dial := func() net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", p.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}

	conn := dial()
	if answer, err := say(t, conn, patience); answer != "word" || err != nil {
		t.Errorf("through the proxy: %q, %v", answer, err)
	}
	end := p.beSilent()
	if answer, err := say(t, conn, 200*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("while it is silent: %q, %v", answer, err)
	}
	end()
	if _, err := say(t, conn, patience); err == nil {
		t.Error("a connection with missing bytes goes on")
	}

	conn = dial()
	p.delay.Store(int64(50 * time.Millisecond))
	began := time.Now()
	if answer, err := say(t, conn, patience); answer != "word" || err != nil || time.Since(began) < 50*time.Millisecond {
		t.Errorf("where answers come late: %q, %v, after %v", answer, err, time.Since(began))
	}
	p.delay.Store(0)
	p.lossy.Store(1000)
	if _, err := say(t, conn, patience); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a lost answer takes its connection with it: %v", err)
	}
	p.lossy.Store(0)

	p.refuse()
	if conn, err := net.Dial("tcp", p.address); err == nil {
		_ = conn.Close()
		t.Error("a connection is not refused")
	}
	if err := p.accept(); err != nil {
		t.Fatal(err)
	}
	if answer, err := say(t, dial(), patience); answer != "word" || err != nil {
		t.Errorf("after it came back: %q, %v", answer, err)
	}
}
