package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// proxy stands between the node and a server, which it can make vanish without harming it.
type proxy struct {
	target, address string // neither changes

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	conns    map[net.Conn]bool
	work     sync.WaitGroup

	// silent: what clients send is taken and goes nowhere. lossy: of a thousand answers of the server so many are lost, and
	// their connections with them.
	silent atomic.Bool
	lossy  atomic.Int32
	// delay is how much later, as a time.Duration, each answer of the server arrives.
	delay atomic.Int64
	// held, while there is one: what clients send waits until the channel is closed.
	held atomic.Pointer[chan struct{}]
}

// newProxy listens on a free port of the loopback address. The target need not listen yet.
func newProxy(target string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as a proxy: %w", err)
	}
	p := &proxy{target: target, address: listener.Addr().String(), conns: map[net.Conn]bool{}}
	p.acceptFrom(listener)
	return p, nil
}

// accept has connections accepted again.
func (p *proxy) accept() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return nil
	}
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		return fmt.Errorf("listen as a proxy: %w", err)
	}
	p.acceptFrom(listener)
	return nil
}

func (p *proxy) acceptFrom(listener net.Listener) {
	p.listener = listener
	p.work.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.work.Go(func() { p.serve(client) })
		}
	})
}

// refuse cuts all connections and has new ones refused.
func (p *proxy) refuse() {
	p.mu.Lock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.mu.Unlock()
	p.cut()
}

// cut cuts all connections that there are.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

// cutPort cuts the connection that has this port at the server.
func (p *proxy) cutPort(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		if address, ok := conn.LocalAddr().(*net.TCPAddr); ok && address.Port == port {
			_ = conn.Close()
		}
	}
}

// beSilent has the server answer nobody, until it ends.
func (p *proxy) beSilent() (end func()) {
	p.silent.Store(true)
	return func() {
		p.silent.Store(false)
		p.cut() // since bytes are missing
	}
}

// hold has all that clients send wait, until it is released.
func (p *proxy) hold() (release func()) {
	held := make(chan struct{})
	p.held.Store(&held)
	return sync.OnceFunc(func() {
		p.held.Store(nil)
		close(held)
	})
}

func (p *proxy) close() {
	p.refuse()
	p.work.Wait()
}

func (p *proxy) serve(client net.Conn) {
	defer p.forget(client)
	if !p.keep(client) {
		return
	}
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		return
	}
	defer p.forget(server)
	if !p.keep(server) {
		return
	}
	p.work.Go(func() { p.answer(client, server) })
	p.ask(server, client)
}

// answer copies what the server says, as late as the delay wants it.
func (p *proxy) answer(client, server net.Conn) {
	type piece struct {
		due  time.Time
		data []byte
	}
	late := make(chan piece, 1000)
	p.work.Go(func() {
		defer client.Close()
		for piece := range late {
			time.Sleep(time.Until(piece.due))
			if _, err := client.Write(piece.data); err != nil {
				_ = server.Close() // which ends the reading below
			}
		}
	})
	defer close(late)
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		if rand.Int32N(1000) < p.lossy.Load() || errors.Is(err, net.ErrClosed) {
			_ = client.Close() // at once, also what is on its way is lost
			return
		}
		if err != nil {
			return
		}
		late <- piece{time.Now().Add(time.Duration(p.delay.Load())), append([]byte(nil), buffer[:n]...)}
	}
}

// ask copies what the client says.
func (p *proxy) ask(server, client net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if held := p.held.Load(); held != nil {
			<-*held
		}
		if err == nil && !p.silent.Load() {
			_, err = server.Write(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}

// keep notes a connection, which will be cut with the others. It says whether there is any use in it: connections may have
// come to be refused since this one was accepted.
func (p *proxy) keep(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[conn] = true
	return p.listener != nil
}

func (p *proxy) forget(conn net.Conn) {
	_ = conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}
