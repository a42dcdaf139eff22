package app

import (
	"context"
	"errors"
	"sync/atomic"

	"galaxy/healthactors/actors"
)

// errStarting is the answer until there is a node.
var errStarting = errors.New("the node is starting")

// lateNode is the node that HTTP and the other members are told of. Their ports are taken before there is one, so that whoever
// asks may come at any time.
type lateNode struct{ node atomic.Pointer[actors.Node] }

// set says that the node is there.
func (l *lateNode) set(node *actors.Node) { l.node.Store(node) }

// Ready implements httpapi.Node.
func (l *lateNode) Ready() bool {
	node := l.node.Load()
	return node != nil && node.Ready()
}

// Alive implements httpapi.Node.
func (l *lateNode) Alive(ctx context.Context) error {
	if node := l.node.Load(); node != nil {
		return node.Alive(ctx)
	}
	return errStarting
}

// Games implements httpapi.Node.
func (l *lateNode) Games(ctx context.Context) ([]actors.GameStatus, error) {
	if node := l.node.Load(); node != nil {
		return node.Games(ctx)
	}
	return nil, errStarting
}

// Members are the members of the cluster, as the node knows them.
func (l *lateNode) Members(ctx context.Context) ([]actors.Member, error) {
	if node := l.node.Load(); node != nil {
		return node.Members(ctx)
	}
	return nil, errStarting
}

// ShareOf are a member's games, as the node's running list has them.
func (l *lateNode) ShareOf(ctx context.Context, member string) ([]actors.GameStatus, error) {
	if node := l.node.Load(); node != nil {
		return node.ShareOf(ctx, member)
	}
	return nil, errStarting
}
