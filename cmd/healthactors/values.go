package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"galaxy/healthactors/adapters/docker"
	"galaxy/healthactors/adapters/journal"
	"galaxy/healthactors/adapters/kafka"
)

// The kinds of values that settings have. Each reads itself from a flag, the environment or the file, and says what
// would be right when it can't.

// duration is a positive time span.
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v <= 0 {
		return fmt.Errorf("%q must be a positive duration, such as 10s or 1m30s", text)
	}
	*d = duration(v)
	return nil
}

// length is how long something lasts; 0 is for ever.
type length time.Duration

func (l *length) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf("%q must be a duration, such as 15s, or 0s for no end", text)
	}
	*l = length(v)
	return nil
}

// count is a number of at least 1.
type count int

func (c *count) UnmarshalText(text []byte) error {
	v, err := strconv.Atoi(string(text))
	if err != nil || v < 1 {
		return fmt.Errorf("%q must be a whole number of at least 1", text)
	}
	*c = count(v)
	return nil
}

// address is where to listen: HOST:PORT, or empty for nowhere.
type address string

func (a *address) UnmarshalText(text []byte) error {
	*a = address(text)
	if len(text) == 0 {
		return nil
	}
	_, port, err := net.SplitHostPort(string(text))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf(`%q must be HOST:PORT, such as 127.0.0.1:8080, or "" for none`, text)
	}
	return nil
}

// topic is the name of a Kafka topic.
type topic string

func (t *topic) UnmarshalText(text []byte) error {
	s := string(text)
	if s == "" || s == "." || s == ".." || len(s) > 249 || !plain(s) {
		return fmt.Errorf("%q must be 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'", text)
	}
	*t = topic(s)
	return nil
}

// plain says whether a name is of letters, digits, '.', '_' and '-' alone.
func plain(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r >= 0x80 || r != '.' && r != '_' && r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
}

// query is SQL that returns the running list.
type query string

func (q *query) UnmarshalText(text []byte) error {
	if strings.TrimSpace(string(text)) == "" {
		return fmt.Errorf("%q must be a query that returns game ids and container ids", text)
	}
	*q = query(text)
	return nil
}

// source is where the running list comes from.
type source string

func (l *source) UnmarshalText(text []byte) error {
	s := string(text)
	path, isFile := strings.CutPrefix(s, "file:")
	switch {
	case s == "docker:", isFile && path != "", isPostgres(s):
		*l = source(s)
		return nil
	default:
		return fmt.Errorf("%q must be docker:, file:PATH or postgres://…", text)
	}
}

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// engine is a named Docker Engine.
type engine struct{ name, host, certDir string }

func (e *engine) UnmarshalText(text []byte) (err error) {
	e.name, e.host, e.certDir, err = docker.ParseEngine(string(text))
	return err
}

// journalURL is where the journal is kept.
type journalURL string

func (j *journalURL) UnmarshalText(text []byte) error {
	*j = journalURL(text)
	return journal.Validate(string(text))
}

// publishURL is where events are published.
type publishURL string

// toStdout is the one that is no broker.
const toStdout publishURL = "stdout:"

func (p *publishURL) UnmarshalText(text []byte) error {
	*p = publishURL(text)
	if *p == toStdout {
		return nil
	}
	if _, _, err := kafka.ParseURL(string(text)); err != nil {
		return fmt.Errorf("%s, or stdout: for one event a line", strings.TrimPrefix(err.Error(), "--publish "))
	}
	return nil
}
