package settings

import (
	"maps"
	"slices"

	"github.com/alecthomas/kong"
)

// origins says which settings were given, and where.
type origins struct {
	// given has the flags' names of the settings that were given, and where if not on the command line. An empty value is
	// how one says that there is none, so it isn't given.
	given map[string]string
	// variables are the settings of all commands as environment variables: one environment is often for several commands.
	variables []string
}

// findOrigins returns the origins of the settings of a command line that was parsed; file is the configuration file.
func findOrigins(ctx *kong.Context, file configFile) origins {
	o := origins{given: map[string]string{}}
	for _, flag := range ctx.Flags() {
		setting, inFile := file.settings[flag.Name]
		variable := slices.IndexFunc(flag.Envs, isSet)
		switch {
		case flag.Target.IsZero():
		case isTyped(ctx, flag):
			o.given[flag.Name] = ""
		case variable >= 0:
			o.given[flag.Name] = flag.Envs[variable]
		case inFile:
			o.given[flag.Name] = file.at(setting.line)
		}
	}
	variables := map[string]bool{}
	for _, flag := range allFlags(ctx.Model.Node) {
		for _, env := range flag.Envs {
			variables[env] = true
		}
	}
	o.variables = slices.Sorted(maps.Keys(variables))
	return o
}

// isTyped says whether a flag is on the command line.
func isTyped(ctx *kong.Context, flag *kong.Flag) bool {
	return slices.ContainsFunc(ctx.Path, func(path *kong.Path) bool { return path.Flag == flag && !path.Resolved })
}

// allFlags are those of a command and of the commands in it.
func allFlags(node *kong.Node) []*kong.Flag {
	flags := slices.Clone(node.Flags)
	for _, child := range node.Children {
		flags = append(flags, allFlags(child)...)
	}
	return flags
}
