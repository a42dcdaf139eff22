package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

const (
	// gamesName is the actor that other members ask.
	gamesName = "games"
	// gamesPage is how many games come in one answer: a few hundred kilobytes.
	gamesPage = 500
	// snapshotAge is how long a list of games is good for the next page.
	snapshotAge = 2 * time.Second
)

// gamesActor answers the other members.
type gamesActor struct {
	games func(context.Context) ([]actors.GameStatus, error)
	log   *slog.Logger

	list  []actors.GameStatus
	taken time.Time
}

// Receive implements actor.Actor.
func (a *gamesActor) Receive(ctx actor.Context) {
	request, ok := ctx.Message().(*v1.GamesRequest)
	if !ok || ctx.Sender() == nil {
		return
	}
	page, err := a.page(request.GetAfter())
	if err != nil {
		page = &v1.GamesPage{Error: err.Error()}
	}
	ctx.Respond(page)
}

func (a *gamesActor) page(after string) (*v1.GamesPage, error) {
	if after == "" || time.Since(a.taken) > snapshotAge {
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		list, err := a.games(ctx)
		if err != nil {
			return nil, err
		}
		a.list, a.taken = list, time.Now()
	}
	first := sort.Search(len(a.list), func(n int) bool { return a.list[n].GameID > after })
	page := a.list[first:]
	more := len(page) > gamesPage
	if more {
		page = page[:gamesPage]
	} else {
		defer func() { a.list = nil }()
	}
	encoded, err := json.Marshal(page)
	if err != nil {
		return nil, fmt.Errorf("encode the games: %w", err)
	}
	return &v1.GamesPage{Games: encoded, More: more}, nil
}

// Games asks a member for the games that it watches. It gives up when a page takes longer than two seconds.
func (c *Cluster) Games(ctx context.Context, m actors.Member) ([]actors.GameStatus, error) {
	var all []actors.GameStatus
	for after := ""; ; {
		page, err := c.askForGames(ctx, m.Address, after)
		if err != nil {
			return nil, fmt.Errorf("member %q at %s: %w", m.Node, m.Address, err)
		}
		var games []actors.GameStatus
		if err := json.Unmarshal(page.GetGames(), &games); err != nil {
			return nil, fmt.Errorf("member %q at %s: read its answer: %w", m.Node, m.Address, err)
		}
		all = append(all, games...)
		if !page.GetMore() || len(games) == 0 {
			return all, nil
		}
		after = games[len(games)-1].GameID
	}
}

func (c *Cluster) askForGames(ctx context.Context, address, after string) (*v1.GamesPage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	answer, err := c.system.Root.RequestFuture(actor.NewPID(address, gamesName), &v1.GamesRequest{After: after}, askTimeout).Result()
	switch {
	case errors.Is(err, actor.ErrTimeout):
		return nil, fmt.Errorf("no answer within %s", askTimeout)
	case err != nil:
		return nil, errors.New("it can't be reached")
	}
	page, ok := answer.(*v1.GamesPage)
	switch {
	case !ok:
		return nil, fmt.Errorf("unexpected answer %T", answer)
	case page.GetError() != "":
		return nil, errors.New(page.GetError())
	}
	return page, nil
}
