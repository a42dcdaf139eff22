//go:build integration

package docker_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockertest"
)

// unique makes a name that no other test on the same Engine uses.
func unique(name string) string {
	return fmt.Sprintf("%s-%d-%d", name, os.Getpid(), time.Now().UnixNano())
}

// becomes inspects a container until the answer is as wanted, and returns it.
func becomes(t *testing.T, engine *docker.Engine, id, what string, want func(actors.Observation) bool) actors.Observation {
	t.Helper()
	var seen actors.Observation
	eventually(t, what, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var err error
		if seen, err = engine.Inspect(ctx, id); err != nil {
			t.Fatalf("Inspect: %v", err)
		}
		return want(seen)
	})
	return seen
}

func is(state, health string) func(actors.Observation) bool {
	return func(o actors.Observation) bool { return o.State == state && o.Health == health }
}

func TestRealContainers(t *testing.T) {
	host := dockertest.Host(t)
	containers := dockertest.Connect(t, host)
	engine := newEngine(t, docker.Config{Host: host, Concurrency: 4})

	t.Run("running, paused, stopped, started by hand, removed", func(t *testing.T) {
		id := containers.Run(dockertest.Spec{})
		if seen := becomes(t, engine, id, "it runs", is("running", "")); seen.ID != id || seen.RestartCount != 0 {
			t.Errorf("observed %+v of container %s", seen, id)
		}
		if seen := becomes(t, engine, id[:12], "its short id means it", is("running", "")); seen.ID != id {
			t.Errorf("observed %+v of container %s", seen, id)
		}
		containers.Pause(id)
		becomes(t, engine, id, "it is paused", is("paused", ""))
		containers.Unpause(id)
		becomes(t, engine, id, "it runs", is("running", ""))
		containers.Stop(id)
		becomes(t, engine, id, "it has exited", is("exited", ""))
		containers.Start(id)
		becomes(t, engine, id, "it runs", is("running", ""))
		containers.Remove(id)
		if _, err := engine.Inspect(t.Context(), id); !errors.Is(err, actors.ErrNoSuchContainer) {
			t.Errorf("Inspect of a removed container: %v (H9)", err)
		}
	})
	t.Run("crash loop", func(t *testing.T) {
		id := containers.Run(dockertest.Spec{Command: "exit 1", Restart: "always"})
		first := becomes(t, engine, id, "it was restarted", func(o actors.Observation) bool { return o.RestartCount > 0 })
		becomes(t, engine, id, "it was restarted again (H2)", func(o actors.Observation) bool {
			return o.RestartCount > first.RestartCount
		})
		containers.Stop(id)
		before := becomes(t, engine, id, "it has exited", is("exited", ""))
		containers.Start(id)
		becomes(t, engine, id, "a start by hand resets the count (H7)", func(o actors.Observation) bool {
			return o.RestartCount < before.RestartCount
		})
	})
	t.Run("health check", func(t *testing.T) {
		id := containers.Run(dockertest.Spec{Health: "test -e /healthy", Command: "touch /healthy; sleep 2; rm /healthy; exec sleep 1000"})
		becomes(t, engine, id, "it is healthy", is("running", "healthy"))
		becomes(t, engine, id, "it is unhealthy (H4)", is("running", "unhealthy"))
	})
	t.Run("recreated under the same name", func(t *testing.T) {
		name := unique("recreated")
		first := containers.Run(dockertest.Spec{Name: name})
		before := becomes(t, engine, name, "it runs", is("running", ""))
		containers.Remove(first)
		second := containers.Run(dockertest.Spec{Name: name})
		after := becomes(t, engine, name, "it runs", is("running", ""))
		if before.ID != first || after.ID != second || first == second {
			t.Errorf("observed %s, then %s, of %s and %s (H8)", before.ID, after.ID, first, second)
		}
	})
}

