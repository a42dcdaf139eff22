package docker_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

func simWithContainer(t testing.TB) (sim *dockersim.Engine, host, id string) {
	t.Helper()
	sim, host = simulated(t, "tcp")
	id = dockersim.NewID(1)
	sim.Put(dockersim.Container{ID: id, Status: "running"})
	return sim, host, id
}

// An Engine that comes back as another version, older or newer, is asked on in its own version at once.
func TestNegotiatesAgainWithAnotherEngine(t *testing.T) {
	sim, host, id := simWithContainer(t)
	engine := newEngine(t, docker.Config{Host: host})
	for n, engineIs := range []struct{ minimum, maximum string }{
		{"1.12", "1.41"}, {"1.44", "1.52"}, {"1.12", "1.41"}, {"1.24", "1.30"}, {"1.44", "1.44"},
	} {
		sim.SetAPI(engineIs.minimum, engineIs.maximum)
		for range 3 {
			if _, err := engine.Inspect(t.Context(), id); err != nil {
				t.Errorf("Engine with %s to %s: %v", engineIs.minimum, engineIs.maximum, err)
			}
		}
		if pings := sim.Counts().Pings; pings != int64(n+1) {
			t.Errorf("Engine with %s to %s: %d pings so far, want %d", engineIs.minimum, engineIs.maximum, pings, n+1)
		}
	}
}

func TestNoCommonVersion(t *testing.T) {
	sim, host, id := simWithContainer(t)
	sim.SetAPI("2.0", "2.1")
	_, err := newEngine(t, docker.Config{Host: host}).Inspect(t.Context(), id)
	if err == nil || !strings.Contains(err.Error(), "client version 1.51 is too old") {
		t.Errorf("got %v, want the Engine's refusal", err)
	}
}

func TestPinnedVersion(t *testing.T) {
	sim, host, id := simWithContainer(t)
	t.Setenv("DOCKER_API_VERSION", "v1.40")
	engine := newEngine(t, docker.Config{Host: host})
	if _, err := engine.Inspect(t.Context(), id); err != nil {
		t.Errorf("Inspect: %v", err)
	}
	if pings := sim.Counts().Pings; pings != 0 {
		t.Errorf("%d pings with a pinned version, want none", pings)
	}
	if err := engine.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	t.Setenv("DOCKER_API_VERSION", "1.40/../..")
	if _, err := docker.New(docker.Config{Host: host}); err == nil || !strings.Contains(err.Error(), "DOCKER_API_VERSION") {
		t.Errorf("New: %v, want an error that names DOCKER_API_VERSION", err)
	}
}

// Where the Engine refuses the version that is pinned, whatever is asked says who pinned it, and what the Engine wants (H10).
func TestH10APinnedVersionThatIsRefused(t *testing.T) {
	for _, c := range []struct{ pinned, minimum, maximum, want string }{
		{"1.30", "1.44", "1.51", "DOCKER_API_VERSION=1.30: the engine answered 400: client version 1.30 is too old. Minimum supported API version is 1.44"},
		{"v1.30", "1.44", "1.51", "DOCKER_API_VERSION=1.30: the engine answered 400: client version 1.30 is too old. Minimum supported API version is 1.44"},
		{"1.51", "1.12", "1.41", "DOCKER_API_VERSION=1.51: the engine answered 400: client version 1.51 is too new. Maximum supported API version is 1.41"},
	} {
		sim, host, id := simWithContainer(t)
		sim.SetAPI(c.minimum, c.maximum)
		t.Setenv("DOCKER_API_VERSION", c.pinned)
		engine := newEngine(t, docker.Config{Host: host})
		_, inspected := engine.Inspect(t.Context(), id)
		if asked := sim.Counts().Inspects; asked != 1 {
			t.Errorf("%s: an inspect asked %d times, want once: nothing can be negotiated", c.pinned, asked)
		}
		_, listed := docker.NewRunningList(engine).Read(t.Context())
		for what, err := range map[string]error{"Inspect": inspected, "Read": listed} {
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, actors.ErrEngineUnreachable) ||
				utf8.RuneCountInString(err.Error()) > 200 {
				t.Errorf("%s: %s: got %v, want %s", c.pinned, what, err, c.want)
			}
		}
	}
}

// A ping tries the pinned version, and all else that an Engine may say of it is no concern of a ping.
// Many that need a version at once make one ping.
func TestOneNegotiatesForAll(t *testing.T) {
	sim, host, id := simWithContainer(t)
	engine := newEngine(t, docker.Config{Host: host, Concurrency: 16})
	sim.SetFault(dockersim.Fault{Hang: true})

	// The first asks and is given up; those who wait meanwhile have contexts of their own.
	first, giveUp := context.WithCancel(t.Context())
	var asked sync.WaitGroup
	asked.Go(func() {
		if _, err := engine.Inspect(first, id); !errors.Is(err, context.Canceled) {
			t.Errorf("the first: %v", err)
		}
	})
	eventually(t, "a ping comes", func() bool { return sim.Counts().Pings > 0 })
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := engine.Inspect(ended, id); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits with an ended context: %v", err)
	}
	for range 15 {
		asked.Go(func() {
			if _, err := engine.Inspect(t.Context(), id); err != nil {
				t.Errorf("who waits: %v", err)
			}
		})
	}
	sim.SetFault(dockersim.Fault{})
	giveUp()
	asked.Wait()
	if pings := sim.Counts().Pings; pings != 2 {
		t.Errorf("%d pings, want 2: the one given up and one for all others", pings)
	}
}

// An Engine that is away and comes back is negotiated with anew.
func TestNegotiatesAgainAfterAnOutage(t *testing.T) {
	sim, host, id := simWithContainer(t)
	engine := newEngine(t, docker.Config{Host: host})
	for n := range 3 {
		if _, err := engine.Inspect(t.Context(), id); err != nil {
			t.Errorf("Inspect: %v", err)
		}
		if pings := sim.Counts().Pings; pings != int64(n+1) {
			t.Errorf("%d pings, want %d", pings, n+1)
		}
		sim.Down()
		if _, err := engine.Inspect(t.Context(), id); !errors.Is(err, actors.ErrEngineUnreachable) {
			t.Errorf("Inspect of an Engine that is down: %v", err)
		}
		if err := sim.Up(); err != nil {
			t.Fatal(err)
		}
	}
}
