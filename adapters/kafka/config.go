package kafka

import (
	"fmt"
	"log/slog"
	"strings"

	"galaxy/healthactors/adapters/operand"
)

// The SASL mechanisms.
const (
	Plain       = "plain"
	ScramSHA256 = "scram-sha-256"
	ScramSHA512 = "scram-sha-512"
)

// Config says where the brokers are and how to prove who we are. Files are read anew for every connection, so that
// renewed certificates and passwords need no restart.
type Config struct {
	// Brokers to begin with, each as HOST:PORT. At least one.
	Brokers []string

	// TLS turns TLS on with the system's roots. Naming any of the files turns it on too.
	TLS bool
	// TLSFiles are those by which the brokers are trusted, instead of the system's roots, and this client's own.
	operand.TLSFiles

	// SASL is one of the mechanisms, empty for none. It needs User and PasswordFile.
	SASL string
	User string
	// PasswordFile holds the password; a line break at its end is not part of it.
	PasswordFile string

	// Log gets what the libraries say about their connections, at debug level; nil discards it.
	Log *slog.Logger
}

func (c Config) tls() bool {
	return c.TLS || c.TLSFiles != (operand.TLSFiles{})
}

// wantURL says which URLs there are.
const wantURL = "kafka://HOST:PORT[,HOST:PORT…] or kafkas://…"

// ErrUserInURL says that a URL has a user in it, who is told in the Config, with a file for the password.
var ErrUserInURL = &operand.Error{Reason: "has a user in it", Want: wantURL}

// ParseURL reads "kafka://HOST:PORT[,HOST:PORT…]", or "kafkas://…" for TLS with the system's roots. The error is an
// *[operand.Error], perhaps ErrUserInURL.
func ParseURL(raw string) (brokers []string, tls bool, err error) {
	rest, ok := strings.CutPrefix(raw, "kafka://")
	if !ok {
		if rest, tls = strings.CutPrefix(raw, "kafkas://"); !tls {
			return nil, false, &operand.Error{Reason: "is not a Kafka URL", Want: wantURL}
		}
	}
	if strings.Contains(rest, "@") { // first, since a password may have a comma
		return nil, false, ErrUserInURL
	}
	brokers = strings.Split(strings.TrimSuffix(rest, "/"), ",")
	if fault := brokersFault(brokers); fault != "" {
		return nil, false, &operand.Error{Reason: fault, Want: wantURL}
	}
	return brokers, tls, nil
}

// brokersFault says what is wrong with the brokers' addresses, nothing when they can be used.
func brokersFault(brokers []string) string {
	if len(brokers) == 0 {
		return "names no broker"
	}
	for n, broker := range brokers {
		fault := brokerFault(broker)
		switch {
		case fault != "" && len(brokers) == 1:
			return fault
		case fault != "":
			return fmt.Sprintf("names a broker (%d of %d) that %s", n+1, len(brokers), fault)
		}
	}
	return ""
}

// brokerFault says what is wrong with a broker's address, nothing when it can be used.
func brokerFault(broker string) string {
	if strings.ContainsAny(broker, "@/?# \t\r\n") {
		return "is more than HOST:PORT"
	}
	host, port, err := operand.HostPort(broker)
	switch {
	case err != nil:
		return err.Error()
	case host == "":
		return "has no host"
	case port == 0:
		return "has port 0"
	}
	return ""
}
