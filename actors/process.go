package actors

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// process is the life that a node has in its process: what runs in it, and ends with it.
type process struct {
	// claimant names this life of the process in the claims that it writes (C2).
	claimant string
	// ctx ends when the node stops for good; all calls to the ports end with it.
	ctx    context.Context
	cancel context.CancelFunc
	// work counts the goroutines that the actors started.
	work sync.WaitGroup

	system    *actor.ActorSystem
	publisher *actor.PID
	requests  atomic.Uint64
	// fatal has why the node can't go on.
	fatal chan error
	// supervisorGone is closed when the supervisor and all its children have stopped, publisherGone likewise.
	supervisorGone chan struct{}
	publisherGone  chan struct{}
}

// newRequest returns a number that no other request of this process has.
func (p *process) newRequest() uint64 { return p.requests.Add(1) }

// fail says that the node can't go on; only the first reason counts.
func (p *process) fail(err error) {
	select {
	case p.fatal <- err:
	default:
	}
}

// send sends an actor a message from outside all actors.
func (p *process) send(to *actor.PID, msg any) { p.system.Root.Send(to, msg) }

// after sends an actor a message after a while.
func (p *process) after(wait time.Duration, to *actor.PID, msg any) *time.Timer {
	return time.AfterFunc(wait, func() { p.send(to, msg) })
}
