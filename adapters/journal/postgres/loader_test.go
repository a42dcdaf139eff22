package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Kinds of the rows that a stream is read from.
const (
	floorRow = 0
	eventRow = 3
)

// reads is a store of the loader whose statements are let through one by one.
type reads struct {
	mu      sync.Mutex
	batches [][]string
	open    chan struct{}
}

func (r *reads) read(ctx context.Context, batch []*loading) {
	var streams []string
	for _, n := range batch {
		streams = append(streams, n.Stream)
	}
	r.mu.Lock()
	r.batches = append(r.batches, streams)
	r.mu.Unlock()
	select {
	case <-r.open:
	case <-ctx.Done():
	}
	for _, n := range batch {
		n.Row(floorRow, int64(len(n.Stream)), 0, nil)
		if n.Stream == "broken" {
			n.Row(eventRow, 0, 0, nil) // its checksum is another one
		}
		n.end(ctx.Err())
	}
}

func (r *reads) want(t *testing.T, batches ...[]string) {
	t.Helper()
	if !slices.EqualFunc(r.batches, batches, slices.Equal) {
		t.Errorf("the statements read %q, want %q", r.batches, batches)
	}
}

// load loads streams, in their order, and says where their results will be. It returns when they wait.
func (r *reads) load(ctx context.Context, l *loader, streams ...string) []chan error {
	var results []chan error
	for _, stream := range streams {
		result := make(chan error, 1)
		go func() {
			got, err := l.load(ctx, stream)
			if err == nil && got.From != int64(len(stream)) {
				err = fmt.Errorf("%q is read as %v", stream, got)
			}
			result <- err
		}()
		synctest.Wait()
		results = append(results, result)
	}
	return results
}

// Where a statement takes long, those who come a moment later need not wait for a whole one more (C1).
func TestC1SlowLoadsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var batches []int
		l := newLoader(func(_ context.Context, batch []*loading) {
			batches = append(batches, len(batch))
			time.Sleep(500 * time.Millisecond)
			for _, n := range batch {
				n.Row(floorRow, 1, 0, nil)
				n.end(nil)
			}
		})
		defer l.close()
		load := func(stream string) {
			_, err := l.load(t.Context(), stream)
			must(t, err)
		}
		load("first")
		var loads sync.WaitGroup
		for n := range 5 {
			loads.Go(func() { load(fmt.Sprint(n)) })
			time.Sleep(5 * time.Millisecond)
		}
		loads.Wait()
		if !slices.Equal(batches, []int{1, 5}) {
			t.Errorf("the statements read %d streams", batches)
		}
	})
}

// While all sessions are busy, those who come gather for the next statement; each has its own result.
func TestLoadsGather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reads{open: make(chan struct{})}
		l := newLoader(r.read)
		defer l.close()
		first := r.load(t.Context(), l, "a", "b")
		others := r.load(t.Context(), l, "game", "broken", "other")
		r.want(t, []string{"a"}, []string{"b"})
		close(r.open)
		must(t, <-first[0])
		must(t, <-first[1])
		must(t, <-others[0])
		if err := <-others[1]; err == nil {
			t.Error("a damaged stream was loaded")
		}
		must(t, <-others[2])
		r.want(t, []string{"a"}, []string{"b"}, []string{"game", "broken", "other"})
	})
}

// One that gives up is not read when it still waits, and of what is under way it doesn't wait for the end; when it asks again, it
// gets what is read from then on.
func TestLoadsThatAreGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reads{open: make(chan struct{})}
		l := newLoader(r.read)
		defer l.close()
		ctx, cancel := context.WithCancel(t.Context())
		gone := r.load(ctx, l, "a", "b", "c")
		twice := r.load(t.Context(), l, "d", "e", "d")
		cancel()
		for _, result := range gone {
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		close(r.open)
		for _, result := range twice {
			must(t, <-result)
		}
		slices.SortFunc(r.batches, slices.Compare) // which of the two sessions comes first is open
		r.want(t, []string{"a"}, []string{"b"}, []string{"d"}, []string{"d", "e"})
	})
}

func TestLoadsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reads{open: make(chan struct{})}
		l := newLoader(r.read)
		defer l.close()
		var streams []string
		for n := range loadsAtOnce + maxLoads + 1 {
			streams = append(streams, fmt.Sprint("game-", n))
		}
		results := r.load(t.Context(), l, streams...)
		close(r.open)
		for _, result := range results {
			must(t, <-result)
		}
		var sizes []int
		for _, batch := range r.batches {
			sizes = append(sizes, len(batch))
		}
		slices.Sort(sizes)
		if !slices.Equal(sizes, []int{1, 1, 1, maxLoads}) {
			t.Errorf("the statements read %d streams", sizes)
		}
	})
}

// A closed journal loads nothing, and lets nobody wait.
func TestClosedLoader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &reads{open: make(chan struct{})}
		l := newLoader(r.read)
		under := r.load(t.Context(), l, "a", "b", "c")
		l.close()
		for _, result := range append(under, r.load(t.Context(), l, "d")...) {
			if err := <-result; err == nil {
				t.Error("a closed journal loads")
			}
		}
	})
}