func TestRealRunningList(t *testing.T) {
	host := dockertest.Host(t)
	containers := dockertest.Connect(t, host)
	list := docker.NewRunningList(newEngine(t, docker.Config{Name: "real", Host: host}))
	one, two := unique("game"), unique("game")
	labels := func(game string) map[string]string { return map[string]string{docker.GameLabel: game} }
	older := containers.Run(dockertest.Spec{Labels: labels(one)})
	stopped := containers.Run(dockertest.Spec{Labels: labels(two)})
	containers.Stop(stopped)
	containers.Run(dockertest.Spec{Labels: map[string]string{"galaxy.other": one}})
	time.Sleep(1100 * time.Millisecond) // the list tells creation in whole seconds
	newer := containers.Run(dockertest.Spec{Labels: labels(one)})

	ours := map[string]actors.Entry{}
	for _, e := range mustRead(t, list) {
		if e.GameID == one || e.GameID == two {
			ours[e.ContainerID] = e
		}
	}
	for id, game := range map[string]string{older: one, newer: one, stopped: two} {
		if e := ours[id]; e.GameID != game || e.Engine != "real" || e.Malformed != "" {
			t.Errorf("%s of %s is listed as %+v", id, game, e)
		}
	}
	if len(ours) != 3 || !ours[newer].Created.After(ours[older].Created) {
		t.Errorf("listed %+v, want three, and the newer one created later", ours)
	}
}

// A stopped predecessor, its running successor, and what else may stand beside them are told apart by the list (S6).
func TestRealS6ContainersOfOneGame(t *testing.T) {
	host := dockertest.Host(t)
	containers := dockertest.Connect(t, host)
	list := docker.NewRunningList(newEngine(t, docker.Config{Host: host}))
	gameID := unique("game")
	spec := dockertest.Spec{Labels: map[string]string{docker.GameLabel: gameID}}
	predecessor, successor, paused := containers.Run(spec), containers.Run(spec), containers.Run(spec)
	containers.Stop(predecessor)
	containers.Pause(paused)
	spec.Restart, spec.Command = "always", "exit 1"
	looping := containers.Run(spec)

	want := map[string]bool{predecessor: false, successor: true, paused: true, looping: true}
	eventually(t, "all are listed as they are", func() bool {
		got := map[string]bool{}
		for _, e := range mustRead(t, list) {
			if e.GameID == gameID {
				got[e.ContainerID] = e.Runs
			}
		}
		return maps.Equal(want, got)
	})
	containers.Unpause(paused)
}

// A real Engine refuses a pinned version that it doesn't speak in the words that are looked for (H10).
func TestRealH10APinnedVersionIsRefused(t *testing.T) {
	host := dockertest.Host(t)
	for version, want := range map[string]string{"1.11": "is too old", "1.999": "is too new"} {
		t.Setenv("DOCKER_API_VERSION", version)
		engine := newEngine(t, docker.Config{Host: host})
		_, inspected := engine.Inspect(t.Context(), "nope")
		_, listed := docker.NewRunningList(engine).Read(t.Context())
		for what, err := range map[string]error{"Inspect": inspected, "Read": listed} {
			if err == nil || !strings.Contains(err.Error(), "DOCKER_API_VERSION="+version+": ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want one that names the variable and %q", what, err, want)
			}
		}
	}
}

// The Engine is restarted: its containers are there again, in another state, on new connections.
func TestRealEngineRestarts(t *testing.T) {
	daemon := dockertest.StartDaemon(t)
	containers := dockertest.Connect(t, daemon.Host)
	engine := newEngine(t, docker.Config{Host: daemon.Host})
	always := containers.Run(dockertest.Spec{Restart: "always"})
	once := containers.Run(dockertest.Spec{})
	becomes(t, engine, always, "it runs", is("running", ""))

	daemon.Stop()
	for range 2 {
		if _, err := engine.Inspect(t.Context(), always); !errors.Is(err, actors.ErrEngineUnreachable) {
			t.Errorf("Inspect of an Engine that is down: %v", err)
		}
	}
	daemon.Start()
	becomes(t, engine, always, "it runs again", is("running", ""))
	becomes(t, engine, once, "it stays down", is("exited", ""))
}
