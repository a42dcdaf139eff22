package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// node is a `healthactors run` that can be started again and again. It keeps its journal and its address.
type node struct {
	name    string
	program string
	args    []string
	http    string
	log     string // the file that its logs go to, of all its lives
	// life counts its processes; the Engine's doors know it.
	life atomic.Int64

	cmd  *exec.Cmd
	gone chan struct{} // closed when the process has ended
}

// lives are numbered through over all nodes, so that each process is one life of the history.
var lives atomic.Int64

// newNode makes a node of a program, which keeps its logs in dir. Nothing runs yet.
func newNode(dir, name, program string) (*node, error) {
	address, err := unusedAddress()
	if err != nil {
		return nil, err
	}
	n := &node{name: name, program: program, http: address, log: filepath.Join(dir, name+".log")}
	n.args = []string{"run", "--http=" + n.http}
	return n, nil
}

// start starts a process and returns at once.
func (n *node) start() error {
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	n.life.Store(lives.Add(1))
	n.cmd = exec.Command(n.program, n.args...) //nolint:noctx // signals end it
	n.cmd.Stderr = log
	n.cmd.Dir = filepath.Dir(n.log)
	// Nothing of the outside has a say.
	n.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HEALTHACTORS_") })
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := n.cmd.Start(); err != nil {
		return fmt.Errorf("start node %s: %w", n.name, err)
	}
	n.gone = make(chan struct{})
	go func(cmd *exec.Cmd, gone chan struct{}) {
		_ = cmd.Wait()
		close(gone)
	}(n.cmd, n.gone)
	return nil
}

// signal sends the process a signal.
func (n *node) signal(s syscall.Signal) { _ = n.cmd.Process.Signal(s) }

// kill ends it as a crash would, and returns when it has ended.
func (n *node) kill() {
	n.signal(syscall.SIGKILL)
	<-n.gone
}

func (n *node) running() bool {
	if n.gone == nil {
		return false
	}
	select {
	case <-n.gone:
		return false
	default:
		return true
	}
}

// ends waits for the process to end and wants exit code 0.
func (n *node) ends(within time.Duration) error {
	select {
	case <-n.gone:
	case <-time.After(within):
		n.signal(syscall.SIGQUIT) // Go writes down what each goroutine does
		<-n.gone
		return fmt.Errorf("node %s has not ended within %s; its goroutines are in %s (-keep keeps it)", n.name, within, n.log)
	}
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("node %s ended with exit code %d:\n%s", n.name, code, n.lastLogs())
	}
	return nil
}

// ready waits for the first completed tick.
func (n *node) ready(within time.Duration) error {
	return eventually(within, "node "+n.name+" is ready", func() (bool, error) {
		if !n.running() {
			return false, fmt.Errorf("node %s has ended:\n%s", n.name, n.lastLogs())
		}
		_, err := n.get("/readyz")
		return err == nil, nil
	})
}

func (n *node) get(path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.http+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, response.Status)
	}
	return body, err
}

// metrics are a node's, by name; of several series of one name the sum, and each with its labels.
type metrics map[string]float64

func (n *node) metrics() (metrics, error) {
	body, err := n.get("/metrics")
	if err != nil {
		return nil, fmt.Errorf("read the metrics of node %s: %w", n.name, err)
	}
	m := metrics{}
	for line := range bytes.Lines(body) {
		series, text, ok := strings.Cut(strings.TrimSpace(string(line)), " ")
		value, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil || strings.HasPrefix(series, "#") {
			continue
		}
		name, labels, _ := strings.Cut(series, "{")
		m[name] += value
		if labels != "" {
			m[series] = value
		}
	}
	return m, nil
}

// The metrics that scenarios look at.
const (
	ticksOK     = `healthactors_ticks_total{outcome="ok"}`
	pending     = "healthactors_events_pending"
	parked      = "healthactors_events_parked"
	published   = "healthactors_health_events_total"
	skipped     = "healthactors_inspections_skipped_total"
	inspections = "healthactors_inspections_total"
	timeouts    = `healthactors_inspections_total{engine="default",outcome="timeout"}`
	memory      = "process_resident_memory_bytes"
	descriptors = "process_open_fds"
	goroutines  = "go_goroutines"
)

// drained waits until the node has nothing left to publish.
func (n *node) drained(within time.Duration) error {
	return eventually(within, "node "+n.name+" has published everything", func() (bool, error) {
		if !n.running() {
			return false, fmt.Errorf("node %s has ended:\n%s", n.name, n.lastLogs())
		}
		m, err := n.metrics()
		return err == nil && m[pending] == 0, nil
	})
}

// ticks waits for some more completed ticks.
func (n *node) ticks(more int, within time.Duration) error {
	first := -1.0
	return eventually(within, fmt.Sprintf("node %s has completed %d more ticks", n.name, more), func() (bool, error) {
		m, err := n.metrics()
		if err == nil && first < 0 {
			first = m[ticksOK]
		}
		return err == nil && m[ticksOK] >= first+float64(more), nil
	})
}

// logged counts the lines of its logs that have a text in them.
func (n *node) logged(text string) (count int) {
	file, err := os.Open(n.log)
	if err != nil {
		return 0
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			count++
		}
	}
	return count
}

// lastLogs are the last lines of its logs, for a report.
func (n *node) lastLogs() string {
	const most = 4000
	data, err := os.ReadFile(n.log)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-most):])
}

// eventually asks again and again, with an error when what is wanted hasn't come to pass in time.
func eventually(within time.Duration, what string, holds func() (bool, error)) error {
	for deadline := time.Now().Add(within); ; time.Sleep(20 * time.Millisecond) {
		ok, err := holds()
		switch {
		case err != nil:
			return err
		case ok:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("within %s it has not come to pass that %s", within, what)
		}
	}
}

// command runs a program, which has ten minutes, and returns its stdout.
func command(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	output, err := exec.CommandContext(ctx, name, args...).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	return string(output), err
}

// unusedAddress is an address that nobody listens on, and that no connection gets by chance: it lies below the ports that the
// system gives to connections.
func unusedAddress() (string, error) {
	var failed error
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000)))
		if err == nil {
			return listener.Addr().String(), listener.Close()
		}
		failed = err
	}
	return "", failed
}
