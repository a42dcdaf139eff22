package docker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"galaxy/healthactors/actors"
)

// grace is how long a reading waits for the Engines that are slower than the others. What a slower one answers later is
// taken by the next reading.
const grace = 250 * time.Millisecond

// RunningList reads the running list from the labels of containers, whatever their state. It implements
// actors.RunningList for "docker:". An Engine that is slow or hangs holds up no other one's games (S1).
type RunningList struct {
	engines []*Engine
	// underWay has each Engine's question that is not answered yet, or whose answer nobody has taken.
	underWay []*question

	ctx   context.Context
	close context.CancelFunc
	asked sync.WaitGroup
}

var _ actors.RunningList = (*RunningList)(nil)

// question is one Engine's list being asked for.
type question struct {
	cancel context.CancelFunc
	done   chan struct{}
	found  []labelled
	err    error
}

// NewRunningList makes a running list of the labelled containers of all these Engines.
func NewRunningList(engines []*Engine) *RunningList {
	l := &RunningList{engines: engines, underWay: make([]*question, len(engines))}
	l.ctx, l.close = context.WithCancel(context.Background())
	return l
}

// Close ends what is still being asked.
func (l *RunningList) Close() {
	l.close()
	l.asked.Wait()
}

// Read asks all Engines at once, each until ctx's deadline. An Engine that fails is named in Listing.Failed, and so is one
// that has not answered shortly after the others, with actors.ErrStillReading; if all of them fail, or if ctx is cancelled,
// Read fails.
func (l *RunningList) Read(ctx context.Context) (actors.Listing, error) {
	for i, engine := range l.engines {
		if l.underWay[i] == nil {
			l.underWay[i] = l.ask(ctx, engine)
		}
	}
	l.wait(ctx)
	if errors.Is(ctx.Err(), context.Canceled) {
		clear(l.underWay)
		return actors.Listing{}, fmt.Errorf("list the labelled containers: %w", ctx.Err())
	}
	return l.take()
}

// ask begins to ask an Engine. It goes on after ctx's end when that is no cancel, until the same deadline.
func (l *RunningList) ask(ctx context.Context, engine *Engine) *question {
	asking, cancel := context.WithCancel(l.ctx)
	if deadline, ok := ctx.Deadline(); ok {
		asking, cancel = context.WithDeadline(l.ctx, deadline)
	}
	q := &question{cancel: cancel, done: make(chan struct{})}
	l.asked.Go(func() {
		defer cancel()
		defer close(q.done)
		q.found, q.err = engine.list(asking)
	})
	return q
}

// wait returns when all Engines have answered, or ctx has ended, or the grace is over and one has answered.
func (l *RunningList) wait(ctx context.Context) {
	over := time.NewTimer(grace)
	defer over.Stop()
	some := make(chan struct{}, len(l.underWay))
	for _, q := range l.underWay {
		l.asked.Go(func() {
			select {
			case <-q.done:
				some <- struct{}{}
			case <-ctx.Done():
			}
		})
	}
	late := false
	defer func() {
		if ctx.Err() != nil {
			l.settle(ctx)
		}
	}()
	for answered := 0; answered < len(l.underWay) && (!late || answered == 0); {
		select {
		case <-some:
			answered++
		case <-over.C:
			late = true
		case <-ctx.Done():
			return
		}
	}
}

// settle ends all questions when ctx has ended. What has the same deadline gets the moment that it needs to say so.
func (l *RunningList) settle(ctx context.Context) {
	for _, q := range l.underWay {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			select {
			case <-q.done:
			case <-time.After(grace):
			}
		}
		q.cancel()
		<-q.done
	}
}

// take makes a listing of the answers that are there.
func (l *RunningList) take() (actors.Listing, error) {
	listing := actors.Listing{Failed: map[string]error{}}
	var found []labelled
	var joined error
	for i, q := range l.underWay {
		name := l.engines[i].name
		select {
		case <-q.done:
			l.underWay[i] = nil
		default:
			listing.Failed[name] = actors.ErrStillReading
			continue
		}
		if q.err == nil {
			found = slices.Concat(found, q.found)
			continue
		}
		listing.Failed[name] = q.err
		if joined == nil {
			joined = fmt.Errorf("engine %s: %w", name, q.err)
		} else {
			joined = fmt.Errorf("%w; engine %s: %w", joined, name, q.err)
		}
	}
	if len(listing.Failed) == len(l.engines) && joined != nil {
		return actors.Listing{}, fmt.Errorf("list the labelled containers: %w", joined)
	}
	listing.Entries = entries(found)
	return listing, nil
}
