package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"galaxy/healthactors/actors"
	v1 "galaxy/healthactors/messages/healthactors/v1"
)

const (
	// gamesName is the actor that other members ask.
	gamesName = "games"
	// gamesPage is how many games one answer has at most; it also ends once it is longer than pageBytes.
	gamesPage = 500
	pageBytes = 256 << 10
	// maxGames is how many games a member may say that it has.
	maxGames = 1_000_000
	// snapshotAge is how long a list of games may serve further pages.
	snapshotAge = 2 * time.Second
)

// gamesActor answers the other members.
type gamesActor struct {
	games func(context.Context) ([]actors.GameStatus, error)
	peers *peers

	list  []actors.GameStatus
	taken time.Time
}

// Receive implements actor.Actor.
func (a *gamesActor) Receive(ctx actor.Context) {
	request, ok := ctx.Message().(*v1.GamesRequest)
	if !ok || ctx.Sender() == nil || !a.peers.has(ctx.Sender().GetAddress()) { // it may have left while its question waited
		return
	}
	page, err := a.page(request.GetAfter())
	if err != nil {
		page = &v1.GamesPage{Error: err.Error()}
	}
	ctx.Respond(page)
}

func (a *gamesActor) page(after string) (*v1.GamesPage, error) {
	if after == "" || a.list == nil || time.Since(a.taken) > snapshotAge {
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		list, err := a.games(ctx)
		if err != nil {
			return nil, err
		}
		a.list, a.taken = list, time.Now()
	}
	first := sort.Search(len(a.list), func(n int) bool { return a.list[n].GameID > after })
	encoded, many, err := encodePage(a.list[first:])
	if err != nil {
		return nil, fmt.Errorf("encode the games: %w", err)
	}
	more := first+many < len(a.list)
	if !more {
		a.list = nil
	}
	return &v1.GamesPage{Games: encoded, More: more}, nil
}

// encodePage makes a page of as many games as fit, at least one.
func encodePage(games []actors.GameStatus) (page []byte, many int, err error) {
	page = append(page, '[')
	for ; many < len(games) && many < gamesPage && len(page) < pageBytes; many++ {
		game, err := json.Marshal(&games[many])
		if err != nil {
			return nil, 0, err
		}
		if many > 0 {
			page = append(page, ',')
		}
		page = append(page, game...)
	}
	return append(page, ']'), many, nil
}

// readPage reads what encodePage made of the games whose ids come after a given one. Anything else is refused, before it can
// grow in memory.
func readPage(page []byte, after string) (games []actors.GameStatus, err error) {
	decoder := json.NewDecoder(bytes.NewReader(page))
	switch begin, err := decoder.Token(); {
	case err == nil && begin == nil: // an older release ends its list with null
		return nil, nil
	case err != nil || begin != json.Delim('['):
		return nil, errors.New("it is no list")
	}
	for decoder.More() {
		var game actors.GameStatus
		if err := decoder.Decode(&game); err != nil {
			return nil, err
		}
		if len(games) == gamesPage || game.GameID <= after {
			return nil, errors.New("too many games, or not in order")
		}
		games, after = append(games, game), game.GameID
	}
	_, err = decoder.Token()
	return games, err
}

// Games asks a member for the games that it watches. It gives up when a page takes longer than two seconds.
func (c *Cluster) Games(ctx context.Context, m actors.Member) ([]actors.GameStatus, error) {
	var all []actors.GameStatus
	for after := ""; ; {
		page, err := c.askForGames(ctx, m.Address, after)
		if err != nil {
			return nil, fmt.Errorf("member %q at %s: %w", m.Node, m.Address, err)
		}
		games, err := readPage(page.GetGames(), after)
		if err != nil {
			return nil, fmt.Errorf("member %q at %s: read its answer: %w", m.Node, m.Address, err)
		}
		if all = append(all, games...); len(all) > maxGames {
			return nil, fmt.Errorf("member %q at %s: it says that it has more than %d games", m.Node, m.Address, maxGames)
		}
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
	future := actor.NewFuture(c.system, askTimeout)
	c.peers.ask(future.PID().GetId(), address)
	defer c.peers.forget(future.PID().GetId())
	c.system.Root.RequestWithCustomSender(actor.NewPID(address, gamesName), &v1.GamesRequest{After: after}, future.PID())
	answer, err := future.Result()
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
