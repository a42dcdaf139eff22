package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"galaxy/healthactors/adapters/operand"
	"galaxy/healthactors/cmd/healthactors/internal/app"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

type runCommand struct{ settings.Settings }

func (c *runCommand) Run(ctx context.Context, s streams) error {
	// A closed stdout is an error of the write that finds it, not the end of the process.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := untilSignal(ctx)
	defer stop()
	node, err := app.New(ctx, &c.Settings, build(), s.out, s.err)
	if err != nil {
		return err
	}
	defer node.Close()
	for _, warning := range c.Warnings(os.Environ()) {
		node.Log.Warn(operand.MaskText(warning))
	}
	return node.Run(ctx)
}
