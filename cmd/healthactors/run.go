package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

type runCommand struct{ settings }

func (c *runCommand) Run(ctx context.Context, s streams) error {
	// A closed stdout is an error of the write that finds it, not the end of the process.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := untilSignal(ctx)
	defer stop()
	p, err := newParts(ctx, &c.settings, s)
	if err != nil {
		return err
	}
	defer p.close()
	return runNode(ctx, &c.settings, p)
}

// untilSignal ends the context at the first SIGTERM or SIGINT. The second one ends the process at once (S8).
func untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
