package docker

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"galaxy/healthactors/actors"
)

// GameLabel is the label that makes a container a game's; its value is the game id.
const GameLabel = "galaxy.game_id"

const (
	// maxListed bounds the containers in one Engine's list: far more than an Engine can run.
	maxListed = 200_000
	// maxListBytes bounds one Engine's list: 4 KiB for each of 100,000 containers; a real row has about 1 KB.
	maxListBytes = 400 << 20
)

var listQuery = url.Values{
	"all":     {"1"},
	"filters": {`{"label":{"` + GameLabel + `":true}}`},
}.Encode()

// RunningList reads the running list from the labels of containers, whatever their state. It implements
// actors.RunningList for "docker:".
type RunningList struct{ engines []*Engine }

var _ actors.RunningList = (*RunningList)(nil)

// NewRunningList makes a running list of the labelled containers of all these Engines.
func NewRunningList(engines []*Engine) *RunningList { return &RunningList{engines: engines} }

// labelled is a container of a game, on one Engine.
type labelled struct {
	game    string
	id      string
	engine  string
	created int64
}

// Read asks all Engines at once. An Engine that fails is named in Listing.Failed; if all of them do, or if ctx is
// cancelled, Read fails.
func (l *RunningList) Read(ctx context.Context) (actors.Listing, error) {
	found := make([][]labelled, len(l.engines))
	failed := make([]error, len(l.engines))
	var all sync.WaitGroup
	for i, engine := range l.engines {
		all.Go(func() { found[i], failed[i] = engine.list(ctx) })
	}
	all.Wait()
	if errors.Is(ctx.Err(), context.Canceled) {
		return actors.Listing{}, fmt.Errorf("list the labelled containers: %w", ctx.Err())
	}

	listing := actors.Listing{Entries: entries(slices.Concat(found...))}
	var joined error
	for i, err := range failed {
		if err == nil {
			continue
		}
		if listing.Failed == nil {
			listing.Failed = make(map[string]error)
		}
		listing.Failed[l.engines[i].name] = err
		if joined == nil {
			joined = fmt.Errorf("engine %s: %w", l.engines[i].name, err)
		} else {
			joined = fmt.Errorf("%w; engine %s: %w", joined, l.engines[i].name, err)
		}
	}
	if len(listing.Failed) == len(l.engines) && joined != nil {
		return actors.Listing{}, fmt.Errorf("list the labelled containers: %w", joined)
	}
	return listing, nil
}

// entries puts containers in order: by game, and of several containers of one game the one created last first, of
// equals the one with the greater id; the others are alternatives (S6), across Engines too.
func entries(found []labelled) []actors.Entry {
	slices.SortFunc(found, func(a, b labelled) int {
		return cmp.Or(
			cmp.Compare(a.game, b.game),
			cmp.Compare(b.created, a.created),
			cmp.Compare(b.id, a.id),
			cmp.Compare(a.engine, b.engine),
		)
	})
	list := make([]actors.Entry, len(found))
	for i, c := range found {
		list[i] = actors.Entry{
			GameID:      c.game,
			ContainerID: c.id,
			Engine:      c.engine,
			Alternative: i > 0 && c.game == found[i-1].game,
		}
	}
	return list
}

// list asks the Engine for its labelled containers.
func (e *Engine) list(ctx context.Context) ([]labelled, error) {
	answer, err := e.get(ctx, "/containers/json", listQuery)
	if err != nil {
		return nil, err
	}
	defer drain(answer.Body)
	found, err := decodeList(bufio.NewReaderSize(io.LimitReader(answer.Body, maxListBytes), 64<<10), e.name)
	if err != nil && ctx.Err() != nil {
		return nil, ended(ctx)
	}
	return found, err
}

// decodeList reads a list row by row, so that memory holds what is kept and not what was sent.
func decodeList(list io.Reader, engine string) ([]labelled, error) {
	in := jsontext.NewDecoder(list, jsontext.AllowDuplicateNames(true))
	if begin, err := in.ReadToken(); err != nil || begin.Kind() != '[' {
		return nil, errors.New("the engine's list is no JSON array")
	}
	var found []labelled
	for in.PeekKind() != ']' {
		var row struct {
			ID      string `json:"Id"`
			Created int64
			Labels  map[string]string
		}
		if err := json.UnmarshalDecode(in, &row); err != nil {
			return nil, listError(err)
		}
		game, isGame := row.Labels[GameLabel]
		if !isGame {
			continue
		}
		switch {
		case row.ID == "" || len(row.ID) > maxWordBytes:
			return nil, errors.New("the engine's list has a container without an id")
		case len(found) == maxListed:
			return nil, fmt.Errorf("the engine's list has more than %d containers", maxListed)
		}
		game = game[:min(len(game), maxWordBytes+1)] // stays too long for a game id (S6), but not by more
		found = append(found, labelled{game: game, id: row.ID, engine: engine, created: row.Created})
	}
	if _, err := in.ReadToken(); err != nil {
		return nil, listError(err)
	}
	if _, err := in.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the engine's list is followed by something else")
	}
	return found, nil
}

func listError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the engine's list broke off, or has more bytes than are read")
	}
	return errors.New("the engine's list can't be decoded")
}
