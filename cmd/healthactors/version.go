package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"galaxy/healthactors/cmd/healthactors/internal/app"
)

// Set by the linker: -X main.version=v1.2.3 -X main.commit=…; what isn't set comes from the build information.
var version, commit string

type versionCommand struct{}

func (versionCommand) Run(s streams) error {
	b := build()
	_, err := fmt.Fprintf(s.out, "healthactors %s\ncommit %s\n%s %s/%s\n",
		b.Version, b.Commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// build is what this binary was built from.
func build() app.Build {
	version, commit := version, commit
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if version == "" {
		version = info.Main.Version
	}
	if commit == "" {
		commit = revision(info.Settings)
	}
	if version == "" || version == "(devel)" {
		version = "dev"
	}
	if commit == "" {
		commit = "unknown"
	}
	return app.Build{Version: version, Commit: commit}
}

func revision(settings []debug.BuildSetting) string {
	var commit, modified string
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				modified = " (modified)"
			}
		}
	}
	if commit == "" {
		return ""
	}
	return commit + modified
}
