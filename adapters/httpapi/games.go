package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"golang.org/x/sync/semaphore"

	"galaxy/healthactors/actors"
)

// maxGameLists bounds how many lists of games are in memory at once, each as long as the running list.
const maxGameLists = 4

// games answers with the JSON array of the games that the node watches, or with ?scope=cluster of those of all members.
type games struct {
	node, cluster gameLister
	turns         *semaphore.Weighted
}

type gameLister interface {
	Games(ctx context.Context) ([]actors.GameStatus, error)
}

func newGames(cfg Config) games {
	g := games{node: cfg.Node, cluster: cfg.Node, turns: semaphore.NewWeighted(maxGameLists)}
	if cfg.Cluster != nil {
		g.cluster = cfg.Cluster
	}
	return g
}

func (g games) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	lister := g.node
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fail(w, http.StatusBadRequest, "read the query: "+err.Error())
		return
	}
	switch scope := query.Get("scope"); scope {
	case "", "node":
	case "cluster":
		lister = g.cluster
	default:
		fail(w, http.StatusBadRequest, fmt.Sprintf("scope is %q; it must be node or cluster", scope))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTimeout)
	defer cancel()
	if err := g.turns.Acquire(ctx, 1); err != nil {
		unavailable(w, "too many lists of games are being read")
		return
	}
	defer g.turns.Release(1)
	list, err := lister.Games(ctx)
	if err != nil {
		unavailable(w, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = writeGames(w, list) // An error is the client's, who has gone or is too slow.
}

// writeGames writes the list as a JSON array, one game per line, without a copy of the whole in memory.
func writeGames(w io.Writer, list []actors.GameStatus) error {
	buffered := bufio.NewWriterSize(w, 64<<10) // It keeps the first error for Flush.
	_ = buffered.WriteByte('[')
	for i := range list {
		if i > 0 {
			_, _ = buffered.WriteString(",\n")
		}
		game, err := json.Marshal(&list[i])
		if err != nil {
			return err
		}
		if _, err := buffered.Write(game); err != nil {
			return err
		}
	}
	_, _ = buffered.WriteString("]\n")
	return buffered.Flush()
}
