package sqljournal

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

// gate is a store whose commits are let through one by one.
type gate struct {
	batches [][]int64
	open    chan error
}

func (g *gate) write(batch []*Write) error {
	var indexes []int64
	for _, w := range batch {
		indexes = append(indexes, w.Index)
		if w.Index < 0 {
			w.Refuse()
		}
	}
	g.batches = append(g.batches, indexes)
	return <-g.open
}

// queue commits writes, in their order, each to a stream that is called like its index, and says where their results will be.
// It returns when they wait.
func queue(ctx context.Context, c *committer, indexes ...int64) []chan error {
	var results []chan error
	for _, index := range indexes {
		result := make(chan error, 1)
		go func() {
			result <- c.commit(ctx, &Write{Stream: fmt.Sprint(index), Index: index, ticket: newTicket()})
		}()
		synctest.Wait()
		results = append(results, result)
	}
	return results
}

func (g *gate) want(t *testing.T, batches ...[]int64) {
	t.Helper()
	if !slices.EqualFunc(g.batches, batches, slices.Equal) {
		t.Errorf("the batches were %d, want %d", g.batches, batches)
	}
}

// While one batch is being committed, the next one gathers; each write has its own result.
func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan error)}
		c := newCommitter(g.write)
		defer c.close()
		first := queue(t.Context(), c, 1)
		others := queue(t.Context(), c, 2, -3, 4)
		g.want(t, []int64{1})
		g.open <- nil
		must(t, <-first[0])
		synctest.Wait()
		g.want(t, []int64{1}, []int64{2, -3, 4})
		g.open <- nil
		must(t, <-others[0])
		if err := <-others[1]; err == nil {
			t.Error("a refused write succeeded")
		}
		must(t, <-others[2])
	})
}

// Where a commit takes long, those who come a moment later need not wait for a whole one more (C1).
func TestC1SlowCommitsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const answer = 500 * time.Millisecond
		var batches []int
		c := newCommitter(func(batch []*Write) error {
			batches = append(batches, len(batch))
			time.Sleep(answer)
			return nil
		})
		defer c.close()
		must(t, <-queue(t.Context(), c, 1)[0])
		began := time.Now()
		var results []chan error
		for n := range int64(3) {
			results = append(results, queue(t.Context(), c, n)...)
			time.Sleep(10 * time.Millisecond)
		}
		for _, result := range results {
			must(t, <-result)
		}
		if took := time.Since(began); !slices.Equal(batches, []int{1, 3}) || took > answer+gatheringMost {
			t.Errorf("the batches were %d, after %s", batches, took)
		}
	})
}

func TestFailedCommitFailsAllOfItsBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan error)}
		c := newCommitter(g.write)
		defer c.close()
		full := errors.New("full")
		first := queue(t.Context(), c, 1)
		others := queue(t.Context(), c, 2, -3)
		g.open <- full
		g.open <- full
		for _, result := range append(first, others...) {
			if err := <-result; !errors.Is(err, full) {
				t.Errorf("got %v, want %v", err, full)
			}
		}
		next := queue(t.Context(), c, 4)
		g.open <- nil
		must(t, <-next[0])
	})
}

// A write whose caller has gone is never done when it still waits, and of one under way the caller doesn't wait for the end.
func TestWithdrawnWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan error)}
		c := newCommitter(g.write)
		defer c.close()
		ctx, cancel := context.WithCancel(t.Context())
		gone := queue(ctx, c, 1, 2)
		stays := queue(t.Context(), c, 3)
		cancel()
		for _, result := range gone {
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		settled := make(chan error, 1)
		go func() { settled <- c.settle(t.Context(), "1") }()
		synctest.Wait()
		if len(settled) > 0 {
			t.Error("the stream is taken as settled while a write of it is under way")
		}
		g.open <- nil
		must(t, <-settled)
		g.open <- nil
		must(t, <-stays[0])
		g.want(t, []int64{1}, []int64{3})
		must(t, c.settle(t.Context(), "1"))
	})
}

// A batch is bounded, and jobs come between batches.
func TestBatchesAndJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan error)}
		c := newCommitter(g.write)
		defer c.close()
		first := queue(t.Context(), c, 1)
		var rest sync.WaitGroup
		for n := range 2 * maxBatch {
			rest.Go(func() {
				if err := c.commit(t.Context(), &Write{Stream: fmt.Sprint("game-", n), ticket: newTicket()}); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		var before int
		job := make(chan error, 1)
		go func() { job <- c.do(func() error { before = len(g.batches); return nil }) }()
		synctest.Wait()
		close(g.open)
		must(t, <-first[0])
		must(t, <-job)
		rest.Wait()
		var sizes []int
		for _, batch := range g.batches {
			sizes = append(sizes, len(batch))
		}
		if !slices.Equal(sizes, []int{1, maxBatch, maxBatch}) || before != 2 {
			t.Errorf("the batches have %d writes, and the job came after %d of them", sizes, before)
		}
	})
}

// A stream never comes twice in a batch: the second write waits for the next one.
func TestOneStreamTwiceIsTwoBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan error)}
		c := newCommitter(g.write)
		defer c.close()
		queue(t.Context(), c, 1)
		queue(t.Context(), c, 2, 3, 2, 4)
		close(g.open)
		synctest.Wait()
		g.want(t, []int64{1}, []int64{2, 3}, []int64{2, 4})
	})
}

// Close commits what waits; afterwards nothing is taken.
func TestCloseCommitsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{open: make(chan error, 2)}
		c := newCommitter(g.write)
		results := queue(t.Context(), c, 1)
		g.open <- nil
		g.open <- nil
		results = append(results, queue(t.Context(), c, 2)...)
		c.close()
		for _, result := range results {
			must(t, <-result)
		}
		if err := c.commit(t.Context(), &Write{ticket: newTicket()}); !errors.Is(err, ErrClosed) {
			t.Errorf("after close: got %v", err)
		}
		if err := c.do(func() error { return nil }); !errors.Is(err, ErrClosed) {
			t.Errorf("after close: got %v", err)
		}
		c.close()
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
