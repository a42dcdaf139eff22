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
	games      map[string]string // by container
}

type container struct {
	actors.Observation
	fail  error
	hang  bool
	delay time.Duration
	panic bool
}

var _ actors.Engine = (*Engine)(nil)

// ErrGarbage is the error of an answer that can't be read.
var ErrGarbage = errors.New("the answer can't be read")

var errPanicked = errors.New("the engine's double was told to panic")

// NewEngine returns an Engine without containers.
func NewEngine(name string) *Engine {
	return &Engine{Name: name, containers: map[string]*container{}, inspects: map[string]int{}, games: map[string]string{}}
}

// Put adds a container, or changes what an inspect of it says. id is what the running list says; Observation.ID is the
// container's full id.
func (e *Engine) Put(id string, o actors.Observation) {
	e.change(id, func(c *container) { c.Observation = o })
}

// Remove removes a container, and with it its faults.
func (e *Engine) Remove(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.containers, id)
}

// Fail makes each inspect of a container fail; nil mends it.
func (e *Engine) Fail(id string, err error) {
	e.change(id, func(c *container) { e.fault("inspects of "+id+" fail", c.fail, err); c.fail = err })
}

// Hang makes each inspect of a container hang until its context ends, or mends it.
func (e *Engine) Hang(id string, hang bool) {
	e.change(id, func(c *container) { e.fault("inspects of "+id+" hang", c.hang, hang); c.hang = hang })
}

// Delay makes each inspect of a container take that long.
func (e *Engine) Delay(id string, d time.Duration) {
	e.change(id, func(c *container) { e.fault("inspects of "+id+" take", c.delay, d); c.delay = d })
}

// Panic makes each inspect of a container panic in the Engine's adapter, or mends it.
func (e *Engine) Panic(id string, panics bool) {
	e.change(id, func(c *container) { e.fault("inspects of "+id+" panic", c.panic, panics); c.panic = panics })
}

// Down makes every inspect fail; nil mends it.
func (e *Engine) Down(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault("is down", e.down, err)
	e.down = err
}

// Slow makes every inspect take that long; for longer than the inspect time-out, the whole Engine hangs.
func (e *Engine) Slow(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fault("inspects take", e.delay, d)
	e.delay = d
}

func (e *Engine) fault(what string, before, after any) {
	e.timeline.fault("engine "+e.Name, what, before, after)
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
func (e *Engine) Inspect(ctx context.Context, id string) (actors.Observation, error) {
	return e.inspect(ctx, id, nil)
}

// engineHandle is one node's way to the Engine.
type engineHandle struct {
	*Engine
	life *life
}

func (h *engineHandle) Inspect(ctx context.Context, id string) (actors.Observation, error) {
	return h.inspect(ctx, id, h.life)
}

func (e *Engine) inspect(ctx context.Context, id string, l *life) (o actors.Observation, err error) {
	l.reach(Moment{e.gameIn(id), Inspect, false})
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
	e.tell(id, o, err, l)
	l.reach(Moment{e.gameIn(id), Inspect, true})
	return o, err
}

func (e *Engine) tell(id string, o actors.Observation, err error, l *life) {
	var said any = seen(o)
	if err != nil {
		said = err
	}
	e.timeline.add(line{
		rank: ofAGame, game: e.gameIn(id), who: "engine " + e.Name,
		format: "inspect of %s%s: %s", args: []any{id, l.by(), said}, repeats: true,
	})
}

// seen is an observation as the timeline shows it.
type seen actors.Observation

func (s seen) String() string {
	text := fmt.Sprintf("%s, %d restarts", s.State, s.RestartCount)
	if s.Health != "" {
		text += ", " + s.Health
	}
	return text
}

// belongsTo says which game a container is of.
func (e *Engine) belongsTo(id, gameID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.games[id] = gameID
}

func (e *Engine) gameIn(id string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.games[id]
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
