package actors

import (
	"sync"
	"sync/atomic"
)

// board is what the actors of a node show each other, and the node's callers, without a message.
type board struct {
	// released are the names of inspectors whose games became another member's while they read the journal: they must not
	// claim the streams any more (C2).
	released sync.Map
	// listed is how many games of its own the node has on the list, for the other members to see.
	listed atomic.Int64
	// ticked: a tick has been completed. stopBegun: the stop in order has begun (S8).
	ticked, stopBegun atomic.Bool
	// counted is what the supervisor counted last.
	counted atomic.Pointer[counts]
}
