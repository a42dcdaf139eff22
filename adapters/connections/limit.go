// Package connections bounds how many connections a port holds at once, so that nobody who holds connections without need can
// keep others out: when one too many comes, the one that has been idle for longest is closed for it.
package connections

import (
	"container/list"
	"net"
	"sync"
)

// descriptorShare is the part of the process's file descriptors that one port may take. A node has two ports, and needs the
// other half for its journal, its Engines and its broker.
const descriptorShare = 4

// fewest connections are admitted however few descriptors there are.
const fewest = 8

// Limit is what a port holds: a bounded number of connections, idle ones and busy ones. Its methods may be called concurrently.
type Limit struct {
	most int

	mu         sync.Mutex
	idle, busy *list.List // of *Conn; in front is the one that has been idle, or busy, for longest
}

// NewLimit returns a limit of this many connections, or of fewer if the process may not open four times as many files.
func NewLimit(most int) *Limit {
	if files, ok := mostFiles(); ok {
		most = min(most, max(fewest, int(min(files, 1<<30))/descriptorShare))
	}
	return &Limit{most: most, idle: list.New(), busy: list.New()}
}

// Conn is a connection that counts until it is closed.
type Conn struct {
	net.Conn
	limit *Limit
	// place is where it stands in one of the limit's two lists, which guard it; nil once it is in neither.
	place *list.Element
	in    *list.List
}

// Take counts a new connection, as an idle one. When there are too many, the one that has been idle for longest is closed. If
// more than three quarters are busy, it is the one that has been busy for longest: the remaining quarter is for connections
// that have only just come, which would otherwise give way to each other. Take says whether one was closed.
func (l *Limit) Take(connection net.Conn) (c *Conn, closed bool) {
	c = &Conn{Conn: connection, limit: l}
	l.mu.Lock()
	var victim *Conn
	var busy bool
	if l.idle.Len()+l.busy.Len() >= l.most {
		victim, busy = l.first()
	}
	c.stand(l.idle)
	l.mu.Unlock()
	victim.end(busy)
	return c, victim != nil
}

// Spare closes the connection that has been idle for longest, and says whether there was one.
func (l *Limit) Spare() bool {
	l.mu.Lock()
	front := l.idle.Front()
	if front == nil {
		l.mu.Unlock()
		return false
	}
	victim := front.Value.(*Conn)
	victim.stand(nil)
	l.mu.Unlock()
	victim.end(false)
	return true
}

// first removes and returns the connection that is to be closed first.
func (l *Limit) first() (c *Conn, busy bool) {
	from := l.idle
	if busy = l.busy.Len() > l.most-l.most/4 || l.idle.Len() == 0; busy {
		from = l.busy
	}
	c = from.Front().Value.(*Conn)
	c.stand(nil)
	return c, busy
}

// end closes a connection that had to give way. A busy one's peer may never take what is on its way to it, and the system
// would keep that for minutes.
func (c *Conn) end(busy bool) {
	if c == nil {
		return
	}
	if tcp, ok := c.Conn.(*net.TCPConn); ok && busy {
		_ = tcp.SetLinger(0)
	}
	_ = c.Conn.Close()
}

// stand moves the connection to the end of a list, or to none. The limit is locked.
func (c *Conn) stand(in *list.List) {
	if c.place != nil {
		c.in.Remove(c.place)
		c.place = nil
	}
	if c.in = in; in != nil {
		c.place = in.PushBack(c)
	}
}

// Busy notes that a client is being served over the connection from now on, or has been just now.
func (c *Conn) Busy() { c.move(c.limit.busy) }

// Idle notes that nobody is being served.
func (c *Conn) Idle() { c.move(c.limit.idle) }

func (c *Conn) move(to *list.List) {
	c.limit.mu.Lock()
	defer c.limit.mu.Unlock()
	if c.place != nil {
		c.stand(to)
	}
}

// Close implements net.Conn: the connection no longer counts.
func (c *Conn) Close() error {
	c.limit.mu.Lock()
	c.stand(nil)
	c.limit.mu.Unlock()
	return c.Conn.Close()
}
