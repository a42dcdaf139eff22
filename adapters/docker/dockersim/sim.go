// Package dockersim simulates a Docker Engine over HTTP: the three paths that healthactors asks for, containers whose state
// a program sets, and faults on demand. The demo, the benchmarks and the hermetic tests run against it. It holds 100,000
// containers in little memory: answers are assembled from shared parts when they are asked for.
package dockersim

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Container is a simulated container, as an operator thinks of it.
type Container struct {
	// ID is the full id. Names and ids are given by the caller; NewID makes one.
	ID   string
	Name string
	// Labels are shared with the simulator: change them with a new map.
	Labels       map[string]string
	RestartCount int
	// Status is State.Status: created, running, paused, restarting, removing, exited or dead.
	Status string
	// Health is State.Health.Status; empty means that the container has no health check.
	Health  string
	Created time.Time
	// Fault is what goes wrong when this container is inspected.
	Fault Fault
}

// Fault is what goes wrong with an answer. The zero Fault is none; its parts are tried in the order of the fields.
type Fault struct {
	// Delay goes before the answer.
	Delay time.Duration
	// Hang never answers: the request ends when the client gives up or the connection is closed.
	Hang bool
	// Reset closes the connection without an answer.
	Reset bool
	// Status answers with an error of this status that says Message.
	Status  int
	Message string
	// Body is sent as it stands instead of the answer, with the status 200.
	Body []byte
}

// Engine is a simulated Docker Engine. It is an http.Handler, and Listen serves it. All methods may be called concurrently.
type Engine struct {
	mu         sync.RWMutex
	containers map[string]*Container // by id
	names      map[string]string     // id by name
	fault      Fault
	listFault  Fault
	api        apiVersions
	foreign    []string
	witness    func(*http.Request, Container)
	closed     chan struct{}

	inspects   atomic.Int64
	lists      atomic.Int64
	pings      atomic.Int64
	inFlight   atomic.Int64
	mostAtOnce atomic.Int64
	opened     atomic.Int64

	serving serving
}

// New makes an Engine without containers that speaks API 1.24 to 1.51.
func New() *Engine {
	e := &Engine{
		containers: make(map[string]*Container),
		names:      make(map[string]string),
		closed:     make(chan struct{}),
	}
	e.api.set("1.24", "1.51")
	return e
}

// NewID makes the full id of the nth container: 64 hexadecimal digits that look random and are always the same.
func NewID(n int) string {
	x := uint64(n)
	var id strings.Builder
	for range 4 {
		x += 0x9e3779b97f4a7c15 // splitmix64
		z := (x ^ x>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		fmt.Fprintf(&id, "%016x", z^z>>31)
	}
	return id.String()
}

// Put adds a container, or replaces the one with the same id. Like a real Engine, it has one container for a name: the
// newer one takes the name away from the older.
func (e *Engine) Put(c Container) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.remove(c.ID)
	e.containers[c.ID] = &c
	if c.Name != "" {
		e.names[c.Name] = c.ID
	}
}

// Update changes a container; it adds none.
func (e *Engine) Update(id string, change func(*Container)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c, ok := e.containers[id]; ok {
		changed := *c
		change(&changed)
		changed.ID, changed.Name = c.ID, c.Name
		e.containers[id] = &changed
	}
}

// Remove removes a container.
func (e *Engine) Remove(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.remove(id)
}

func (e *Engine) remove(id string) {
	if c, ok := e.containers[id]; ok {
		if e.names[c.Name] == id {
			delete(e.names, c.Name)
		}
		delete(e.containers, id)
	}
}

// SetFault makes every answer of the Engine go wrong, until it is set to the zero Fault.
func (e *Engine) SetFault(f Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault = f
}

// SetListFault makes the Engine's list of containers go wrong, and nothing else, until it is set to the zero Fault.
func (e *Engine) SetListFault(f Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.listFault = f
}

// Witness makes a function hear each inspect's true answer, right before it is written: what the Engine really said, and to
// whom. The function is called in the goroutine of the request, so by many at once.
func (e *Engine) Witness(witness func(*http.Request, Container)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.witness = witness
}

// SetAPI sets the API versions that the Engine speaks; it refuses others as a real one does.
func (e *Engine) SetAPI(minimum, maximum string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.api.set(minimum, maximum)
}

// Counts says what the Engine has been asked so far.
type Counts struct {
	Pings, Lists, Inspects int64
	// Connections is the number of connections that were opened.
	Connections int64
	// MostInspects is the greatest number of inspects that were under way at once.
	MostInspects int64
	// Foreign has the method and path of every other request, up to a thousand of them.
	Foreign []string
}

// Counts returns what the Engine has been asked so far.
func (e *Engine) Counts() Counts {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return Counts{
		Pings: e.pings.Load(), Lists: e.lists.Load(), Inspects: e.inspects.Load(),
		Connections: e.opened.Load(), MostInspects: e.mostAtOnce.Load(), Foreign: append([]string(nil), e.foreign...),
	}
}

// InFlight returns the number of inspects that are under way now.
func (e *Engine) InFlight() int { return int(e.inFlight.Load()) }

// find returns the container that an id, a name or the unique beginning of an id stands for, as it is now.
func (e *Engine) find(ref string) (c *Container, ambiguous bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if c, ok := e.containers[ref]; ok {
		return c, false
	}
	if id, ok := e.names[ref]; ok {
		return e.containers[id], false
	}
	if len(ref) >= 64 {
		return nil, false
	}
	for id, match := range e.containers {
		if strings.HasPrefix(id, ref) {
			if c != nil {
				return nil, true
			}
			c = match
		}
	}
	return c, false
}

// all returns every container as it is now.
func (e *Engine) all() []*Container {
	e.mu.RLock()
	defer e.mu.RUnlock()
	list := make([]*Container, 0, len(e.containers))
	for c := range maps.Values(e.containers) {
		list = append(list, c)
	}
	return list
}

const forever = time.Duration(1<<63 - 1)

// suffer carries out a fault, and says whether that was the answer.
func (e *Engine) suffer(f Fault, w http.ResponseWriter, r *http.Request) (done bool) {
	if f.Delay > 0 && !e.wait(r.Context(), f.Delay) || f.Hang && !e.wait(r.Context(), forever) {
		panic(http.ErrAbortHandler)
	}
	switch {
	case f.Reset:
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		writeError(w, f.Status, f.Message)
	case f.Body != nil:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(f.Body)
	default:
		return false
	}
	return true
}

// wait waits, unless the request or the Engine ends first.
func (e *Engine) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-e.closed:
	}
	return false
}
