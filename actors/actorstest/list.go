package actorstest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"galaxy/healthactors/actors"
)

// List is a scripted running list.
type List struct {
	timeline *timeline
	// Watch, if it is set before the node starts, is called when a reading begins; what it returns is called with the
	// result, before the node gets it.
	Watch func() (read func(actors.Listing, error))

	mu      sync.Mutex
	entries []actors.Entry
	failed  map[string]error
	fail    error
	delay   time.Duration
	hang    chan struct{}
	told    *string
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
	l.timeline.fault("list", "the part of "+engine+" can't be read", l.failed[engine], err)
	failed := map[string]error{}
	maps.Copy(failed, l.failed)
	failed[engine] = err
	if err == nil {
		delete(failed, engine)
	}
	l.failed = failed
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
	if l.hang != nil {
		close(l.hang)
		l.hang = nil
	}
	if hang {
		l.hang = make(chan struct{})
	}
}

// Read reads the list. The entries of an Engine that fails are missing.
func (l *List) Read(ctx context.Context) (listing actors.Listing, err error) {
	if l.Watch != nil {
		read := l.Watch()
		defer func() { read(listing, err) }()
	}
	l.mu.Lock()
	listing = actors.Listing{Failed: l.failed}
	for _, e := range l.entries {
		engine := e.Engine
		if engine == "" {
			engine = actors.DefaultEngine
		}
		if l.failed[engine] == nil {
			listing.Entries = append(listing.Entries, e)
		}
	}
	l.tell(listing)
	fail, delay, hang := l.fail, l.delay, l.hang
	l.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return actors.Listing{}, ctx.Err()
	}
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return actors.Listing{}, ctx.Err()
		}
	}
	if fail != nil {
		return actors.Listing{}, fail
	}
	return listing, nil
}

// tell notes a reading that differs from the last one; the caller holds the lock.
func (l *List) tell(listing actors.Listing) {
	var names []string
	for _, e := range listing.Entries {
		names = append(names, e.GameID)
	}
	told := strings.Join(names, " ")
	if l.timeline == nil || l.fail != nil || l.told != nil && *l.told == told {
		return
	}
	l.told = &told
	l.timeline.add(line{rank: ofTheList, who: "list", format: "reads [%s]", args: []any{told}})
}
