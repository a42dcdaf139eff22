// Package app is what runs: a node with its connections to the world, made from settings, in which order it starts and stops,
// and a check that takes the same steps and leaves nothing behind.
package app

import (
	"context"
	"errors"
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

// New makes a node that doesn't run yet. Events that go to no broker go to stdout, logs to stderr. Every error about the
// configuration is a *[settings.Wrong].
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
			return nil, err
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
		return err // which the choices leave no room for
	}
	// The tracer comes first, since the log has what goes wrong in OpenTelemetry from then on.
	tracer, shutdown, err := telemetry.NewTracer(ctx, a.Log)
	if wrong, ok := errors.AsType[*operand.Error](err); ok {
		return settings.WrongVariable(wrong.Of, wrong)
	}
	if err != nil {
		return settings.WrongAsAWhole(err)
	}
	a.tracer = tracer
	a.closers = append(a.closers, a.ended("traces", shutdown))
	if a.metrics, err = telemetry.NewMetrics(); err != nil {
		return err
	}
	a.closers = append(a.closers, a.ended("metrics", a.metrics.Shutdown))
	return nil
}

// ended makes a closer of what is given some time to end.
func (a *App) ended(what string, shutdown func(context.Context) error) func() {
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			a.Log.Warn("ending the "+what+" failed", "error", operand.MaskText(err.Error()))
		}
	}
}

// addEngines makes the default Engine, which is left out where only named ones are given, and the named ones.
func (a *App) addEngines() error {
	s := a.settings
	if s.DockerHost != "" || len(s.Engine) == 0 {
		if err := a.addEngine(settings.Engine{Name: actors.DefaultEngine, Host: s.DockerHost}); err != nil {
			return a.wrongEngine("docker-host", s.DockerHost, err)
		}
	}
	for _, e := range s.Engine {
		if err := a.addEngine(e); err != nil {
			return a.wrongEngine("engine", e.String(), err)
		}
	}
	return nil
}

func (a *App) addEngine(e settings.Engine) error {
	if slices.ContainsFunc(a.engines, func(other *docker.Engine) bool { return other.Name() == e.Name }) {
		return &operand.Error{Reason: "has a name that is taken", Want: "a name of its own for each Engine"}
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

// wrongEngine is an error of an Engine's setting, or of a variable of the Docker CLI's that goes with it.
func (a *App) wrongEngine(flag, value string, err error) error {
	wrong, ok := errors.AsType[*operand.Error](err)
	if ok && wrong.Of != "" && wrong.Of != docker.OfHost && wrong.Of != docker.OfCertDir {
		return settings.WrongVariable(wrong.Of, wrong)
	}
	return a.settings.Wrong(flag, value, err)
}

func (a *App) addList() error {
	url := string(a.settings.RunningList)
	path, isFile := strings.CutPrefix(url, "file:")
	switch {
	case isFile:
		a.lists = map[string]actors.RunningList{"": runninglist.NewFile(path, a.Log)}
	case operand.IsPostgres(url):
		list, err := runninglist.NewPostgres(url, string(a.settings.RunningQuery))
		if err != nil {
			return a.settings.Wrong("running-list", url, err)
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
			return a.wrongKafka(err)
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
		return nil, s.Wrong("publish", string(s.Publish), err)
	}
	return &kafka.Config{
		Brokers: brokers, TLS: tls, TLSFiles: operand.TLSFiles{CA: s.KafkaTLSCA, Cert: s.KafkaTLSCert, Key: s.KafkaTLSKey},
		SASL: s.KafkaSASL, User: s.KafkaUser, PasswordFile: s.KafkaPasswordFile, Log: a.Log,
	}, nil
}

// wrongKafka says which setting a field of Kafka's Config is that is wrong.
func (a *App) wrongKafka(err error) error {
	s := a.settings
	wrong, ok := errors.AsType[*operand.Error](err)
	if !ok {
		return s.Wrong("publish", string(s.Publish), err)
	}
	switch wrong.Of {
	case "CA":
		return s.Wrong("kafka-tls-ca", s.KafkaTLSCA, wrong)
	case "Cert":
		return s.Wrong("kafka-tls-cert", s.KafkaTLSCert, wrong)
	case "Key":
		return s.Wrong("kafka-tls-key", s.KafkaTLSKey, wrong)
	case "SASL":
		return s.Wrong("kafka-sasl", s.KafkaSASL, wrong)
	case "PasswordFile":
		return s.Wrong("kafka-password-file", s.KafkaPasswordFile, wrong)
	default:
		return s.Wrong("publish", string(s.Publish), wrong)
	}
}
