// Command healthactors watches the containers of running games and publishes a health event when an inspect shows that
// one was restarted, isn't running, or fails its health check.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitOK     = 0 // an orderly stop
	exitFailed = 1 // the node can't go on, or a dependency failed its check
	exitUsage  = 2 // a wrong flag, configuration or named file
)

// usageError is an error that the operator mends in the configuration. It has the text of the one in it.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

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
	fmt.Fprintln(s.err, "healthactors:", oneLine(mask(err.Error())))
	if _, wrong := errors.AsType[usageError](err); wrong {
		return exitUsage
	}
	return exitFailed
}

// helpShown ends the parse once kong has printed the help that was asked for.
type helpShown struct{}

func dispatch(args []string, s streams) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(helpShown); !ok {
				panic(r)
			}
		}
	}()
	parser, err := newParser(&commands{}, s)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return usageError{explained(err)}
	}
	parsed.BindTo(context.Background(), (*context.Context)(nil))
	return parsed.Run(s)
}

// noValue is kong's word for a flag whose value is missing, at the end of the line or before another flag.
var noValue = regexp.MustCompile(`expected \S+ value but got ("EOL" \(<EOL>\)|".*" \((?:long|short) flag\).*)|missing value, expecting .*`)

// explained says what would be right where kong's own error doesn't.
func explained(err error) error {
	text := noValue.ReplaceAllString(err.Error(), "a value is missing; give it as FLAG=VALUE")
	const flag, argument = "unknown flag ", "unexpected argument "
	parse, _ := errors.AsType[*kong.ParseError](err)
	switch typed, _, hinted := strings.Cut(text, ", did you mean"); {
	case parse == nil || !strings.HasPrefix(text, flag) && !strings.HasPrefix(text, argument):
		return errors.New(text)
	case strings.HasPrefix(text, flag):
		text = flag + meantFlag(parse.Context, strings.TrimPrefix(typed, flag))
	case !hinted && parse.Context.Selected() != nil:
		name, _, _ := strings.Cut(strings.TrimPrefix(typed, argument), "=")
		text += didYouMean(name, flagNames(parse.Context.Flags()))
	}
	if !strings.HasSuffix(text, "?") {
		text += ";"
	}
	return errors.New(text + " --help lists what there is")
}

// meantFlag adds to a flag that there is not which one may have been meant.
func meantFlag(ctx *kong.Context, typed string) string {
	if !strings.HasPrefix(typed, "--") { // of -interval=1s kong sees the -i alone
		if n := slices.IndexFunc(ctx.Args, func(arg string) bool { return strings.HasPrefix(arg, typed) }); n >= 0 {
			typed, _, _ = strings.Cut(ctx.Args[n], "=")
		}
	}
	if ctx.Selected() != nil {
		return typed + didYouMean(typed, flagNames(ctx.Flags()))
	}
	known := flagNames(allFlags(ctx.Model.Node))
	if slices.Contains(known, typed) {
		return fmt.Sprintf("%s before the command; write it after, as in healthactors run %s", typed, typed)
	}
	return typed + didYouMean(typed, known)
}

// flagNames are flags as they are typed.
func flagNames(flags []*kong.Flag) []string {
	names := make([]string, len(flags))
	for i, flag := range flags {
		names[i] = "--" + flag.Name
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func newParser(grammar any, s streams) (*kong.Kong, error) {
	return kong.New(grammar,
		kong.Name("healthactors"),
		kong.Description("Publishes a health event when a running game's container was restarted, isn't running, or fails its health check."),
		kong.DefaultEnvars("HEALTHACTORS"),
		kong.Resolvers(fromEnvironment),
		kong.ValueFormatter(describe),
		kong.Writers(s.out, s.err),
		kong.Exit(func(int) { panic(helpShown{}) }),
	)
}

// fromEnvironment resolves nothing, since kong reads the variables itself. But where there is a resolver, kong fails for a wrong
// variable only if no flag overrides it; and kong's own error for a wrong choice wouldn't name the variable.
var fromEnvironment = kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if value, ok := os.LookupEnv(env); ok {
			if err := checkChoice(flag, value); err != nil {
				return nil, fmt.Errorf("%w (from envar %s=%q)", err, env, value)
			}
			break
		}
	}
	return nil, nil
})

// checkChoice refuses a value that is none of those that a flag can have.
func checkChoice(flag *kong.Flag, value string) error {
	if flag.Enum == "" || slices.Contains(flag.EnumSlice(), value) {
		return nil
	}
	return fmt.Errorf("%q must be one of %s", value, quotedList(flag.EnumSlice()))
}

// describe is a flag's line in the help: what it means, its default, and its environment variable.
func describe(value *kong.Value) string {
	text := value.Help
	if value.HasDefault && value.Default != "" {
		text += " Default: " + value.Default + "."
	}
	if len(value.Tag.Envs) > 0 {
		text += " ($" + value.Tag.Envs[0] + ")"
	}
	return text
}
