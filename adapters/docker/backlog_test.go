//go:build linux

package docker_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/docker/dockersim"
)

// crowded is a simulated Engine whose unix socket has a full backlog, until accept is called.
func crowded(t *testing.T) (sim *dockersim.Engine, host string, accept func()) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sim") // t.TempDir's paths are too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	address := &syscall.SockaddrUnix{Name: filepath.Join(dir, "s")}
	listening := socket(t)
	if err := errors.Join(syscall.Bind(listening, address), syscall.Listen(listening, 0)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = syscall.Connect(socket(t), address)
	}
	if !errors.Is(err, syscall.EAGAIN) {
		t.Fatalf("connect to a socket whose backlog is full: %v", err)
	}
	sim = dockersim.New()
	t.Cleanup(sim.Close)
	return sim, "unix://" + address.Name, func() {
		listener, err := listenerOf(listening)
		if err != nil {
			t.Error(err)
			return
		}
		server := &http.Server{Handler: sim}
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		t.Cleanup(func() {
			_ = server.Close()
			<-served
		})
	}
}

// listenerOf makes a listener of a socket that listens, which stays the caller's.
func listenerOf(fd int) (net.Listener, error) {
	copied, err := syscall.Dup(fd)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(copied), "")
	defer file.Close()
	return net.FileListener(file)
}

// socket opens a unix socket that is closed at the end, and blocks nobody.
func socket(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	return fd
}

// An Engine that can't keep up with who connects is there all the same: whatever is asked of it waits, as long as it may (H10).
func TestH10AFullBacklogIsNoEngineThatCanNotBeReached(t *testing.T) {
	for what, ask := range map[string]func(context.Context, *docker.Engine) error{
		"an inspect": func(ctx context.Context, e *docker.Engine) error {
			_, err := e.Inspect(ctx, dockersim.NewID(1))
			return err
		},
		"a list": func(ctx context.Context, e *docker.Engine) error {
			_, err := docker.NewRunningList(e).Read(ctx)
			return err
		},
		"a ping": func(ctx context.Context, e *docker.Engine) error { return e.Ping(ctx) },
	} {
		t.Run(what, func(t *testing.T) {
			sim, host, accept := crowded(t)
			sim.Put(dockersim.Container{ID: dockersim.NewID(1), Status: "running"})
			engine := newEngine(t, docker.Config{Host: host})

			short, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			if err := ask(short, engine); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, actors.ErrEngineUnreachable) {
				t.Errorf("while nobody accepts: %v, want the end of its time", err)
			}
			given, cancel := context.WithCancel(t.Context())
			time.AfterFunc(30*time.Millisecond, cancel)
			if err := ask(given, engine); !errors.Is(err, context.Canceled) {
				t.Errorf("given up while nobody accepts: %v", err)
			}

			long, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			time.AfterFunc(30*time.Millisecond, accept)
			if err := ask(long, engine); err != nil {
				t.Errorf("once the backlog has room: %v", err)
			}
		})
	}
}
