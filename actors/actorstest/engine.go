package actorstest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"galaxy/healthactors/actors"
)

// Engine is a scripted Docker Engine.
type Engine struct {
	Name string
	// Watch, if it is set before the node starts, is called when an inspect begins; what it returns is called with the
	// answer, before the node gets it. Calls come from many goroutines at once.
	Watch    func(containerID string) (answered func(actors.Observation, error))
	timeline *timeline

	mu         sync.Mutex
	containers map[string]*container
	down       error
	delay      time.Duration
	underWay   int
	mostAtOnce int
	inspects   map[string]int
}

type container struct {
	actors.Observation
	fail  error
	hang  bool
	delay time.Duration
	panic bool
}

var _ actors.Engine = (*Engine)(nil)

var errPanicked = errors.New("the engine's double was told to panic")

// NewEngine returns an Engine without containers.
func NewEngine(name string) *Engine {
	return &Engine{Name: name, containers: map[string]*container{}, inspects: map[string]int{}}
}

// Put adds a container, or changes what an inspect of it says. id is what the running list says; Observation.ID is the
// container's full id.
func (e *Engine) Put(id string, o actors.Observation) {
	e.change(id, func(c *container) { c.Observation = o })
}

// Remove removes a container.
func (e *Engine) Remove(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.containers, id)
}

// Fail makes each inspect of a container fail; nil mends it.
func (e *Engine) Fail(id string, err error) { e.change(id, func(c *container) { c.fail = err }) }

// Hang makes each inspect of a container hang until its context ends, or mends it.
func (e *Engine) Hang(id string, hang bool) { e.change(id, func(c *container) { c.hang = hang }) }

// Delay makes each inspect of a container take that long.
func (e *Engine) Delay(id string, d time.Duration) { e.change(id, func(c *container) { c.delay = d }) }

// Panic makes each inspect of a container panic, or mends it.
func (e *Engine) Panic(id string, panics bool) { e.change(id, func(c *container) { c.panic = panics }) }

// Down makes every inspect fail; nil mends it.
func (e *Engine) Down(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.down = err
}

// Slow makes every inspect take that long.
func (e *Engine) Slow(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.delay = d
}

// MostAtOnce is the greatest number of inspects that were under way at once.
func (e *Engine) MostAtOnce() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mostAtOnce
}

// Inspects counts the inspects of a container.
func (e *Engine) Inspects(id string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.inspects[id]
}

func (e *Engine) change(id string, change func(*container)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := &container{}
	if old := e.containers[id]; old != nil {
		*c = *old
	}
	change(c)
	e.containers[id] = c
}

// Inspect answers as the script says.
func (e *Engine) Inspect(ctx context.Context, id string) (o actors.Observation, err error) {
	e.mu.Lock()
	c, down, delay := e.containers[id], e.down, e.delay
	e.inspects[id]++
	e.underWay++
	e.mostAtOnce = max(e.mostAtOnce, e.underWay)
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.underWay--
	}()
	if e.Watch != nil {
		answered := e.Watch(id)
		err = errPanicked // unless there is an answer
		defer func() { answered(o, err) }()
	}
	o, err = answer(ctx, c, down, delay)
	if err != nil {
		e.timeline.add("engine "+e.Name, "inspect %s: %v", id, err)
	} else {
		e.timeline.add("engine "+e.Name, "inspect %s: %s, %d restarts, health %q", id, o.State, o.RestartCount, o.Health)
	}
	return o, err
}

func answer(ctx context.Context, c *container, down error, delay time.Duration) (actors.Observation, error) {
	if c != nil {
		delay = max(delay, c.delay)
	}
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return actors.Observation{}, fmt.Errorf("inspect: %w", ctx.Err())
		}
	}
	switch {
	case ctx.Err() != nil:
		return actors.Observation{}, fmt.Errorf("inspect: %w", ctx.Err())
	case down != nil:
		return actors.Observation{}, down
	case c == nil:
		return actors.Observation{}, actors.ErrNoSuchContainer
	case c.panic:
		panic(errPanicked)
	case c.hang:
		<-ctx.Done()
		return actors.Observation{}, fmt.Errorf("inspect: %w", ctx.Err())
	case c.fail != nil:
		return actors.Observation{}, c.fail
	default:
		return c.Observation, nil
	}
}
