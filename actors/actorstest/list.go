package actorstest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"galaxy/healthactors/actors"
)

// List is a scripted running list.
type List struct {
	timeline *timeline
	// ByEngine, if it is set before a node starts, has the node read one part of the list for each Engine that it serves, as with
	// "docker:"; else it reads the list as a whole.
	ByEngine bool
	// Watch, if it is set before the node starts, is called when a reading begins, with the Engine whose part is read, empty for
	// the whole list; what it returns is called with the result, before the node gets it.
	Watch func(engine string) (read func([]actors.Entry, error))

	mu      sync.Mutex
	entries []actors.Entry
	fail    error
	delay   time.Duration
	hang    chan struct{}
	// parts are the faults of the Engines' parts, and what was told of them.
	parts map[string]*listPart
}

// listPart is the whole list, of the empty name, or one Engine's part of it.
type listPart struct {
	fail  error
	delay time.Duration
	hang  chan struct{}
	told  *string
}

var _ actors.RunningList = (*List)(nil)

// Add puts an entry at the end of the list.
func (l *List) Add(e actors.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
}

// change changes a game's entries.
func (l *List) change(gameID string, change func(*actors.Entry)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = slices.Clone(l.entries)
	for n := range l.entries {
		if l.entries[n].GameID == gameID {
			change(&l.entries[n])
		}
	}
}

// Remove takes all entries of a game off the list.
func (l *List) Remove(gameID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = slices.DeleteFunc(slices.Clone(l.entries), func(e actors.Entry) bool { return e.GameID == gameID })
}

// Set replaces the whole list.
func (l *List) Set(entries ...actors.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = entries
}

// Fail makes each reading fail; nil mends it.
func (l *List) Fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timeline.fault("list", "can't be read", l.fail, err)
	l.fail = err
}

// FailEngine makes one Engine's part of the list unreadable; nil mends it.
func (l *List) FailEngine(engine string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.part(engine)
	l.timeline.fault("list", "the part of "+engine+" can't be read", p.fail, err)
	p.fail = err
}

// SlowEngine makes each reading of one Engine's part take that long.
func (l *List) SlowEngine(engine string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.part(engine)
	l.timeline.fault("list", "a reading of the part of "+engine+" takes", p.delay, d)
	p.delay = d
}

// HangEngine makes each reading of one Engine's part hang until its context ends, or lets those that hang go on.
func (l *List) HangEngine(engine string, hang bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.part(engine)
	l.timeline.fault("list", "the part of "+engine+" hangs", p.hang != nil, hang)
	p.hang = hangs(p.hang, hang)
}

// part returns a part; the caller holds the lock.
func (l *List) part(engine string) *listPart {
	if l.parts == nil {
		l.parts = map[string]*listPart{}
	}
	if l.parts[engine] == nil {
		l.parts[engine] = &listPart{}
	}
	return l.parts[engine]
}

// Slow makes each reading take that long.
func (l *List) Slow(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timeline.fault("list", "a reading takes", l.delay, d)
	l.delay = d
}

// Hang makes each reading hang until its context ends, or lets those that hang go on.
func (l *List) Hang(hang bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timeline.fault("list", "hangs", l.hang != nil, hang)
	l.hang = hangs(l.hang, hang)
}

// hangs lets go of those who hang, and makes others hang.
func hangs(now chan struct{}, hang bool) chan struct{} {
	if now != nil {
		close(now)
	}
	if hang {
		return make(chan struct{})
	}
	return nil
}

// Read reads the whole list.
func (l *List) Read(ctx context.Context) ([]actors.Entry, error) { return l.read(ctx, "") }

// lists are the parts that a node reads which serves these Engines.
func (l *List) lists(engines map[string]actors.Engine) map[string]actors.RunningList {
	if !l.ByEngine {
		return map[string]actors.RunningList{"": l}
	}
	parts := make(map[string]actors.RunningList, len(engines))
	for engine := range engines {
		parts[engine] = listOf{l, engine}
	}
	return parts
}

// listOf is the part of the list that has an Engine's games.
type listOf struct {
	*List
	engine string
}

func (l listOf) Read(ctx context.Context) ([]actors.Entry, error) { return l.read(ctx, l.engine) }

func (l *List) read(ctx context.Context, engine string) (entries []actors.Entry, err error) {
	if l.Watch != nil {
		read := l.Watch(engine)
		defer func() { read(entries, err) }()
	}
	l.mu.Lock()
	for _, e := range l.entries {
		if e.Engine == "" {
			e.Engine = actors.DefaultEngine
		}
		if engine == "" || e.Engine == engine {
			entries = append(entries, e)
		}
	}
	p := l.part(engine)
	l.tell(engine, entries)
	fail, delay := cmp.Or(l.fail, p.fail), max(l.delay, p.delay)
	hanging := []chan struct{}{l.hang, p.hang}
	l.mu.Unlock()
	for _, hang := range hanging {
		if hang != nil {
			select {
			case <-hang:
			case <-ctx.Done():
			}
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if fail != nil {
		return nil, fail
	}
	return entries, nil
}

// tell notes a reading that differs from the last one; the caller holds the lock.
func (l *List) tell(engine string, entries []actors.Entry) {
	var names []string
	for _, e := range entries {
		names = append(names, e.GameID)
	}
	p, told := l.part(engine), strings.Join(names, " ")
	if l.timeline == nil || cmp.Or(l.fail, p.fail) != nil || p.told != nil && *p.told == told {
		return
	}
	p.told = &told
	who := "list"
	if engine != "" {
		who += " of " + engine
	}
	l.timeline.add(line{rank: ofTheList, who: who, format: "reads [%s]", args: []any{told}})
}
