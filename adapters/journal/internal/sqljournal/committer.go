package sqljournal

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxBatch bounds the writes of one transaction. At 2,048 a SQLite batch takes some 20 ms, which every write that
	// comes meanwhile waits; larger ones are hardly cheaper for each write.
	maxBatch = 2048
	// maxBatchBytes bounds the memory of a batch, when payloads are unusually large.
	maxBatchBytes = 8 << 20
)

// ErrClosed says that the journal was closed before the write's turn came.
var ErrClosed = errors.New("the journal is closed")

// committer makes one transaction, and so one fsync, of all the writes that wait: while one batch is being committed the next
// one gathers. A single caller waits for nobody where commits are fast, and else for a sixteenth of one.
type committer struct {
	store     func([]*Write) error
	gathering Gathering

	mu        sync.Mutex
	waiting   []*Write
	jobs      []*job
	abandoned map[string]*Write // of the batch under way, those whose callers have gone, by stream
	closed    bool

	wake chan struct{}
	done chan struct{}
}

// ticket is how a write waits for its commit.
type ticket struct {
	// owner says who may decide about the write: it waits until the committer takes it or its caller withdraws it.
	owner *atomic.Int32
	err   error         // what became of it, once it is done
	done  chan struct{} // closed when the committer has done it
}

const (
	inQueue int32 = iota
	taken
	withdrawn
)

func newTicket() ticket {
	return ticket{owner: new(atomic.Int32), done: make(chan struct{})}
}

// job is other work on the writer's connection; one job at most is done between two batches.
type job struct {
	run    func() error
	result chan error
}

func newCommitter(store func([]*Write) error) *committer {
	c := &committer{
		store: store, abandoned: make(map[string]*Write), wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go c.loop()
	return c
}

// commit returns once the write is on stable storage, or with what became of it. When ctx ends before the committer has
// taken the write, it is never done.
func (c *committer) commit(ctx context.Context, w *Write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !c.enqueue(func() { c.waiting = append(c.waiting, w) }) {
		return ErrClosed
	}
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
		if !w.owner.CompareAndSwap(inQueue, withdrawn) {
			c.mu.Lock()
			c.abandoned[w.Stream] = w
			c.mu.Unlock()
		}
		return ctx.Err()
	}
}

// settle waits for a write of the stream that is under way although its caller has gone, so that what is read afterwards has
// it or will never have it.
func (c *committer) settle(ctx context.Context, stream string) error {
	c.mu.Lock()
	w := c.abandoned[stream]
	c.mu.Unlock()
	if w == nil {
		return nil
	}
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// do runs work in the committer's turn.
func (c *committer) do(work func() error) error {
	j := &job{run: work, result: make(chan error, 1)}
	if !c.enqueue(func() { c.jobs = append(c.jobs, j) }) {
		return ErrClosed
	}
	return <-j.result
}

func (c *committer) enqueue(add func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	add()
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return true
}

// close commits what waits and ends the committer.
func (c *committer) close() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.wake)
	}
	c.mu.Unlock()
	<-c.done
}

func (c *committer) loop() {
	defer close(c.done)
	for open := true; open; {
		_, open = <-c.wake
		for {
			c.gathering.Wait()
			batch, job := c.next()
			if batch == nil && job == nil {
				break
			}
			c.commitBatch(batch)
			if job != nil {
				job.result <- job.run()
			}
		}
	}
}

// next takes a batch of what waits, and a job. No stream comes twice in a batch, so that each write finds what the one before
// it has left: a stream's writes come one at a time, unless one of them was given up and tried again.
func (c *committer) next() (batch []*Write, j *job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, bytes := 0, 0
	streams := make(map[string]bool, min(len(c.waiting), maxBatch))
	for n < len(c.waiting) && n < maxBatch && bytes < maxBatchBytes && !streams[c.waiting[n].Stream] {
		streams[c.waiting[n].Stream] = true
		bytes += len(c.waiting[n].Payload)
		n++
	}
	if n > 0 {
		batch = c.waiting[:n:n]
		c.waiting = c.waiting[n:]
	}
	if len(c.waiting) == 0 {
		c.waiting = nil
	}
	if len(c.jobs) > 0 {
		j, c.jobs = c.jobs[0], c.jobs[1:]
	}
	return batch, j
}

func (c *committer) commitBatch(batch []*Write) {
	kept := batch[:0]
	for _, w := range batch {
		if w.owner.CompareAndSwap(inQueue, taken) {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return
	}
	began := time.Now()
	err := c.store(kept)
	c.gathering.Answered(began)
	for _, w := range kept {
		if w.err = err; err == nil {
			w.err = w.Refused
		}
		close(w.done)
	}
	c.mu.Lock()
	clear(c.abandoned)
	c.mu.Unlock()
}
