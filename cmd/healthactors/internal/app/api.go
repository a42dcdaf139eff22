package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"galaxy/healthactors/adapters/connections"
	"galaxy/healthactors/adapters/httpapi"
	"galaxy/healthactors/adapters/operand"
)

// closeTimeout bounds the end of what has its own little work left when the node has stopped.
const closeTimeout = 5 * time.Second

// api is the node's HTTP server; without a server it is off.
type api struct {
	server *httpapi.Server
	failed chan error
}

// listen takes the address to answer HTTP on, if that is wanted.
func (a *App) listen(ctx context.Context, node httpapi.Node, cluster httpapi.Cluster) (*api, error) {
	s, h := a.settings, &api{failed: make(chan error, 1)}
	if s.HTTP == "" {
		return h, nil
	}
	server := httpapi.New(httpapi.Config{Addr: string(s.HTTP), Node: node, Metrics: a.metrics.Handler(), Cluster: cluster, Log: a.Log})
	if err := server.Listen(ctx); err != nil {
		return h, a.noAddress("http", string(s.HTTP), `another one, such as 127.0.0.1:8080 or :8080, or "" to turn HTTP off`, err)
	}
	h.server = server
	return h, nil
}

// noAddress says why the address that a flag gives can't be had. One that is none of this machine is an error of the
// configuration; one that is taken is none.
func (a *App) noAddress(flag, address, want string, err error) error {
	why := &operand.Error{Reason: err.Error(), Want: want}
	if errors.Is(err, connections.ErrNoAddress) {
		return a.settings.Wrong(flag, address, why)
	}
	return a.settings.About(flag, address, why)
}

// serve begins to answer.
func (a *api) serve() {
	if a.server == nil {
		return
	}
	go func() {
		if err := a.server.Serve(); err != nil {
			a.failed <- err
		}
	}()
}

func (a *api) String() string {
	if a.server == nil {
		return "off"
	}
	return a.server.Addr()
}

func (a *api) shutdown(log *slog.Logger) {
	if a.server == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != nil {
		log.Warn("stopping HTTP failed", "error", err)
	}
}
