// Package demo plays games on a simulated Engine and shows what the node that the run command runs makes of them.
package demo

import (
	"context"
	"io"
	"net"
	"time"

	"galaxy/healthactors/adapters/docker/dockersim"
	"galaxy/healthactors/adapters/kafka/kafkademo"
	"galaxy/healthactors/cmd/healthactors/internal/app"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
	"galaxy/healthactors/messages"
)

// interval is the time between the node's ticks, short so that there is always something to see.
const interval = time.Second

// Config says what is played.
type Config struct {
	// Games is how many games there are.
	Games int
	// For is how long the demo lasts; 0 until its context ends.
	For time.Duration
	// Seed: another one, another cast.
	Seed uint64
	// Logging is the node's.
	Logging settings.Logging
	Build   app.Build
}

// Run plays games on a simulated Engine, watches them with the node that the run command runs, and reads the events from
// Kafka as anybody's consumer would.
func Run(ctx context.Context, c Config, stdout, stderr io.Writer) error {
	engine := dockersim.New()
	defer engine.Close()
	host, err := engine.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	broker, err := kafkademo.Start(messages.DefaultTopic)
	if err != nil {
		return err
	}
	defer broker.Close()
	http := freeAddress()
	node, err := c.node(ctx, host, broker.Addr(), http, stdout, stderr)
	if err != nil {
		return err
	}
	defer node.Close()

	show := newShow(stdout, c.Games)
	if err := show.open(broker.Addr(), http); err != nil {
		return err
	}
	if err := c.play(ctx, engine, func(ctx context.Context) error {
		return show.watch(ctx, broker.Addr(), node.Run)
	}); err != nil {
		return err
	}
	return show.close(engine.Counts().Inspects)
}

// play plays the games while the show goes on, which is until ctx or the demo's time ends.
func (c Config) play(ctx context.Context, engine *dockersim.Engine, show func(context.Context) error) error {
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.For)
		defer cancel()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	played := make(chan struct{})
	stage := newStage(engine, cast(c.Games, c.Seed))
	go func() {
		defer close(played)
		stage.play(ctx)
	}()
	err := show(ctx)
	cancel()
	<-played
	return err
}

// node is the one that the run command runs; the environment has no say in its settings.
func (c Config) node(ctx context.Context, engine, broker, http string, stdout, stderr io.Writer) (*app.App, error) {
	s, err := settings.OfFlags(
		"--interval="+interval.String(), "--inspect-timeout=2s", "--emit=on-change",
		"--docker-host="+engine, "--publish=kafka://"+broker, "--journal=memory:", "--http="+http,
		"--log-format="+c.Logging.LogFormat, "--log-level="+c.Logging.LogLevel,
	)
	if err != nil {
		return nil, err
	}
	return app.New(ctx, s, c.Build, stdout, stderr)
}

// freeAddress is run's own address for HTTP, or one with another port where that is taken.
func freeAddress() string {
	for _, address := range []string{"127.0.0.1:8080", "127.0.0.1:0"} {
		if listener, err := net.Listen("tcp", address); err == nil {
			defer listener.Close()
			return listener.Addr().String()
		}
	}
	return ""
}
