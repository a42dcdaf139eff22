package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
)

// proxy stands between the node and a server, which it can make vanish without harming it.
type proxy struct {
	target, address string

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	conns    map[net.Conn]bool
	work     sync.WaitGroup

	// silent: what clients send is taken and goes nowhere. lossy: of a thousand answers of the server so many are lost, and
	// their connections with them.
	silent atomic.Bool
	lossy  atomic.Int32
	// held, while there is one: what clients send waits until the channel is closed.
	held atomic.Pointer[chan struct{}]
}

// newProxy listens on a free port of the loopback address. The target may be set until the first connection comes.
func newProxy() (*proxy, error) {
	p := &proxy{address: "127.0.0.1:0", conns: map[net.Conn]bool{}}
	return p, p.accept()
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
	p.listener, p.address = listener, listener.Addr().String()
	p.work.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.work.Go(func() { p.serve(client) })
		}
	})
	return nil
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
	p.keep(client)
	defer p.forget(client)
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	p.keep(server)
	defer p.forget(server)
	p.work.Go(func() {
		defer client.Close()
		p.pass(client, server, func() (forward, goOn bool) {
			survives := rand.Int32N(1000) >= p.lossy.Load()
			return survives, survives
		})
	})
	p.pass(server, client, func() (forward, goOn bool) {
		if held := p.held.Load(); held != nil {
			<-*held
		}
		return !p.silent.Load(), true
	})
}

// pass copies one direction, and asks about each piece whether it is forwarded and whether to go on.
func (p *proxy) pass(to, from net.Conn, fate func() (forward, goOn bool)) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		forward, goOn := fate()
		if forward {
			_, err = to.Write(buffer[:n])
		}
		if err != nil || !goOn {
			return
		}
	}
}

func (p *proxy) keep(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[conn] = true
}

func (p *proxy) forget(conn net.Conn) {
	_ = conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}
