package main

import (
	"context"
	"net"
	"time"

	"github.com/alecthomas/kong"

	"galaxy/healthactors/adapters/docker/dockersim"
	"galaxy/healthactors/adapters/kafka/kafkademo"
	"galaxy/healthactors/messages"
)

// demoInterval is the time between the demo's ticks, short so that there is always something to see.
const demoInterval = time.Second

type demoCommand struct {
	Games   count  `default:"20" placeholder:"N" help:"How many games are played."`
	For     length `default:"0s" placeholder:"DURATION" help:"How long; 0s plays until Ctrl-C."`
	Seed    uint64 `default:"1" placeholder:"N" help:"Another seed, another cast."`
	logging `embed:"" set:"level=warn"`
}

// Run plays games on a simulated Engine, watches them with the node that the run command runs, and reads the events from
// Kafka as anybody's consumer would.
func (c *demoCommand) Run(ctx context.Context, std streams) error {
	ctx, stop := untilSignal(ctx)
	defer stop()
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
	node, err := demoSettings(host, broker.Addr(), freeAddress(), c.logging)
	if err != nil {
		return err
	}
	p, err := newParts(ctx, node, std)
	if err != nil {
		return err
	}
	defer p.close()

	show := newShow(std.out, int(c.Games))
	if err := show.open(broker.Addr(), string(node.HTTP)); err != nil {
		return err
	}
	if err := c.play(ctx, engine, func(ctx context.Context) error {
		return show.watch(ctx, broker.Addr(), func(ctx context.Context) error { return runNode(ctx, node, p) })
	}); err != nil {
		return err
	}
	return show.close(engine.Counts().Inspects)
}

// play plays the games while the show goes on, which is until ctx or the demo's time ends.
func (c *demoCommand) play(ctx context.Context, engine *dockersim.Engine, show func(context.Context) error) error {
	if c.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(c.For))
		defer cancel()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	played := make(chan struct{})
	stage := newStage(engine, cast(int(c.Games), c.Seed))
	go func() {
		defer close(played)
		stage.play(ctx)
	}()
	err := show(ctx)
	cancel()
	<-played
	return err
}

// demoSettings are those of a run of the same node; the environment has no say in them.
func demoSettings(engine, broker, http string, logging logging) (*settings, error) {
	var grammar struct {
		Run runCommand `cmd:""`
	}
	parser, err := kong.New(&grammar)
	if err != nil {
		return nil, err
	}
	_, err = parser.Parse([]string{
		"run", "--interval=" + demoInterval.String(), "--inspect-timeout=2s", "--emit=on-change",
		"--docker-host=" + engine, "--publish=kafka://" + broker, "--journal=memory:", "--http=" + http,
		"--log-format=" + logging.LogFormat, "--log-level=" + logging.LogLevel,
	})
	return &grammar.Run.settings, err
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
