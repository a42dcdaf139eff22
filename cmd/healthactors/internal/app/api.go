package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"galaxy/healthactors/adapters/connections"
	"galaxy/healthactors/adapters/httpapi"
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
	server, err := httpapi.New(httpapi.Config{Addr: string(s.HTTP), Node: node, Metrics: a.metrics.Handler(), Cluster: cluster, Log: a.Log})
	if err != nil {
		return h, s.Wrong(err)
	}
	if err := server.Listen(ctx); err != nil {
		return h, a.wrongAddress(err)
	}
	h.server = server
	return h, nil
}

// wrongAddress makes an address that is none of this machine an error of the configuration. One that is taken is none.
func (a *App) wrongAddress(err error) error {
	if errors.Is(err, connections.ErrNoAddress) {
		return a.settings.Wrong(err)
	}
	return err
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
		log.Warn("HTTP didn't end well", "error", err)
	}
}
