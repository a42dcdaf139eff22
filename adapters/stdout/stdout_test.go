package stdout

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reader is the other end: a buffer whose writer can be broken or held up.
type reader struct {
	mu    sync.Mutex
	text  bytes.Buffer
	fault error
	take  int           // how many bytes are still taken before fault
	stuck chan struct{} // a write waits until it is closed
}

func (r *reader) Write(b []byte) (int, error) {
	r.mu.Lock()
	stuck := r.stuck
	r.mu.Unlock()
	if stuck != nil {
		<-stuck
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault == nil {
		return r.text.Write(b)
	}
	n := min(r.take, len(b))
	r.take -= n
	r.text.Write(b[:n])
	return n, r.fault
}

func (r *reader) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Split(strings.TrimSuffix(r.text.String(), "\n"), "\n")
}

func (r *reader) breakAfter(n int, fault error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.take, r.fault = n, fault
}

func (r *reader) hold() (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stuck := make(chan struct{})
	r.stuck = stuck
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.stuck = nil
		close(stuck)
	}
}

func TestBroker(t *testing.T) {
	porttest.Broker(t, func(t *testing.T) porttest.BrokerFixture {
		r := &reader{}
		p := New(r)
		p.timeout = time.Second // of which a busy machine needs little
		return porttest.BrokerFixture{
			Broker: p,
			Arrived: func(testing.TB) []porttest.Arrival {
				var all []porttest.Arrival
				for _, line := range r.lines() {
					all = append(all, porttest.Arrival{Value: []byte(line), Bare: true})
				}
				return all
			},
			Outages: map[string]func(testing.TB) func(){
				"the disk is full": func(testing.TB) func() {
					r.breakAfter(11, syscall.ENOSPC)
					return func() { r.breakAfter(0, nil) }
				},
				"nobody reads": func(testing.TB) func() { return r.hold() },
			},
		}
	})
}

// A write can break off at every byte of a line. The line is finished before another begins, so that every line is one
// event.
func TestPartialWrites(t *testing.T) {
	first, second := porttest.BrokerEvent("game-1", 1), porttest.BrokerEvent("game-1", 2)
	for cut := range len(first.Payload) + 1 {
		r := &reader{}
		p := New(r)
		r.breakAfter(cut, syscall.ENOSPC)
		if err := p.Publish("", first); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("cut at %d: Publish: %v, want ENOSPC", cut, err)
		}
		if err := p.Publish("", first); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("cut at %d: Publish again: %v, want ENOSPC", cut, err)
		}
		r.breakAfter(0, nil)
		if err := p.Publish("", first, second); err != nil {
			t.Fatalf("cut at %d: Publish after the outage: %v", cut, err)
		}
		lines := r.lines()
		for i, line := range lines {
			want := string(first.Payload)
			if i == len(lines)-1 {
				want = string(second.Payload)
			}
			if line != want {
				t.Errorf("cut at %d: line %d is %q", cut, i, line)
			}
		}
	}
}

// A writer that once takes less than it was given and says nothing of it.
func TestShortWrite(t *testing.T) {
	r := &reader{}
	p := New(&shortWriter{Writer: r, short: true})
	msg := porttest.BrokerEvent("game-1", 1)
	if err := p.Publish("", msg); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("Publish: %v, want io.ErrShortWrite", err)
	}
	if err := p.Publish("", msg); err != nil {
		t.Errorf("Publish again: %v", err)
	}
	for i, line := range r.lines() {
		if line != string(msg.Payload) {
			t.Errorf("line %d is %q", i, line)
		}
	}
}

type shortWriter struct {
	io.Writer
	short bool
}

func (s *shortWriter) Write(b []byte) (int, error) {
	if s.short {
		s.short = false
		b = b[:len(b)/2]
	}
	return s.Writer.Write(b)
}

func TestNobodyReadsAnyMore(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	read.Close()
	for name, w := range map[string]io.Writer{
		"a pipe without a reader": write,
		"a closed file":           closedFile(t),
		"a closed io.Pipe":        closedPipe(),
	} {
		p := New(w)
		for range 2 {
			if err := p.Publish("", porttest.BrokerEvent("game-1", 1)); !errors.Is(err, actors.ErrBrokerGone) {
				t.Errorf("%s: Publish: %v, want actors.ErrBrokerGone", name, err)
			}
		}
	}
	p := New(&reader{fault: syscall.ENOSPC})
	if err := p.Publish("", porttest.BrokerEvent("game-1", 1)); errors.Is(err, actors.ErrBrokerGone) {
		t.Errorf("a full disk counts as gone: %v", err)
	}
}

func closedFile(t *testing.T) io.Writer {
	f, err := os.Create(t.TempDir() + "/events")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	return f
}

func closedPipe() io.Writer {
	read, write := io.Pipe()
	read.Close()
	return write
}

// While one line is stuck every Publish ends by itself, and the stuck line is not written into.
func TestStuckReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reader{}
		p := New(r)
		release := r.hold()
		for n := range 3 {
			if err := p.Publish("", porttest.BrokerEvent("game-1", n)); err == nil {
				t.Errorf("event %d: Publish says that it is written", n)
			}
		}
		release()
		synctest.Wait()
		if err := p.Publish("", porttest.BrokerEvent("game-1", 3)); err != nil {
			t.Errorf("Publish after the reader went on: %v", err)
		}
		got := fmt.Sprint(r.lines())
		want := fmt.Sprint([]string{
			string(porttest.BrokerEvent("game-1", 0).Payload), string(porttest.BrokerEvent("game-1", 3).Payload),
		})
		if got != want {
			t.Errorf("lines:\n got %v\nwant %v", got, want)
		}
	})
}
