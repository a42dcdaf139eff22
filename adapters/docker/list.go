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

	"github.com/go-json-experiment/json/jsontext"

	"galaxy/healthactors/actors"
)

// GameLabel is the label that makes a container a game's; its value is the game id.
const GameLabel = "galaxy.game_id"

const (
	// maxListed bounds the containers in one Engine's list: far more than an Engine can run.
	maxListed = 200_000
	// maxRowBytes bounds one container's row, and what else comes in one piece; a real row has about 1 KB.
	maxRowBytes = 1 << 20
)

var listQuery = url.Values{
	"all":     {"1"},
	"filters": {`{"label":{"` + GameLabel + `":true}}`},
}.Encode()

// labelled is a container of a game, on one Engine.
type labelled struct {
	game    string
	id      string
	engine  string
	created int64
	// malformed says what is wrong with it, if something is (S6); then some of the rest may be missing.
	malformed string
}

// entries puts containers in order: by game, and of several containers of one game the one created last first, of
// equals the one with the greater id; the others are alternatives (S6), across Engines too. Malformed ones come first, in
// the order in which they were found.
func entries(found []labelled) []actors.Entry {
	slices.SortStableFunc(found, func(a, b labelled) int {
		if a.malformed != "" || b.malformed != "" {
			return cmp.Compare(min(1, len(b.malformed)), min(1, len(a.malformed)))
		}
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
			Alternative: i > 0 && c.game == found[i-1].game && found[i-1].malformed == "",
			Malformed:   c.malformed,
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
	found, err := decodeList(answer.Body, e.name)
	if err != nil && ctx.Err() != nil {
		return nil, ended(ctx)
	}
	return found, err
}

// decodeList reads a list row by row, so that memory holds what is kept and not what was sent.
func decodeList(list io.Reader, engine string) ([]labelled, error) {
	rows := &rowReader{from: bufio.NewReaderSize(list, 64<<10)}
	in := jsontext.NewDecoder(rows, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if begin, err := in.ReadToken(); err != nil || begin.Kind() != '[' {
		return nil, errors.New("the engine's list is no JSON array")
	}
	var found []labelled
	for listed := 0; in.PeekKind() != ']'; listed++ {
		if rows.read = 0; listed == maxListed {
			return nil, fmt.Errorf("the engine's list has more than %d containers", maxListed)
		}
		row, err := in.ReadValue()
		if err != nil {
			return nil, listError(err)
		}
		if c, isGame := decodeRow(row); isGame {
			c.engine = engine
			found = append(found, c)
		}
	}
	if _, err := in.ReadToken(); err != nil {
		return nil, listError(err)
	}
	if _, err := in.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the engine's list is followed by something else")
	}
	return found, nil
}

// rowReader refuses a row, or white space, that is larger than any sane one: the decoder keeps one piece in memory, however
// long the list.
type rowReader struct {
	from io.Reader
	read int
}

var errRowTooLarge = errors.New("the engine's list has a row that is larger than 1 MiB")

func (r *rowReader) Read(p []byte) (int, error) {
	if r.read > maxRowBytes {
		return 0, errRowTooLarge
	}
	n, err := r.from.Read(p)
	r.read += n
	return n, err
}

func listError(err error) error {
	switch {
	case errors.Is(err, errRowTooLarge):
		return errRowTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the engine's list broke off")
	}
	return errors.New("the engine's list is no JSON array that can be decoded")
}
