package actors

import "context"

// Node is a running node: a supervisor, its inspectors and a publisher.
type Node struct{}

// Start starts a node, whose first tick begins at once (S3). The caller stops it and closes the ports afterwards.
func Start(cfg Config, ports Ports) (*Node, error) { panic("being written") }

// Stop ends the node in order (S8): no new tick, inspects under way are cut off, and what is detected is published
// until ctx ends. It returns when the node has stopped, and the number of events that stay in the journal.
func (n *Node) Stop(ctx context.Context) (pending int64) { panic("being written") }

// Failed yields an error when the node can't go on.
func (n *Node) Failed() <-chan error { panic("being written") }

// Ready says whether a tick has been completed and no stop has begun.
func (n *Node) Ready() bool { panic("being written") }

// Alive returns nil when the node makes progress. It waits for an answer as long as ctx allows.
func (n *Node) Alive(ctx context.Context) error { panic("being written") }

// Games returns the games on the running list, sorted by game id.
func (n *Node) Games(ctx context.Context) ([]GameStatus, error) { panic("being written") }
