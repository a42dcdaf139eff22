// Package app is what runs: a node with its connections to the world, made from settings, in which order it starts and stops,
// and a check that takes the same steps and leaves nothing behind.
package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/kafka"
	"galaxy/healthactors/adapters/operand"
	"galaxy/healthactors/adapters/runninglist"
	"galaxy/healthactors/adapters/stdout"
	"galaxy/healthactors/adapters/telemetry"
	"galaxy/healthactors/cmd/healthactors/internal/settings"
)

// App is a node's settings and its connections to the world. Making it writes nothing.
type App struct {
	// Log is where the node logs to.
	Log *slog.Logger

	settings *settings.Settings
	build    Build
	engines  []*docker.Engine
	// lists are the parts of the running list.
	lists   map[string]actors.RunningList
	broker  actors.Broker
	metrics *telemetry.Metrics
	tracer  trace.TracerProvider
	// kafka is nil where events go to stdout.
	kafka *kafka.Config

	closers []func()
}

// Build is what the program was built from.
type Build struct{ Version, Commit string }

// New makes a node that doesn't run yet. Events that go to no broker go to stdout, logs to stderr. Every error is one of the
// configuration and names the setting. The settings must have been parsed.
func New(ctx context.Context, s *settings.Settings, build Build, stdout, stderr io.Writer) (*App, error) {
	a := &App{settings: s, build: build}
	for _, add := range []func() error{
		func() error { return a.addTelemetry(ctx, stderr) },
		a.addEngines,
		a.checkTogether,
		a.addList,
		func() error { return a.addBroker(stdout) }, // last, since it begins to connect
	} {
		if err := add(); err != nil {
			a.Close()
			return nil, s.Wrong(err)
		}
	}
	return a, nil
}

// Close ends what New has opened.
func (a *App) Close() {
	for _, c := range slices.Backward(a.closers) {
		c()
	}
}

// byName returns the Engines as the actors look them ua.
func (a *App) byName() map[string]actors.Engine {
	engines := make(map[string]actors.Engine, len(a.engines))
	for _, e := range a.engines {
		engines[e.Name()] = e
	}
	return engines
}

// names are the Engines' names.
func (a *App) names() []string { return slices.Collect(maps.Keys(a.byName())) }

func (a *App) addTelemetry(ctx context.Context, stderr io.Writer) (err error) {
	if a.Log, err = telemetry.NewLogger(stderr, a.settings.LogFormat, a.settings.LogLevel); err != nil {
		return err
	}
	if a.metrics, err = telemetry.NewMetrics(); err != nil {
		return err
	}
	a.closers = append(a.closers, a.ended("metrics", a.metrics.Shutdown))
	tracer, shutdown, err := telemetry.NewTracer(ctx, a.Log)
	if err != nil {
		return err
	}
	a.tracer = tracer
	a.closers = append(a.closers, a.ended("traces", shutdown))
	return nil
}

// ended makes a closer of what is given some time to end.
func (a *App) ended(what string, shutdown func(context.Context) error) func() {
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			a.Log.Warn("the "+what+" didn't end well", "error", operand.MaskText(err.Error()))
		}
	}
}

// addEngines makes the default Engine, which is left out where only named ones are given, and the named ones.
func (a *App) addEngines() error {
	s := a.settings
	if s.DockerHost != "" || len(s.Engine) == 0 {
		if err := a.addEngine(settings.Engine{Name: actors.DefaultEngine, Host: s.DockerHost}); err != nil {
			return fmt.Errorf("--docker-host: %w", err)
		}
	}
	for _, e := range s.Engine {
		if err := a.addEngine(e); err != nil {
			return fmt.Errorf("--engine: %q: %w", e.Name+"="+e.Host, err)
		}
	}
	return nil
}

func (a *App) addEngine(e settings.Engine) error {
	if slices.ContainsFunc(a.engines, func(other *docker.Engine) bool { return other.Name() == e.Name }) {
		return fmt.Errorf("the name %q is taken; each Engine needs one of its own", e.Name)
	}
	made, err := docker.New(docker.Config{
		Name: e.Name, Host: e.Host, CertDir: e.CertDir, Concurrency: int(a.settings.InspectConcurrency),
	})
	if err != nil {
		return err
	}
	a.engines = append(a.engines, made)
	a.closers = append(a.closers, made.Close)
	return nil
}

func (a *App) addList() error {
	url := string(a.settings.RunningList)
	path, isFile := strings.CutPrefix(url, "file:")
	switch {
	case isFile:
		a.lists = map[string]actors.RunningList{"": runninglist.NewFile(path, a.Log)}
	case settings.IsPostgres(url):
		list, err := runninglist.NewPostgres(url, string(a.settings.RunningQuery))
		if err != nil {
			return fmt.Errorf("--running-list: %q: %w", url, err)
		}
		a.lists = map[string]actors.RunningList{"": list}
		a.closers = append(a.closers, list.Close)
	default:
		a.lists = make(map[string]actors.RunningList, len(a.engines))
		for _, e := range a.engines {
			a.lists[e.Name()] = docker.NewRunningList(e)
		}
	}
	return nil
}

func (a *App) addBroker(out io.Writer) (err error) {
	if a.settings.Publish == settings.ToStdout {
		a.broker = stdout.New(out)
	} else {
		if a.kafka, err = a.kafkaConfig(); err != nil {
			return err
		}
		if a.broker, err = kafka.New(*a.kafka); err != nil {
			return err
		}
	}
	// A node that stopped has closed it already, which makes this one do nothing.
	a.closers = append(a.closers, a.ended("broker", func(context.Context) error { return a.broker.Close() }))
	return nil
}

func (a *App) kafkaConfig() (*kafka.Config, error) {
	s := a.settings
	brokers, tls, err := kafka.ParseURL(string(s.Publish))
	if err != nil {
		return nil, err
	}
	return &kafka.Config{
		Brokers: brokers, TLS: tls, CAFile: s.KafkaTLSCA, CertFile: s.KafkaTLSCert, KeyFile: s.KafkaTLSKey,
		SASL: s.KafkaSASL, User: s.KafkaUser, PasswordFile: s.KafkaPasswordFile, Log: a.Log,
	}, nil
}
