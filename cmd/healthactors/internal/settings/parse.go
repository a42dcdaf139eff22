package settings

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// helpShown ends the parse once kong has printed the help that was asked for.
type helpShown struct{}

// Parse reads a command line, with the environment and the file that it names, into a grammar of kong's. It returns nil and no
// error when help was asked for, which is printed then.
func Parse(grammar any, args []string, stdout, stderr io.Writer) (parsed *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(helpShown); !ok {
				panic(r)
			}
		}
	}()
	parser, err := kong.New(grammar,
		kong.Name("healthactors"),
		kong.Description("Publishes a health event when a running game's container was restarted, isn't running, or fails its health check."),
		kong.DefaultEnvars("HEALTHACTORS"),
		kong.Resolvers(fromEnvironment),
		kong.PostBuild(nameErrors),
		kong.ValueFormatter(describe),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { panic(helpShown{}) }),
	)
	if err != nil {
		return nil, err
	}
	if parsed, err = parser.Parse(args); err != nil {
		return nil, explained(err)
	}
	return parsed, nil
}

// OfFlags are the settings that flags give alone; the environment has no say in them.
func OfFlags(flags ...string) (*Settings, error) {
	var s Settings
	parser, err := kong.New(&s)
	if err != nil {
		return nil, err
	}
	_, err = parser.Parse(flags)
	return &s, err
}

// explained is kong's error, with what would be right where kong doesn't say it. What is wrong with a flag's value is said already.
func explained(err error) *Wrong {
	if wrong, ok := errors.AsType[*Wrong](err); ok {
		return wrong
	}
	text := err.Error()
	const flag, argument = "unknown flag ", "unexpected argument "
	parse, _ := errors.AsType[*kong.ParseError](err)
	switch typed, _, hinted := strings.Cut(text, ", did you mean"); {
	case parse == nil || !strings.HasPrefix(text, flag) && !strings.HasPrefix(text, argument):
		return &Wrong{err: err}
	case strings.HasPrefix(text, flag):
		text = flag + meantFlag(parse.Context, strings.TrimPrefix(typed, flag))
	case !hinted && parse.Context.Selected() != nil:
		name, _, _ := strings.Cut(strings.TrimPrefix(typed, argument), "=")
		text += didYouMean(name, flagNames(parse.Context.Flags()))
	}
	if !strings.HasSuffix(text, "?") {
		text += ";"
	}
	return &Wrong{err: errors.New(text + " --help lists what there is")}
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

// fromEnvironment resolves nothing, since kong reads the variables itself. But kong's error wouldn't be in the grammar of the
// others; and where there is a resolver, kong fails for a wrong variable only if no flag overrides it.
var fromEnvironment = kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if value, ok := os.LookupEnv(env); ok {
			return nil, try(flag, value, env)
		}
	}
	return nil, nil
})

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
