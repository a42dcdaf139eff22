package settings

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/kafka"
	"galaxy/healthactors/adapters/operand"
)

// The kinds of values that settings have. Each reads itself from a flag, the environment or the file. When it can't, it gives
// the reason, and what would be right, as an *[operand.Error]; Wrong has the rest of the line.

// Duration is a positive time span.
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v <= 0 {
		return &operand.Error{Reason: "is not a positive duration", Want: "one such as 10s or 1m30s"}
	}
	*d = Duration(v)
	return nil
}

// Length is how long something lasts; 0 is for ever.
type Length time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Length) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return &operand.Error{Reason: "is not a duration", Want: "one such as 15s, or 0s for no end"}
	}
	*l = Length(v)
	return nil
}

// Count is a number of at least 1.
type Count int

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Count) UnmarshalText(text []byte) error {
	v, err := strconv.Atoi(string(text))
	if err != nil || v < 1 {
		return &operand.Error{Reason: "is not a whole number of at least 1", Want: "one such as 16"}
	}
	*c = Count(v)
	return nil
}

// Address is where to listen: HOST:PORT, or empty for nowhere.
type Address string

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Address) UnmarshalText(text []byte) error {
	*a = Address(text)
	if len(text) == 0 {
		return nil
	}
	if _, _, err := operand.HostPort(string(text)); err != nil {
		return &operand.Error{Reason: err.Error(), Want: `HOST:PORT, such as 127.0.0.1:8080, or "" for none`}
	}
	return nil
}

// Topic is the name of a Kafka topic.
type Topic string

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Topic) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "" || s == "." || s == ".." || len(s) > 249 || !plain(s) {
		return &operand.Error{Reason: "is not the name of a topic", Want: "1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'"}
	}
	*t = Topic(s)
	return nil
}

// plain says whether a name is of letters, digits, '.', '_' and '-' alone.
func plain(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r >= 0x80 || r != '.' && r != '_' && r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
}

// Query is SQL that returns the running list.
type Query string

// UnmarshalText implements encoding.TextUnmarshaler.
func (q *Query) UnmarshalText(text []byte) error {
	if strings.TrimSpace(string(text)) == "" {
		return &operand.Error{Reason: "is empty", Want: "a query that returns game ids and container ids"}
	}
	*q = Query(text)
	return nil
}

// Source is where the running list comes from.
type Source string

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Source) UnmarshalText(text []byte) error {
	s := string(text)
	path, isFile := strings.CutPrefix(s, "file:")
	switch {
	case s == "docker:", isFile && path != "", operand.IsPostgres(s):
		*l = Source(s)
		return nil
	default:
		return &operand.Error{Reason: "is not a running list", Want: "docker:, file:PATH or postgres://…"}
	}
}

// Engine is a named Docker Engine.
type Engine struct{ Name, Host, CertDir string }

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *Engine) UnmarshalText(text []byte) (err error) {
	e.Name, e.Host, e.CertDir, err = docker.ParseEngine(string(text))
	return err
}

// String is the Engine as it is typed.
func (e Engine) String() string {
	if e.CertDir == "" {
		return e.Name + "=" + e.Host
	}
	return e.Name + "=" + e.Host + "," + e.CertDir
}

// JournalURL is where the journal is kept.
type JournalURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (j *JournalURL) UnmarshalText(text []byte) error {
	*j = JournalURL(text)
	return journal.Validate(string(text))
}

// PublishURL is where events are published.
type PublishURL string

// ToStdout is the one that is no broker.
const ToStdout PublishURL = "stdout:"

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *PublishURL) UnmarshalText(text []byte) error {
	*p = PublishURL(text)
	if *p == ToStdout {
		return nil
	}
	_, _, err := kafka.ParseURL(string(text))
	wrong, _ := errors.AsType[*operand.Error](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kafka.ErrUserInURL):
		return &operand.Error{Reason: wrong.Reason, Want: "--kafka-user and --kafka-password-file for it"}
	default:
		return &operand.Error{Reason: wrong.Reason, Want: "stdout:, " + wrong.Want}
	}
}
