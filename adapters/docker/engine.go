// Package docker talks to Docker Engines: it inspects containers (actors.Engine) and lists the labelled ones
// (actors.RunningList).
//
// The client of docker/docker knows how to reach an Engine, and the Docker CLI's packages know by which rules to find
// it; both are used for that. The requests are our own, over the client's transport: the typed client decodes a whole
// answer although four fields matter, bounds no answer's size, and never raises an API version that it has once
// lowered. Nothing is ever requested but GET /_ping, /containers/json and /containers/{id}/json.
package docker

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/docker/docker/client"

	"galaxy/healthactors/actors"
)

const (
	// idleTimeout is how long an unused connection is kept: over several of the usual intervals between ticks.
	idleTimeout = 90 * time.Second
	// handshakeTimeout bounds a TLS handshake, which may go on after the request that began it has ended.
	handshakeTimeout = 10 * time.Second
	// maxHeaderBytes bounds an answer's header; a real Engine sends a few hundred bytes.
	maxHeaderBytes = 64 << 10
	// spareConnections are kept in addition to those of the inspects, for the list and the ping.
	spareConnections = 2
)

// Config says which Engine to ask and how.
type Config struct {
	// Name is the Engine's name in the running list; empty means actors.DefaultEngine.
	Name string
	// Host is unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]. Empty means what the Docker CLI would use:
	// DOCKER_HOST, DOCKER_CONTEXT, the CLI's current context, or else the local socket.
	Host string
	// CertDir holds ca.pem and, where the Engine asks for a client certificate, cert.pem and key.pem. It is for tcp://
	// only. Empty means what the Docker CLI would use: DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH.
	CertDir string
	// Concurrency is the number of inspects under way at once that connections are kept for; at least 1.
	Concurrency int
}

// Engine is one Docker Engine. It implements actors.Engine.
type Engine struct {
	name      string
	base      url.URL
	transport *http.Transport
	api       *negotiation
}

var _ actors.Engine = (*Engine)(nil)

// New makes an Engine, and dials nothing. The error is an *[operand.Error] of Host, of CertDir, or of a variable of the Docker
// CLI's.
func New(cfg Config) (*Engine, error) {
	target, err := resolve(cfg)
	if err != nil {
		return nil, err
	}
	options, err := target.endpoint.ClientOpts()
	if err != nil {
		return nil, target.wrong(err)
	}
	var transport *http.Transport
	options = append(options, tune(max(cfg.Concurrency, 1), &transport))
	cli, err := client.NewClientWithOpts(options...)
	if err != nil {
		return nil, target.wrong(err)
	}
	base, err := client.ParseHostURL(cli.DaemonHost())
	if err != nil {
		return nil, target.wrong(err)
	}
	pinned, err := pinnedVersion()
	if err != nil {
		return nil, err
	}

	e := &Engine{name: cfg.Name, transport: transport, base: url.URL{Scheme: "http", Host: base.Host, Path: base.Path}}
	if e.name == "" {
		e.name = actors.DefaultEngine
	}
	if base.Scheme == "unix" {
		e.base.Host = client.DummyHost // HTTP needs a host's name; the dialer knows the socket.
	}
	if transport.TLSClientConfig != nil {
		e.base.Scheme = "https"
	}
	e.api = &negotiation{pinned: pinned, ask: e.askVersion}
	return e, nil
}

// tune adapts the client's transport to many inspects at once, and returns it: it is below the client's tracing, which
// would cost more than the decoding, and below its HTTP client, which would follow redirects.
func tune(concurrency int, out **http.Transport) client.Opt {
	return func(c *client.Client) error {
		transport, ok := c.HTTPClient().Transport.(*http.Transport)
		if !ok {
			return fmt.Errorf("unexpected transport %T", c.HTTPClient().Transport)
		}
		transport.MaxIdleConns = concurrency + spareConnections
		transport.MaxIdleConnsPerHost = concurrency + spareConnections
		transport.IdleConnTimeout = idleTimeout
		transport.TLSHandshakeTimeout = handshakeTimeout
		transport.MaxResponseHeaderBytes = maxHeaderBytes
		*out = transport
		return nil
	}
}

// Name returns the Engine's name in the running list.
func (e *Engine) Name() string { return e.name }

// OnUnixSocket says whether the Engine is this machine's own.
func (e *Engine) OnUnixSocket() bool { return e.base.Host == client.DummyHost }

// Ping asks the Engine whether it is there. Whether it accepts the API version shows only when it is asked for a container.
func (e *Engine) Ping(ctx context.Context) error {
	_, err := e.askVersion(ctx)
	return err
}

// Close closes the connections that are not in use. What is under way ends with its own context.
func (e *Engine) Close() { e.transport.CloseIdleConnections() }
