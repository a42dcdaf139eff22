package kafka

import (
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"strconv"
	"strings"
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
	// Brokers to begin with, each as host:port. At least one.
	Brokers []string

	// TLS turns TLS on with the system's roots. Naming any of the files turns it on too.
	TLS bool
	// CAFile holds the PEM certificates that the brokers are trusted by, instead of the system's roots.
	CAFile string
	// CertFile and KeyFile hold this client's own PEM certificate and key. Both or none.
	CertFile, KeyFile string

	// SASL is one of the mechanisms, empty for none. It needs User and PasswordFile.
	SASL string
	User string
	// PasswordFile holds the password; a line break at its end is not part of it.
	PasswordFile string

	// Log gets what the libraries say about their connections, at debug level; nil discards it.
	Log *slog.Logger
}

func (c Config) tls() bool {
	return c.TLS || c.CAFile != "" || c.CertFile != "" || c.KeyFile != ""
}

// ParseURL reads --publish: "kafka://host:port[,host:port…]", or "kafkas://…" for TLS with the system's roots.
func ParseURL(raw string) (brokers []string, tls bool, err error) {
	rest, ok := strings.CutPrefix(raw, "kafka://")
	if !ok {
		if rest, tls = strings.CutPrefix(raw, "kafkas://"); !tls {
			return nil, false, fmt.Errorf("--publish %q: want kafka://host:port[,host:port…] or kafkas://…", masked(raw))
		}
	}
	if strings.Contains(rest, "@") { // first, since a password may have a comma
		return nil, false, fmt.Errorf("--publish %q: %s; want kafka://host:port[,host:port…]", masked(raw), brokerFault("@"))
	}
	brokers = strings.Split(strings.TrimSuffix(rest, "/"), ",")
	for _, broker := range brokers {
		if reason := brokerFault(broker); reason != "" {
			return nil, false, fmt.Errorf("--publish %q: %s; want kafka://host:port[,host:port…]", masked(raw), reason)
		}
	}
	return brokers, tls, nil
}

// brokerFault says what is wrong with a broker's address, nothing if it can be used.
func brokerFault(broker string) string {
	if strings.Contains(broker, "@") {
		return "a user and password go to --kafka-user and --kafka-password-file"
	}
	if strings.ContainsAny(broker, "/?# \t\r\n") {
		return fmt.Sprintf("broker %q is more than host:port", broker)
	}
	host, port, err := net.SplitHostPort(broker)
	if err != nil || host == "" {
		return fmt.Sprintf("broker %q is not host:port", broker)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return fmt.Sprintf("port %q of broker %q is not a number from 1 to 65535", port, broker)
	}
	return ""
}

var scheme = regexp.MustCompile(`^[a-z]+://`)

// masked hides what stands before an @, which could be a password.
func masked(raw string) string {
	at := strings.LastIndex(raw, "@")
	if at < 0 {
		return raw
	}
	return scheme.FindString(raw[:at]) + "***" + raw[at:]
}
