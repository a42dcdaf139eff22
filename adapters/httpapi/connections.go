package httpapi

import (
	"errors"
	"net"
	"net/http"
	"syscall"

	"galaxy/healthactors/adapters/connections"
)

// limited is a listener that holds a bounded number of connections, and closes idle ones for new ones rather than let these wait: a probe among
// them would wait too.
type limited struct {
	net.Listener
	limit *connections.Limit
}

// Accept implements net.Listener. An idle connection is also closed when the process has no descriptor left for a new one;
// where none is idle, http.Server tries again after a pause.
func (l limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		switch {
		case err == nil:
			return l.limit.Take(conn), nil
		case !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) || !l.limit.Spare():
			return nil, err
		}
	}
}

// follow tells the limit what http.Server says of a connection. It calls one active when the whole header of a request has
// come, so one that sends it byte by byte is idle.
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
