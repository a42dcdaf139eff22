package cluster

import (
	"context"
	"sync"
	"time"
)

const (
	// maxWaiting is how many questions of one member may wait to be answered, or have answers that wait to be sent.
	maxWaiting = 8
	// longestWait is the time after which an answer has been sent or never will be: a member has sendTimeout to take what comes.
	longestWait = 3 * sendTimeout
)

// peers are the other members by their addresses, and what they and this node have asked each other (C9). Its methods may be
// called concurrently.
type peers struct {
	mu sync.Mutex
	// waiting has, for each other member, the times of its questions that are not answered yet.
	waiting map[string][]time.Time
	// changed is closed when members come or leave.
	changed chan struct{}
	// asked is the address of the member that was asked, by the id of the future that waits for its answer.
	asked map[string]string
}

func newPeers() *peers {
	return &peers{waiting: map[string][]time.Time{}, changed: make(chan struct{}), asked: map[string]string{}}
}

// update says at which addresses the other members are.
func (p *peers) update(addresses []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := make(map[string][]time.Time, len(addresses))
	for _, address := range addresses {
		waiting[address] = p.waiting[address]
	}
	p.waiting = waiting
	close(p.changed)
	p.changed = make(chan struct{})
}

// has says whether a member is at the address.
func (p *peers) has(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.waiting[address]
	return ok
}

// await says the same, and waits for a member to appear until ctx ends: a node that has just joined may ask before this one
// has read of it.
func (p *peers) await(ctx context.Context, address string) bool {
	for {
		p.mu.Lock()
		_, ok := p.waiting[address]
		changed := p.changed
		p.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// question says whether a question of a member may wait to be answered. For each one that may, answered must be called.
func (p *peers) question(address string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting, ok := p.waiting[address]
	for len(waiting) > 0 && now.Sub(waiting[0]) > longestWait {
		waiting = waiting[1:]
	}
	if ok && len(waiting) < maxWaiting {
		p.waiting[address] = append(waiting, now)
		return true
	}
	return false
}

// answered notes that this many answers are on their way to a member, and no longer in memory here.
func (p *peers) answered(address string, many int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if waiting, ok := p.waiting[address]; ok {
		p.waiting[address] = waiting[min(many, len(waiting)):]
	}
}

// ask notes that a future waits for an answer from an address, until forget is called.
func (p *peers) ask(future, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked[future] = address
}

func (p *peers) forget(future string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.asked, future)
}

// answer says whether a future was waiting for an answer from an address; it no longer is afterwards.
func (p *peers) answer(future, address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if asked, ok := p.asked[future]; !ok || asked != address {
		return false
	}
	delete(p.asked, future)
	return true
}
