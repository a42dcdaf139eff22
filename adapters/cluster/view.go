package cluster

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"galaxy/healthactors/actors"
)

// Own is the node whose view of the cluster it is.
type Own interface {
	// Games are those that the node watches, sorted by game id.
	Games(ctx context.Context) ([]actors.GameStatus, error)
	// Members are those that the node knows, sorted by name; none while its own lease doesn't hold.
	Members(ctx context.Context) ([]actors.Member, error)
	// ShareOf are a member's games, as the node's running list has them.
	ShareOf(ctx context.Context, member string) ([]actors.GameStatus, error)
}

// View is the whole cluster as one of its nodes sees it.
type View struct {
	cluster    *Cluster
	name, node string
	own        Own
}

// NewView returns the view of a node of a cluster, which are told by their names.
func NewView(c *Cluster, name, node string, own Own) *View {
	return &View{cluster: c, name: name, node: node, own: own}
}

// Name is the cluster's.
func (v *View) Name() string { return v.name }

// Node is the name of the node whose view it is.
func (v *View) Node() string { return v.node }

// Members returns the nodes that hold a lease, sorted by name.
func (v *View) Members(ctx context.Context) ([]actors.Member, error) { return v.own.Members(ctx) }

// Games joins the members' games, sorted by game id. Those of a member that can't be asked are shown as the running list
// has them, with the reason as their last error.
func (v *View) Games(ctx context.Context) ([]actors.GameStatus, error) {
	own, err := v.own.Games(ctx)
	if err != nil {
		return nil, err
	}
	members, err := v.Members(ctx)
	if err != nil {
		return nil, err
	}
	answers := make([][]actors.GameStatus, len(members))
	var asked sync.WaitGroup
	for n, member := range members {
		if member.Node == v.node {
			answers[n] = own
			continue
		}
		asked.Go(func() { answers[n] = v.gamesOf(ctx, member) })
	}
	asked.Wait()
	if len(members) == 0 { // its lease doesn't hold
		return own, nil
	}
	return mergeGames(answers), nil
}

func (v *View) gamesOf(ctx context.Context, m actors.Member) []actors.GameStatus {
	games, err := v.cluster.Games(ctx, m)
	if err == nil {
		return games
	}
	games, listErr := v.own.ShareOf(ctx, m.Node)
	if listErr != nil {
		return nil
	}
	for n := range games {
		games[n].LastError = err.Error()
	}
	return games
}

// mergeGames joins lists that are sorted by game id. Of a game that is just being handed over the newest observation counts.
func mergeGames(lists [][]actors.GameStatus) []actors.GameStatus {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b actors.GameStatus) int {
		return cmp.Or(cmp.Compare(a.GameID, b.GameID), -compareTimes(a.ObservedAt, b.ObservedAt))
	})
	return slices.CompactFunc(all, func(a, b actors.GameStatus) bool { return a.GameID == b.GameID })
}

func compareTimes(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	default:
		return a.Compare(*b)
	}
}
