package main

import (
	"context"
	"time"

	"galaxy/healthactors/cmd/healthactors/internal/demo"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

type demoCommand struct {
	Games            settings.Count  `default:"20" placeholder:"N" help:"How many games are played."`
	For              settings.Length `default:"0s" placeholder:"DURATION" help:"How long; 0s plays until Ctrl-C."`
	Seed             uint64          `default:"1" placeholder:"N" help:"Another seed, another cast."`
	settings.Logging `embed:"" set:"level=warn"`
}

func (c *demoCommand) Run(ctx context.Context, s streams) error {
	ctx, stop := untilSignal(ctx)
	defer stop()
	return demo.Run(ctx, demo.Config{
		Games: int(c.Games), For: time.Duration(c.For), Seed: c.Seed, Logging: c.Logging, Build: build(),
	}, s.out, s.err)
}
