package dockersim

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// serving is where an Engine listens, and whether it does at present.
type serving struct {
	mu      sync.Mutex
	sockets []socket
	done    sync.WaitGroup
	closed  bool
}

// socket is one address that is served. Its server is nil while the Engine is down.
type socket struct {
	network, address string
	server           *http.Server
}

// Listen serves the Engine at an address ("tcp", "127.0.0.1:0" or "unix", a path), and returns it as a Docker host.
func (e *Engine) Listen(network, address string) (host string, err error) {
	s := &e.serving
	s.mu.Lock()
	defer s.mu.Unlock()
	listening := socket{network: network, address: address}
	if err := e.serve(&listening); err != nil {
		return "", err
	}
	s.sockets = append(s.sockets, listening)
	return network + "://" + listening.address, nil
}

// serve opens the socket; of a TCP port 0 it keeps the one that it got.
func (e *Engine) serve(s *socket) error {
	listener, err := net.Listen(s.network, s.address)
	if err != nil {
		return fmt.Errorf("serve a simulated engine: %w", err)
	}
	s.address = listener.Addr().String()
	s.server = &http.Server{
		Handler:           e,
		ConnState:         e.countConnections,
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: time.Minute,
	}
	server := s.server
	e.serving.done.Go(func() { _ = server.Serve(listener) })
	return nil
}

// Down takes the Engine down: what is under way is cut off, and connections are refused.
func (e *Engine) Down() {
	e.serving.mu.Lock()
	defer e.serving.mu.Unlock()
	e.down()
}

func (e *Engine) down() {
	for i := range e.serving.sockets {
		if server := e.serving.sockets[i].server; server != nil {
			_ = server.Close()
			e.serving.sockets[i].server = nil
		}
	}
	e.serving.done.Wait()
}

// Up has an Engine that was down listen again, at the same addresses.
func (e *Engine) Up() error {
	e.serving.mu.Lock()
	defer e.serving.mu.Unlock()
	if e.serving.closed {
		return errors.New("serve a simulated engine: it is closed")
	}
	for i := range e.serving.sockets {
		if e.serving.sockets[i].server == nil {
			if err := e.serve(&e.serving.sockets[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close takes the Engine down for good.
func (e *Engine) Close() {
	e.serving.mu.Lock()
	defer e.serving.mu.Unlock()
	if !e.serving.closed {
		e.serving.closed = true
		close(e.closed)
		e.down()
	}
}

func (e *Engine) countConnections(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		e.opened.Add(1)
	}
}
