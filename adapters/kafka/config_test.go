package kafka

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"galaxy/healthactors/adapters/operand"
)

func TestParseURL(t *testing.T) {
	for _, test := range []struct {
		url     string
		brokers []string
		tls     bool
	}{
		{"kafka://h:9092", []string{"h:9092"}, false},
		{"kafka://h:9092,h2.example:9093/", []string{"h:9092", "h2.example:9093"}, false},
		{"kafkas://[::1]:1,127.0.0.1:65535", []string{"[::1]:1", "127.0.0.1:65535"}, true},
	} {
		brokers, tls, err := ParseURL(test.url)
		if err != nil || tls != test.tls || !slices.Equal(brokers, test.brokers) {
			t.Errorf("%s: %v, %v, %v", test.url, brokers, tls, err)
		}
	}
	const wants = "; want kafka://HOST:PORT[,HOST:PORT…] or kafkas://…"
	for url, want := range map[string]string{
		"":                               "is not a Kafka URL",
		"h:9092":                         "is not a Kafka URL",
		"http://h:9092":                  "is not a Kafka URL",
		"kafka:/user:geheim@h:9092":      "is not a Kafka URL",
		"user:geheim@h:9092":             "is not a Kafka URL",
		"kafka://":                       "has no port",
		"kafka://h":                      "has no port",
		"kafka://h:9092,h2":              "names a broker (2 of 2) that has no port",
		"kafka://:9092":                  "has no host",
		"kafka://h:9092,":                "names a broker (2 of 2) that has no port",
		"kafka://::1:9092":               "is not HOST:PORT",
		"kafka://h:0":                    "has port 0",
		"kafka://h:65536":                "has a port that is not a number from 0 to 65535",
		"kafka://h:http":                 "has a port that is not a number from 0 to 65535",
		"kafka://h:9092/topic":           "is more than HOST:PORT",
		"kafka://h:9092?acks=1":          "is more than HOST:PORT",
		"kafka://h: 9092":                "is more than HOST:PORT",
		"kafka://user:geheim@h:9092":     "has a user in it",
		"kafkas://user:ge@heim@h:9092":   "has a user in it",
		"kafka://h:9092,u:geheim@h:9092": "has a user in it",
	} {
		brokers, _, err := ParseURL(url)
		if err == nil || err.Error() != want+wants {
			t.Errorf("%s: %v with the error %v, want %q", url, brokers, err, want+wants)
		}
	}
}

func TestNewRefusesConfiguration(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	write(t, empty, "\n")
	missing := filepath.Join(dir, "missing")
	brokers := []string{"127.0.0.1:1"}

	for want, cfg := range map[string]Config{
		"Brokers names no broker":                        {},
		"Brokers has no port":                            {Brokers: []string{"h"}},
		"CA can't be read: no such file":                 {Brokers: brokers, TLSFiles: operand.TLSFiles{CA: missing}},
		"SASL is not a mechanism; want plain, scram":     {Brokers: brokers, SASL: "kerberos"},
		"PasswordFile can't be read: no such file":       {Brokers: brokers, SASL: Plain, User: "u", PasswordFile: missing},
		"PasswordFile is empty; want a file with the pa": {Brokers: brokers, SASL: Plain, User: "u", PasswordFile: empty},
	} {
		p, err := New(cfg)
		if err == nil {
			p.Close()
			t.Errorf("no error, want %q", want)
			continue
		}
		if !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q, want one line with %q", err, want)
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
