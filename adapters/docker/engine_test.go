package docker_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "ssh" {
		os.Exit(fakeSSH())
	}
	for _, name := range []string{
		"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION",
	} {
		_ = os.Unsetenv(name) // tests must not touch this machine's Engine
	}
	goleak.VerifyTestMain(m)
}

// simulated starts a simulated Engine at a socket of its own.
func simulated(t testing.TB, network string) (sim *dockersim.Engine, host string) {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		// A socket's path must be short, which t.TempDir's is not.
		dir, err := os.MkdirTemp("", "sim")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		address = filepath.Join(dir, "s")
	}
	sim = dockersim.New()
	t.Cleanup(sim.Close)
	host, err := sim.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return sim, host
}

func newEngine(t testing.TB, cfg docker.Config) *docker.Engine {
	t.Helper()
	engine, err := docker.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return engine
}

// eventually waits for what a real connection takes its time for.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came to be that %s", what)
		}
	}
}

// simControl lets the conformance suite set the scene in a simulated Engine.
type simControl struct {
	t   *testing.T
	sim *dockersim.Engine
}

func (c simControl) Put(o actors.Observation) {
	c.sim.Put(dockersim.Container{ID: o.ID, RestartCount: int(o.RestartCount), Status: o.State, Health: o.Health})
}

func (c simControl) Remove(id string) { c.sim.Remove(id) }

func (c simControl) Hang(id string) { c.setFault(id, dockersim.Fault{Hang: true}) }

func (c simControl) Fail(id, message string) {
	c.setFault(id, dockersim.Fault{Status: 500, Message: message})
}

func (c simControl) setFault(id string, fault dockersim.Fault) {
	c.sim.Update(id, func(container *dockersim.Container) { container.Fault = fault })
}

func (c simControl) SetReachable(reachable bool) {
	if !reachable {
		c.sim.Down()
	} else if err := c.sim.Up(); err != nil {
		c.t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			porttest.Engine(t, func(t *testing.T) (actors.Engine, porttest.EngineControl) {
				sim, host := simulated(t, network)
				return newEngine(t, docker.Config{Host: host, Concurrency: 16}), simControl{t, sim}
			})
		})
	}
}

// The Engine is asked for nothing but three paths, whatever a method is called with.
func TestOnlyThreePathsAreAsked(t *testing.T) {
	sim := dockersim.New()
	var mu sync.Mutex
	asked := make(map[string]bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.Method+" "+r.RequestURI] = true
		mu.Unlock()
		sim.ServeHTTP(w, r)
	}))
	defer server.Close()
	defer sim.Close()
	id := dockersim.NewID(1)
	sim.Put(dockersim.Container{ID: id, Name: "g1", Status: "running", Labels: map[string]string{docker.GameLabel: "g"}})
	engine := newEngine(t, docker.Config{Host: "tcp://" + server.Listener.Addr().String()})
	list := docker.NewRunningList(engine)

	// Every method of the package that asks, and ids that would reach other paths.
	call := func() {
		_ = engine.Ping(t.Context())
		_, _ = list.Read(t.Context())
		for _, id := range []string{
			id, "g1", "nope", "../version", "a/../../_ping", "a?b", "a/start", "..%2fversion", "%2e%2e/x", "x#y", "",
		} {
			_, _ = engine.Inspect(t.Context(), id)
		}
		engine.Close()
	}
	call()
	sim.SetAPI("1.52", "1.60") // refuses all that the client knows
	call()
	sim.SetAPI("1.12", "1.41")
	call()
	for _, fault := range []dockersim.Fault{
		{Status: 301}, {Status: 404}, {Status: 500}, {Reset: true}, {Body: []byte("[")}, {},
	} {
		sim.SetFault(fault)
		call()
	}

	if counts := sim.Counts(); len(counts.Foreign) > 0 {
		t.Errorf("foreign requests: %q", counts.Foreign)
	}
	allowed := regexp.MustCompile(`^GET (/_ping|/v1\.[0-9]+/containers/(json\?all=1&filters=[%A-Za-z0-9_.]+|(` + id +
		`|g1|nope)/json))$`)
	for request := range asked {
		if !allowed.MatchString(request) {
			t.Errorf("asked %s", request)
		}
	}
	for _, want := range []string{"GET /_ping", "GET /v1.51/containers/g1/json", "GET /v1.41/containers/g1/json"} {
		if !asked[want] {
			t.Errorf("did not ask %s", want)
		}
	}
}

func TestConnectionsAreReused(t *testing.T) {
	const concurrency = 16
	sim, host := simulated(t, "tcp")
	for n := range concurrency {
		sim.Put(dockersim.Container{ID: dockersim.NewID(n), Status: "running", Health: "healthy"})
	}
	engine := newEngine(t, docker.Config{Host: host, Concurrency: concurrency})
	var all sync.WaitGroup
	for n := range concurrency {
		all.Go(func() {
			for range 20 {
				if _, err := engine.Inspect(t.Context(), dockersim.NewID(n)); err != nil {
					t.Errorf("Inspect: %v", err)
				}
				// An answer that is an error must not cost the connection.
				if _, err := engine.Inspect(t.Context(), "nope"); !errors.Is(err, actors.ErrNoSuchContainer) {
					t.Errorf("Inspect: %v", err)
				}
			}
		})
	}
	all.Wait()
	// The transport dials ahead while a connection is about to come free, hence twice.
	if opened := sim.Counts().Connections; opened > 2*concurrency {
		t.Errorf("%d connections for %d requests, %d at once", opened, 2*20*concurrency, concurrency)
	}
}

func TestPing(t *testing.T) {
	sim, host := simulated(t, "tcp")
	engine := newEngine(t, docker.Config{Host: host})
	if err := engine.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}

	sim.SetFault(dockersim.Fault{Status: 503, Message: "starting"})
	if err := engine.Ping(t.Context()); err == nil || err.Error() != "the engine answered 503: starting" {
		t.Errorf("Ping: %v", err)
	}
	sim.SetFault(dockersim.Fault{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := engine.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Ping: %v", err)
	}
	sim.Down()
	err := engine.Ping(t.Context())
	if !errors.Is(err, actors.ErrEngineUnreachable) || !strings.Contains(err.Error(), strings.TrimPrefix(host, "tcp://")) {
		t.Errorf("Ping: %v", err)
	}
}

// Equal failures of many connections have equal texts, so that they can be one warning (H10).
func TestUnreachableTextsAreEqual(t *testing.T) {
	sim, host := simulated(t, "tcp")
	engine := newEngine(t, docker.Config{Host: host})
	var texts []string
	note := func(err error) {
		if !errors.Is(err, actors.ErrEngineUnreachable) {
			t.Errorf("got %v, want ErrEngineUnreachable", err)
		}
		texts = append(texts, err.Error())
	}
	sim.SetFault(dockersim.Fault{Reset: true})
	for n := range 3 {
		_, err := engine.Inspect(t.Context(), dockersim.NewID(n))
		note(err)
	}
	if len(slices.Compact(texts)) != 1 {
		t.Errorf("texts differ: %q", texts)
	}
}
