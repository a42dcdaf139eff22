package main

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
	"galaxy/healthactors/adapters/runninglist"
	"galaxy/healthactors/adapters/stdout"
	"galaxy/healthactors/adapters/telemetry"
)

// parts are a node's connections to the world, made from settings that are found right. Making them writes nothing.
type parts struct {
	engines []*docker.Engine
	// lists are the parts of the running list.
	lists   map[string]actors.RunningList
	broker  actors.Broker
	log     *slog.Logger
	metrics *telemetry.Metrics
	tracer  trace.TracerProvider
	// kafka is nil where events go to stdout.
	kafka *kafka.Config

	closers []func()
}

// newParts makes the parts; events that go to no broker go to std.out. Every error is one of the configuration and names
// the setting.
func newParts(ctx context.Context, s *settings, std streams) (*parts, error) {
	p := &parts{}
	for _, add := range []func() error{
		func() error { return p.addTelemetry(ctx, s, std.err) },
		func() error { return p.addEngines(s) },
		func() error { return s.check(s, p.engines) },
		func() error { return p.addList(s) },
		func() error { return p.addBroker(s, std.out) }, // last, since it begins to connect
	} {
		if err := add(); err != nil {
			p.close()
			return nil, usageError{s.located(err)}
		}
	}
	return p, nil
}

// close ends what the parts have opened meanwhile.
func (p *parts) close() {
	for _, c := range slices.Backward(p.closers) {
		c()
	}
}

// byName returns the Engines as the actors look them up.
func (p *parts) byName() map[string]actors.Engine {
	engines := make(map[string]actors.Engine, len(p.engines))
	for _, e := range p.engines {
		engines[e.Name()] = e
	}
	return engines
}

// names are the Engines' names.
func (p *parts) names() []string { return slices.Collect(maps.Keys(p.byName())) }

func (p *parts) addTelemetry(ctx context.Context, s *settings, logs io.Writer) (err error) {
	if p.log, err = telemetry.NewLogger(logs, s.LogFormat, s.LogLevel); err != nil {
		return err
	}
	if p.metrics, err = telemetry.NewMetrics(); err != nil {
		return err
	}
	p.closers = append(p.closers, p.ended("metrics", p.metrics.Shutdown))
	tracer, shutdown, err := telemetry.NewTracer(ctx, p.log)
	if err != nil {
		return err
	}
	p.tracer = tracer
	p.closers = append(p.closers, p.ended("traces", shutdown))
	return nil
}

// ended makes a closer of what is given some time to end.
func (p *parts) ended(what string, shutdown func(context.Context) error) func() {
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			p.log.Warn("the "+what+" didn't end well", "error", mask(err.Error()))
		}
	}
}

// addEngines makes the default Engine, which is left out where only named ones are given, and the named ones.
func (p *parts) addEngines(s *settings) error {
	if s.DockerHost != "" || len(s.Engine) == 0 {
		if err := p.addEngine(engine{name: actors.DefaultEngine, host: s.DockerHost}, s); err != nil {
			return fmt.Errorf("--docker-host: %w", err)
		}
	}
	for _, e := range s.Engine {
		if err := p.addEngine(e, s); err != nil {
			return fmt.Errorf("--engine: %q: %w", e.name+"="+e.host, err)
		}
	}
	return nil
}

func (p *parts) addEngine(e engine, s *settings) error {
	if slices.ContainsFunc(p.engines, func(other *docker.Engine) bool { return other.Name() == e.name }) {
		return fmt.Errorf("the name %q is taken; each Engine needs one of its own", e.name)
	}
	made, err := docker.New(docker.Config{
		Name: e.name, Host: e.host, CertDir: e.certDir, Concurrency: int(s.InspectConcurrency),
	})
	if err != nil {
		return err
	}
	p.engines = append(p.engines, made)
	p.closers = append(p.closers, made.Close)
	return nil
}

func (p *parts) addList(s *settings) error {
	url := string(s.RunningList)
	path, isFile := strings.CutPrefix(url, "file:")
	switch {
	case isFile:
		p.lists = map[string]actors.RunningList{"": runninglist.NewFile(path, p.log)}
	case isPostgres(url):
		list, err := runninglist.NewPostgres(url, string(s.RunningQuery))
		if err != nil {
			return fmt.Errorf("--running-list: %q: %w", url, err)
		}
		p.lists = map[string]actors.RunningList{"": list}
		p.closers = append(p.closers, list.Close)
	default:
		p.lists = make(map[string]actors.RunningList, len(p.engines))
		for _, e := range p.engines {
			p.lists[e.Name()] = docker.NewRunningList(e)
		}
	}
	return nil
}

func (p *parts) addBroker(s *settings, out io.Writer) (err error) {
	if s.Publish == toStdout {
		p.broker = stdout.New(out)
	} else {
		if p.kafka, err = s.kafkaConfig(p.log); err != nil {
			return err
		}
		if p.broker, err = kafka.New(*p.kafka); err != nil {
			return err
		}
	}
	// A node that stopped has closed it already, which makes this one do nothing.
	p.closers = append(p.closers, p.ended("broker", func(context.Context) error { return p.broker.Close() }))
	return nil
}

func (s *settings) kafkaConfig(log *slog.Logger) (*kafka.Config, error) {
	brokers, tls, err := kafka.ParseURL(string(s.Publish))
	if err != nil {
		return nil, err
	}
	return &kafka.Config{
		Brokers: brokers, TLS: tls, CAFile: s.KafkaTLSCA, CertFile: s.KafkaTLSCert, KeyFile: s.KafkaTLSKey,
		SASL: s.KafkaSASL, User: s.KafkaUser, PasswordFile: s.KafkaPasswordFile, Log: log,
	}, nil
}
