package docker

import (
	"context"
	"fmt"

	"galaxy/healthactors/actors"
)

// RunningList is one Engine's part of the running list: its labelled containers, whatever their state. It implements
// actors.RunningList for "docker:".
type RunningList struct{ engine *Engine }

var _ actors.RunningList = RunningList{}

// NewRunningList makes the running list of an Engine's labelled containers.
func NewRunningList(engine *Engine) RunningList { return RunningList{engine} }

// Read asks the Engine once.
func (l RunningList) Read(ctx context.Context) ([]actors.Entry, error) {
	entries, err := l.engine.list(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the labelled containers: %w", err)
	}
	return entries, nil
}
