package docker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/go-json-experiment/json/jsontext"

	"galaxy/healthactors/actors"
)

// GameLabel is the label that makes a container a game's; its value is the game id.
const GameLabel = "galaxy.game_id"

const (
	// maxListed bounds the containers in one Engine's list, at far more than an Engine can run.
	maxListed = 200_000
	// maxRowBytes bounds one container's row, and anything else that comes in one piece; a real row has about 1 KB.
	maxRowBytes = 1 << 20
)

var listQuery = url.Values{
	"all":     {"1"},
	"filters": {`{"label":{"` + GameLabel + `":true}}`},
}.Encode()

// list asks the Engine for its labelled containers. Several for one game are no mistake; the node prefers one of them (S6).
func (e *Engine) list(ctx context.Context) ([]actors.Entry, error) {
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

// decodeList reads a list row by row, so that memory holds only what is kept, not what was sent.
func decodeList(list io.Reader, engine string) ([]actors.Entry, error) {
	rows := &rowReader{from: bufio.NewReaderSize(list, 64<<10)}
	in := jsontext.NewDecoder(rows, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if begin, err := in.ReadToken(); err != nil || begin.Kind() != '[' {
		return nil, errors.New("the engine's list is no JSON array")
	}
	var found []actors.Entry
	for listed := 0; in.PeekKind() != ']'; listed++ {
		if rows.read = 0; listed == maxListed {
			return nil, fmt.Errorf("the engine's list has more than %d containers", maxListed)
		}
		row, err := in.ReadValue()
		if err != nil {
			return nil, listError(err)
		}
		if c, isGame := decodeRow(row); isGame {
			c.Engine = engine
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

// rowReader refuses a row, or a stretch of white space, that is larger than any sane one: the decoder keeps a single piece in
// memory, however long the list.
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
