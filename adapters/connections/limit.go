// Package connections bounds how many connections a port holds at once, so that those who hold them without need can't keep
// others out: when one too many comes, the one that has done nothing for longest is closed for it.
package connections

import (
	"container/list"
	"net"
	"sync"
)

// descriptorShare is the part of the process's file descriptors that one port may take. A node has two ports, and needs the
// other half for its journal, its Engines and its broker.
const descriptorShare = 4

// fewest connections are let in however few descriptors there are.
const fewest = 8

// Limit is what a port holds: so many connections at most, idle ones and busy ones. Its methods may be called at once.
type Limit struct {
	most int

	mu         sync.Mutex
	idle, busy *list.List // of *Conn; in front is the one that has been so for longest
}

// NewLimit returns a limit of so many connections, and of less where the process may not open four times as many files.
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

// Take counts a new connection, as an idle one. When there are too many, the one that has been idle for longest is closed, or
// the one that has been busy for longest where busy ones are more than three quarters: the others are left to those that have
// only just come, and would else give way to each other. It says whether one was.
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

// first takes out the connection that is to be closed first.
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

// stand puts the connection at the end of a list, or of none. The limit is locked.
func (c *Conn) stand(in *list.List) {
	if c.place != nil {
		c.in.Remove(c.place)
		c.place = nil
	}
	if c.in = in; in != nil {
		c.place = in.PushBack(c)
	}
}

// Busy says that somebody is being served over the connection from now on, or has been just now.
func (c *Conn) Busy() { c.move(c.limit.busy) }

// Idle says that nobody is.
func (c *Conn) Idle() { c.move(c.limit.idle) }

func (c *Conn) move(to *list.List) {
	c.limit.mu.Lock()
	defer c.limit.mu.Unlock()
	if c.place != nil {
		c.stand(to)
	}
}

// Close implements net.Conn: the connection counts no longer.
func (c *Conn) Close() error {
	c.limit.mu.Lock()
	c.stand(nil)
	c.limit.mu.Unlock()
	return c.Conn.Close()
}
