// Package dockertest prepares containers on a real Docker Engine, for integration tests. It asks the Engine for much
// that healthactors itself never does.
package dockertest

import (
	"archive/tar"
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

// Image is the image that the containers are made of: a static busybox.
const Image = "healthactors-test:busybox"

// patience bounds one request; a slow machine takes seconds to start a container.
const patience = time.Minute

// Host returns the Engine that HEALTHACTORS_TEST_DOCKER names, as a Docker host. Without it the test fails.
func Host(t testing.TB) string {
	t.Helper()
	host := os.Getenv("HEALTHACTORS_TEST_DOCKER")
	if host == "" {
		t.Fatal("HEALTHACTORS_TEST_DOCKER is not set: it names the Docker Engine to test with, such as unix:///PATH")
	}
	return host
}

// Engine prepares containers. Its methods fail the test when the Engine refuses.
type Engine struct {
	t   testing.TB
	cli *client.Client
}

// Connect connects to an Engine, and loads the image there if it is missing.
func Connect(t testing.TB, host string) *Engine {
	t.Helper()
	cli, err := client.NewClientWithOpts(client.WithHost(host), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatalf("connect to the engine: %v", err)
	}
	t.Cleanup(func() { _ = cli.Close() })
	e := &Engine{t: t, cli: cli}
	e.do("look for the image", func(ctx context.Context) error {
		_, err := cli.ImageInspect(ctx, Image)
		if errdefs.IsNotFound(err) {
			return e.importImage(ctx)
		}
		return err
	})
	return e
}

// importImage makes the image from this machine's busybox, which must be a static one.
func (e *Engine) importImage(ctx context.Context) error {
	path, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	busybox, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	out := tar.NewWriter(&archive)
	if err := out.WriteHeader(&tar.Header{Name: "bin/busybox", Mode: 0o755, Size: int64(len(busybox))}); err != nil {
		return err
	}
	if _, err := out.Write(busybox); err != nil {
		return err
	}
	for _, applet := range []string{"sh", "sleep", "true", "false", "test", "touch", "rm"} {
		header := &tar.Header{Name: "bin/" + applet, Typeflag: tar.TypeSymlink, Linkname: "busybox", Mode: 0o777}
		if err := out.WriteHeader(header); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	answer, err := e.cli.ImageImport(ctx, image.ImportSource{Source: &archive, SourceName: "-"}, Image, image.ImportOptions{})
	if err != nil {
		return err
	}
	return answer.Close()
}

// Spec is a container to be made.
type Spec struct {
	// Name may be empty.
	Name string
	// Command runs in a shell; empty means that the container sleeps.
	Command string
	Labels  map[string]string
	// Restart is the restart policy, such as "always"; empty means none.
	Restart string
	// Health is a shell command that the Engine tries every 500 ms; one failure makes the container unhealthy. Empty
	// means that there is no health check.
	Health string
}

// Run makes and starts a container, and returns its full id. It is removed when the test ends.
func (e *Engine) Run(spec Spec) string {
	e.t.Helper()
	command := spec.Command
	if command == "" {
		command = "exec sleep 100000"
	}
	config := &container.Config{Image: Image, Cmd: []string{"sh", "-c", command}, Labels: spec.Labels}
	if spec.Health != "" {
		config.Healthcheck = &container.HealthConfig{
			Test: []string{"CMD-SHELL", spec.Health}, Interval: 500 * time.Millisecond, Timeout: 10 * time.Second, Retries: 1,
		}
	}
	host := &container.HostConfig{
		NetworkMode:   "none",
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyMode(spec.Restart)},
	}
	var id string
	e.do("create a container", func(ctx context.Context) error {
		made, err := e.cli.ContainerCreate(ctx, config, host, nil, nil, spec.Name)
		id = made.ID
		return err
	})
	e.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := e.cli.ContainerRemove(ctx, id, container.RemoveOptions{Force: true})
		if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
			e.t.Errorf("remove container %s: %v", id, err)
		}
	})
	e.Start(id)
	return id
}

// Start starts a container by hand, which resets its restart count.
func (e *Engine) Start(id string) {
	e.t.Helper()
	e.do("start a container", func(ctx context.Context) error {
		return e.cli.ContainerStart(ctx, id, container.StartOptions{})
	})
}

// Stop stops a container by hand, after which no restart policy starts it.
func (e *Engine) Stop(id string) {
	e.t.Helper()
	e.do("stop a container", func(ctx context.Context) error {
		return e.cli.ContainerStop(ctx, id, container.StopOptions{Timeout: new(int)})
	})
}

// Pause pauses a container.
func (e *Engine) Pause(id string) {
	e.t.Helper()
	e.do("pause a container", func(ctx context.Context) error { return e.cli.ContainerPause(ctx, id) })
}

// Unpause lets a paused container go on.
func (e *Engine) Unpause(id string) {
	e.t.Helper()
	e.do("unpause a container", func(ctx context.Context) error { return e.cli.ContainerUnpause(ctx, id) })
}

// Remove removes a container, running or not.
func (e *Engine) Remove(id string) {
	e.t.Helper()
	e.do("remove a container", func(ctx context.Context) error {
		return e.cli.ContainerRemove(ctx, id, container.RemoveOptions{Force: true})
	})
}

func (e *Engine) do(what string, ask func(context.Context) error) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := ask(ctx); err != nil {
		e.t.Fatalf("%s: %v", what, err)
	}
}
