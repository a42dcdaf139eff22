// Command healthactors watches the containers of running games and publishes a health event when an inspect shows that
// one was restarted, isn't running, or fails its health check.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"galaxy/healthactors/adapters/operand"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

// Exit codes.
const (
	exitOK     = 0 // an orderly stop
	exitFailed = 1 // the node can't go on, or a dependency failed its check
	exitUsage  = 2 // a wrong flag, configuration or named file
)

// commands is the command line.
type commands struct {
	Run     runCommand     `cmd:"" help:"Watch the games' containers and publish health events."`
	Demo    demoCommand    `cmd:"" help:"Run the same node against a simulated Engine and an in-process Kafka; nothing needs to be installed."`
	Check   checkCommand   `cmd:"" help:"Validate the configuration and try each dependency once; changes nothing."`
	Cluster clusterCommand `cmd:"" help:"Look at a cluster of nodes."`
	Version versionCommand `cmd:"" help:"Print version, commit and Go version."`
	Probe   probeCommand   `cmd:"" help:"Ask the node on this machine whether it makes progress, for a container's health check."`
}

// streams are what a command writes to: results to out, logs and errors to err.
type streams struct{ out, err io.Writer }

func main() {
	os.Exit(execute(os.Args[1:], streams{out: os.Stdout, err: os.Stderr}))
}

// execute runs the command line and returns the exit code. What went wrong is one line on s.err.
func execute(args []string, s streams) int {
	err := dispatch(args, s)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(s.err, "healthactors:", operand.OneLine(operand.MaskText(err.Error())))
	if _, wrong := errors.AsType[*settings.Wrong](err); wrong {
		return exitUsage
	}
	return exitFailed
}

func dispatch(args []string, s streams) error {
	parsed, err := settings.Parse(&commands{}, args, s.out, s.err)
	if err != nil {
		return err
	}
	if parsed == nil { // it was asked for help
		return nil
	}
	parsed.BindTo(context.Background(), (*context.Context)(nil))
	return parsed.Run(s)
}
