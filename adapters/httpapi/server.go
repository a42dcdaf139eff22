// Package httpapi shows a node over HTTP: whether it lives and is ready, its metrics, and the games that it watches.
// Nothing can be changed through it.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/connections"
)

// Bounds on what clients can make the node spend, however many and however slow they are.
const (
	maxConnections    = 256
	maxHeaderBytes    = 16 << 10
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	// writeTimeout leaves a slow client time to read the list of 100,000 games.
	writeTimeout = time.Minute
	idleTimeout  = time.Minute
)

// Node is what the API shows.
type Node interface {
	// Ready says whether a tick has been completed and no stop has begun.
	Ready() bool
	// Alive returns nil when the node makes progress. It waits for an answer as long as ctx allows.
	Alive(ctx context.Context) error
	// Games returns the games on the running list, sorted by game id.
	Games(ctx context.Context) ([]actors.GameStatus, error)
}

// Config is what a server needs. All fields except Cluster are required.
type Config struct {
	// Addr is the host and port to listen on; port 0 chooses a free one.
	Addr string
	Node Node
	// Metrics answers /metrics.
	Metrics http.Handler
	Log     *slog.Logger
	// Cluster is the cluster that the node belongs to, nil for a single node.
	Cluster Cluster
}

// Cluster is what the API shows of a cluster.
type Cluster interface {
	// Name is the cluster's.
	Name() string
	// Node is the name of the node that answers.
	Node() string
	// Members returns the nodes that hold a lease, sorted by name.
	Members(ctx context.Context) ([]actors.Member, error)
	// Games returns all members' games, sorted by game id.
	Games(ctx context.Context) ([]actors.GameStatus, error)
}

// Server serves the API. Listen comes first, then Serve; Shutdown ends both.
type Server struct {
	addr     string
	http     *http.Server
	listener net.Listener
}

// New returns a server that doesn't listen yet.
func New(cfg Config) *Server {
	return &Server{
		addr: cfg.Addr,
		http: &http.Server{
			Handler:                      routes(cfg),
			ReadHeaderTimeout:            readHeaderTimeout,
			ReadTimeout:                  readTimeout,
			WriteTimeout:                 writeTimeout,
			IdleTimeout:                  idleTimeout,
			MaxHeaderBytes:               maxHeaderBytes,
			ConnState:                    follow,
			DisableGeneralOptionsHandler: true,
			ErrorLog:                     slog.NewLogLogger(cfg.Log.Handler(), slog.LevelWarn),
		},
	}
}

// Listen takes the address. An error says why it can't be had: connections.ErrNoAddress, connections.ErrInUse, or another reason
// of the system's.
func (s *Server) Listen(ctx context.Context) error {
	listener, err := connections.Listen(ctx, s.addr)
	if err != nil {
		return err
	}
	s.listener = &limited{Listener: listener, limit: connections.NewLimit(maxConnections)}
	return nil
}

// Addr is the address that Listen took.
func (s *Server) Addr() string {
	return s.listener.Addr().String()
}

// Serve answers requests until Shutdown, and returns an error if it ends otherwise.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP on %s: %w", s.addr, err)
	}
	return nil
}

// Shutdown accepts no more requests and lets those under way end; if ctx ends first, it cuts them off and says so.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.listener != nil {
		defer s.listener.Close() // In case Serve never had it.
	}
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("stop HTTP: %w", err), s.http.Close())
	}
	return nil
}
