package postgres

import (
	"context"
	"sync"
	"time"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

const (
	// maxLoads bounds the streams of one statement, and so what is read at once, however many wait.
	maxLoads = 256
	// loadsAtOnce bounds the statements under way; the other sessions are left to other reads.
	loadsAtOnce = 2
	// loadTimeout bounds one statement. Only a server that is away takes that long.
	loadTimeout = 10 * time.Second
)

// loader reads with one statement the streams of all the Loads that wait: while some are being read the next ones gather, as
// writes do in the committer.
type loader struct {
	// read reads streams, of which none comes twice, and ends each of them, as soon as it has what it asked for.
	read      func(ctx context.Context, batch []*loading)
	stop      context.CancelFunc
	ctx       context.Context // ends with the journal
	gathering sqljournal.Gathering

	mu      sync.Mutex
	waiting []*loading
	reading int
	closed  bool
	runs    sync.WaitGroup
}

// loading is one Load.
type loading struct {
	sqljournal.Recovering
	ctx  context.Context
	err  error         // why the stream could not be read
	done chan struct{} // closed when the loader has done it
}

func newLoading(ctx context.Context, stream string) *loading {
	return &loading{Recovering: sqljournal.Recovering{Stream: stream}, ctx: ctx, done: make(chan struct{})}
}

// end hands over what was read, or why it could not be.
func (n *loading) end(err error) {
	n.err = err
	close(n.done)
}

func newLoader(read func(context.Context, []*loading)) *loader {
	ctx, stop := context.WithCancel(context.Background())
	return &loader{read: read, ctx: ctx, stop: stop}
}

func (l *loader) load(ctx context.Context, stream string) (actors.Recovery, error) {
	n := newLoading(ctx, stream)
	if !l.enqueue(n) {
		return actors.Recovery{}, sqljournal.ErrClosed
	}
	select {
	case <-n.done:
	case <-ctx.Done():
		return actors.Recovery{}, ctx.Err()
	}
	if n.err != nil {
		return actors.Recovery{}, n.err
	}
	return n.Recovery()
}

func (l *loader) enqueue(n *loading) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.waiting = append(l.waiting, n)
	if l.reading < loadsAtOnce {
		l.reading++
		l.runs.Go(l.run)
	}
	return true
}

// run reads until nobody waits.
func (l *loader) run() {
	l.gathering.Wait()
	for batch := l.next(); len(batch) > 0; batch = l.next() {
		began := time.Now()
		l.read(l.ctx, batch)
		l.gathering.Answered(began)
	}
}

// next takes some of those who wait. One that asks for a stream a second time waits longer, since what is read is its own.
func (l *loader) next() (batch []*loading) {
	l.mu.Lock()
	defer l.mu.Unlock()
	streams := make(map[string]bool)
	for len(l.waiting) > 0 && len(batch) < maxLoads && !streams[l.waiting[0].Stream] {
		n := l.waiting[0]
		l.waiting[0], l.waiting = nil, l.waiting[1:]
		if n.ctx.Err() == nil {
			streams[n.Stream] = true
			batch = append(batch, n)
		}
	}
	if len(batch) == 0 {
		l.reading--
	}
	return batch
}

// close ends what is being read, with an error.
func (l *loader) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.stop()
	l.runs.Wait()
}
