package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Set by the linker: -X main.version=v1.2.3 -X main.commit=…; what isn't set comes from the build information.
var version, commit string

type versionCommand struct{}

func (versionCommand) Run(s streams) error {
	version, commit := build()
	_, err := fmt.Fprintf(s.out, "healthactors %s\ncommit %s\n%s %s/%s\n",
		version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// showBuild tells scrapes what `healthactors version` says.
func showBuild(provider metric.MeterProvider) error {
	info, err := meter(provider).Int64Gauge("healthactors_build_info", metric.WithDescription("1; the labels say what this binary was built from."))
	if err != nil {
		return err
	}
	version, commit := build()
	info.Record(context.Background(), 1, metric.WithAttributes(attribute.String("version", version),
		attribute.String("commit", commit), attribute.String("go_version", runtime.Version())))
	return nil
}

// build returns the version and the commit that this binary was built from.
func build() (string, string) {
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
	return version, commit
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
