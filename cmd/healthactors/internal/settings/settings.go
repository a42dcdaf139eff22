// Package settings reads what operators type: flags, environment variables and the configuration file.
package settings

import (
	"slices"

	"github.com/alecthomas/kong"

	"galaxy/healthactors/actors"
)

// Settings are what run and check are told. A setting is defined here and nowhere else: its flag, its environment
// variable (HEALTHACTORS_ and the flag's name) and its key in the configuration file have one name.
type Settings struct {
	Config string `placeholder:"FILE" help:"YAML file of settings, whose keys are these flags' names. A flag beats the environment, which beats the file."`

	Interval           Duration    `group:"Watching:" default:"10s" placeholder:"DURATION" help:"Time between ticks."`
	InspectTimeout     Duration    `group:"Watching:" default:"5s" placeholder:"DURATION" help:"Bound on one inspect."`
	InspectConcurrency Count       `group:"Watching:" default:"16" placeholder:"N" help:"Inspects under way at once, for each Engine."`
	RunningList        Source      `group:"Watching:" default:"docker:" placeholder:"URL" help:"Where the running list comes from: docker: (containers labelled galaxy.game_id), file:PATH (JSON) or postgres://…"`
	RunningQuery       Query       `group:"Watching:" default:"SELECT game_id, current_container_id FROM runtime_records WHERE status = 'running'" placeholder:"SQL" help:"For Postgres: first column the game id, second the container id, an optional third the Engine's name."`
	ListTimeout        Duration    `group:"Watching:" default:"30s" placeholder:"DURATION" help:"Bound on reading the running list."`
	Emit               actors.Emit `group:"Watching:" default:"every-tick" enum:"every-tick,on-change" placeholder:"WHEN" help:"Publish at every tick while a game is unhealthy (every-tick), or what changed and recoveries (on-change)."`

	DockerHost string   `group:"Engines:" placeholder:"HOST" help:"The default Engine, such as unix:///var/run/docker.sock. Unset, the Docker CLI's own rules hold, unless --engine is given."`
	Engine     []Engine `group:"Engines:" sep:";" placeholder:"NAME=HOST[,CERTDIR]" help:"A named Engine that entries of the running list can refer to. Repeatable; separated by ; in the environment, a list in the file."`

	Journal          JournalURL `group:"Journal:" default:"sqlite:healthactors.db" placeholder:"URL" help:"sqlite:PATH, postgres://… or memory:"`
	JournalRetention Duration   `group:"Journal:" default:"168h" placeholder:"DURATION" help:"How long delivered history is kept."`

	Publish           PublishURL `group:"Publishing:" default:"stdout:" placeholder:"URL" help:"stdout: (one JSON event a line) or kafka://host:port[,host:port…]; kafkas:// for TLS."`
	Topic             Topic      `group:"Publishing:" default:"runtime.health_events" placeholder:"NAME" help:"The Kafka topic."`
	KafkaTLSCA        string     `group:"Publishing:" name:"kafka-tls-ca" placeholder:"FILE" help:"Certificates that sign the brokers' (PEM)."`
	KafkaTLSCert      string     `group:"Publishing:" name:"kafka-tls-cert" placeholder:"FILE" help:"This client's certificate (PEM)."`
	KafkaTLSKey       string     `group:"Publishing:" name:"kafka-tls-key" placeholder:"FILE" help:"Its key (PEM)."`
	KafkaSASL         string     `group:"Publishing:" name:"kafka-sasl" enum:",plain,scram-sha-256,scram-sha-512" default:"" placeholder:"MECHANISM" help:"plain, scram-sha-256 or scram-sha-512."`
	KafkaUser         string     `group:"Publishing:" placeholder:"NAME" help:"User for SASL."`
	KafkaPasswordFile string     `group:"Publishing:" placeholder:"FILE" help:"File with the user's password."`

	Clustering `embed:""`

	HTTP         Address  `group:"Operating:" name:"http" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where health, metrics and API are served; empty turns it off."`
	DrainTimeout Duration `group:"Operating:" default:"10s" placeholder:"DURATION" help:"How long a stop waits for detected events to be published."`
	Logging      `embed:"" set:"level=info"`

	origins `kong:"-"`
	file    configFile
}

// Logging is what the demo is told too.
type Logging struct {
	LogFormat string `group:"Operating:" default:"text" enum:"text,json" placeholder:"FORMAT" help:"text or json. Logs go to stderr."`
	LogLevel  string `group:"Operating:" default:"${level}" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"debug, info, warn or error."`
}

// BeforeResolve adds the configuration file as a Source of settings, if one is named. Kong calls it.
func (s *Settings) BeforeResolve(ctx *kong.Context) error {
	var config *kong.Flag
	var known []string
	for _, flag := range ctx.Flags() {
		switch flag.Name {
		case "config":
			config = flag
		case "help":
		default:
			known = append(known, flag.Name)
		}
	}
	path := ctx.FlagValue(config).(string)
	if path == "" {
		return nil
	}
	file, err := readConfigFile(path, slices.Sorted(slices.Values(known)))
	if err != nil {
		wrong := &Wrong{setting: "--config", value: path, err: err}
		if !isTyped(ctx, config) { // and can't be from a file
			wrong.from = config.Envs[0]
		}
		return wrong
	}
	s.file = file
	ctx.AddResolver(file)
	return nil
}

// AfterApply notes where the settings come from. Kong calls it.
func (s *Settings) AfterApply(ctx *kong.Context) error {
	s.origins = findOrigins(ctx, s.file)
	return nil
}
