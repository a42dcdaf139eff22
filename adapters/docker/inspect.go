package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"galaxy/healthactors/actors"
)

const (
	// maxInspectBytes bounds an inspect's answer. A real one has about 6 KB, or some 30 KB with five long outputs of its
	// health check.
	maxInspectBytes = 4 << 20
	// maxPooledBytes bounds the buffers that are kept for later answers.
	maxPooledBytes = 64 << 10
	// maxWordBytes bounds each value taken from an answer: ids, states and health are words.
	maxWordBytes = 255
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Inspect implements actors.Engine.
func (e *Engine) Inspect(ctx context.Context, containerID string) (actors.Observation, error) {
	path, err := pathOf(containerID)
	if err != nil {
		return actors.Observation{}, err
	}
	answer, err := e.get(ctx, path, "")
	if err != nil {
		return actors.Observation{}, inspectError(err, containerID)
	}
	defer answer.Body.Close()

	buffer := buffers.Get().(*bytes.Buffer)
	defer func() {
		if buffer.Cap() <= maxPooledBytes {
			buffer.Reset()
			buffers.Put(buffer)
		}
	}()
	if _, err := buffer.ReadFrom(io.LimitReader(answer.Body, maxInspectBytes+1)); err != nil {
		if ctx.Err() != nil {
			return actors.Observation{}, ended(ctx)
		}
		return actors.Observation{}, errBrokeOff
	}
	if buffer.Len() > maxInspectBytes {
		return actors.Observation{}, fmt.Errorf("the engine's answer has more than %d bytes", maxInspectBytes)
	}
	return decode(buffer.Bytes())
}

// inspectError turns a failed inspect into one of the port's errors.
func inspectError(err error, containerID string) error {
	refused, ok := errors.AsType[*refusal](err)
	if !ok {
		return err
	}
	if refused.noSuchContainer() {
		return actors.ErrNoSuchContainer
	}
	refused.message = withoutID(refused.message, containerID)
	return refused
}

// inspected is the part of an inspect's answer that matters here.
type inspected struct {
	ID           *string `json:"Id"`
	RestartCount *int64
	State        *struct {
		Status *string
		Health *struct{ Status string }
	}
}

// decode reads an observation from an inspect's answer. It is strict: the whole answer must be valid JSON in valid UTF-8,
// and the fields must be there, with their types. Only repeated names are accepted, of which the last one counts, as in
// Docker's own client: looking for them would take as long as all the rest.
func decode(answer []byte) (actors.Observation, error) {
	var in inspected
	if err := json.Unmarshal(answer, &in, jsontext.AllowDuplicateNames(true)); err != nil {
		return actors.Observation{}, decodeError(err)
	}
	switch {
	case in.ID == nil || *in.ID == "":
		return actors.Observation{}, errors.New("the engine's answer lacks Id")
	case in.RestartCount == nil:
		return actors.Observation{}, errors.New("the engine's answer lacks RestartCount")
	case *in.RestartCount < 0:
		return actors.Observation{}, errors.New("the engine's answer has a negative RestartCount")
	case in.State == nil || in.State.Status == nil || *in.State.Status == "":
		return actors.Observation{}, errors.New("the engine's answer lacks State.Status")
	}
	seen := actors.Observation{ID: *in.ID, RestartCount: *in.RestartCount, State: *in.State.Status}
	if in.State.Health != nil {
		seen.Health = in.State.Health.Status
	}
	if max(len(seen.ID), len(seen.State), len(seen.Health)) > maxWordBytes {
		return actors.Observation{}, fmt.Errorf("the engine's answer has an Id or a status of more than %d bytes",
			maxWordBytes)
	}
	return seen, nil
}

// decodeError says what is wrong with an answer, in equal words for equal faults: without offsets and without what was sent.
func decodeError(err error) error {
	if wrongType, ok := errors.AsType[*json.SemanticError](err); ok {
		field := strings.ReplaceAll(strings.TrimPrefix(string(wrongType.JSONPointer), "/"), "/", ".")
		if field == "" {
			return errors.New("the engine's answer is no JSON object")
		}
		return fmt.Errorf("the engine's answer has a wrong %s", field)
	}
	return errors.New("the engine's answer is no valid JSON")
}
