package kafka

import (
	"net"
	"strings"
	"testing"
)

// FuzzParseURL: whatever the URL is, brokers that are taken are HOST:PORT, and an error is one line that shows no password.
func FuzzParseURL(f *testing.F) {
	f.Add("kafka://", "user", "", "h:9092")
	f.Add("kafkas://h:1,", "u@v", "/?#@", "[::1]:9092/")
	f.Add("kafka:/", "user", "\n", "h://x@y")
	f.Add("", "", "://", "")
	f.Fuzz(func(t *testing.T, scheme, user, password, rest string) {
		for _, raw := range []string{scheme + rest, scheme + user + ":gehe1m" + password + "@" + rest} {
			brokers, _, err := ParseURL(raw)
			for _, broker := range brokers {
				host, port, splitErr := net.SplitHostPort(broker)
				if err != nil || splitErr != nil || host == "" || port == "" || strings.ContainsAny(broker, "@/ \n") {
					t.Errorf("%q: broker %q with %v", raw, broker, err)
				}
			}
			if err == nil {
				continue
			}
			text := err.Error()
			if strings.Contains(text, "gehe1m") || strings.Contains(text, "\n") {
				t.Errorf("%q: error %q", raw, text)
			}
		}
	})
}
