package dockertest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/client"
)

// Daemon is an Engine that belongs to the test, which can stop and start it again. It needs root and dockerd.
type Daemon struct {
	// Host is its socket, as a Docker host.
	Host string

	t       testing.TB
	dir     string
	command *exec.Cmd
	exited  chan struct{}
}

// StartDaemon starts an Engine that touches nothing of the machine's network. It ends with the test; connect to it
// after this call, so that its containers are removed before.
func StartDaemon(t testing.TB) *Daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "had") // short: sockets below it have long names
	if err != nil {
		t.Fatal(err)
	}
	d := &Daemon{Host: "unix://" + filepath.Join(dir, "s"), t: t, dir: dir}
	t.Cleanup(d.remove)
	d.Start()
	return d
}

// Start starts the Engine, and returns when it answers.
func (d *Daemon) Start() {
	d.t.Helper()
	logPath := filepath.Join(d.dir, "log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	d.command = exec.Command("dockerd", "--data-root", filepath.Join(d.dir, "d"), "--exec-root", filepath.Join(d.dir, "e"),
		"--pidfile", filepath.Join(d.dir, "p"), "-H", d.Host, "--bridge=none", "--iptables=false", "--ip6tables=false",
		"--ip-masq=false", "--storage-driver=vfs")
	d.command.Stdout, d.command.Stderr = log, log
	if err := d.command.Start(); err != nil {
		d.t.Fatalf("start dockerd: %v", err)
	}
	exited, command := make(chan struct{}), d.command
	d.exited = exited
	go func() {
		_ = command.Wait()
		close(exited)
	}()

	cli, err := client.NewClientWithOpts(client.WithHost(d.Host))
	if err != nil {
		d.t.Fatal(err)
	}
	defer cli.Close()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		_, err := cli.Ping(d.t.Context())
		if err == nil {
			return
		}
		select {
		case <-exited:
		default:
			if time.Now().Before(end) {
				continue
			}
		}
		said, _ := os.ReadFile(logPath)
		d.t.Fatalf("dockerd does not answer: %v\n%s", err, said)
	}
}

// Stop stops the Engine, and with it its containers.
func (d *Daemon) Stop() {
	_ = d.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.exited:
	case <-time.After(patience):
		_ = d.command.Process.Kill()
		<-d.exited
		d.t.Error("dockerd had to be killed")
	}
}

// remove stops the Engine for good, and unmounts what it left mounted.
func (d *Daemon) remove() {
	if d.command != nil && d.command.Process != nil {
		d.Stop()
	}
	for _, path := range slices.Backward(mountsBelow(d.dir)) {
		_ = exec.Command("umount", "-l", path).Run()
	}
	if err := os.RemoveAll(d.dir); err != nil {
		d.t.Errorf("remove the engine's files: %v", err)
	}
}

func mountsBelow(dir string) []string {
	file, err := os.Open("/proc/mounts")
	if err != nil {
		return nil
	}
	defer file.Close()
	var found []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && strings.HasPrefix(fields[1], dir+"/") {
			found = append(found, fields[1])
		}
	}
	return found
}
