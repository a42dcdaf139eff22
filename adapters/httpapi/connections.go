package httpapi

import (
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"

	"galaxy/healthactors/adapters/connections"
)

// limited is a listener that holds a bounded number of connections, and closes idle ones for new ones rather than let the new
// ones wait: a probe among them would wait too.
type limited struct {
	net.Listener
	limit *connections.Limit
	// gaveWay counts the connections that were closed for others.
	gaveWay int
}

// sendBytes is how much of an answer the system keeps for a client that doesn't read it; left to itself, it keeps megabytes.
const sendBytes = 128 << 10

// After this many connections for which others had to give way there is a short pause, so that those who have just come have
// time to say what they want before they have to give way themselves. At this pace the 4,096 connections that may wait in the
// system are still accepted within a second.
const (
	breath     = time.Millisecond
	breathEach = 8
)

// Accept implements net.Listener. An idle connection is also closed when the process has no descriptor left for a new one;
// if none is idle, http.Server tries again after a pause.
func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetWriteBuffer(sendBytes) // An error is the connection's, and comes again.
			}
			taken, full := l.limit.Take(conn)
			if full {
				if l.gaveWay++; l.gaveWay%breathEach == 0 {
					time.Sleep(breath)
				}
			}
			return taken, nil
		case !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) || !l.limit.Spare():
			return nil, err
		}
	}
}

// follow tells the limit what http.Server says about a connection. http.Server calls one active once the whole header of a
// request has arrived, so one that sends it byte by byte is idle.
func follow(c net.Conn, state http.ConnState) {
	conn, ok := c.(*connections.Conn)
	if !ok {
		return
	}
	switch state {
	case http.StateActive:
		conn.Busy()
	case http.StateIdle:
		conn.Idle()
	}
}
