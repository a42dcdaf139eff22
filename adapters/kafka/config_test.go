package kafka

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
	for url, want := range map[string]string{
		"":                               "want kafka://host:port",
		"h:9092":                         "want kafka://host:port",
		"http://h:9092":                  "want kafka://host:port",
		"kafka://":                       "not host:port",
		"kafka://h":                      "not host:port",
		"kafka://:9092":                  "not host:port",
		"kafka://h:9092,":                "not host:port",
		"kafka://h:0":                    "1 to 65535",
		"kafka://h:65536":                "1 to 65535",
		"kafka://h:http":                 "1 to 65535",
		"kafka://h:9092/topic":           "more than host:port",
		"kafka://h:9092?acks=1":          "more than host:port",
		"kafka://h: 9092":                "more than host:port",
		"kafka://user:geheim@h:9092":     "--kafka-password-file",
		"kafkas://user:ge@heim@h:9092":   "--kafka-password-file",
		"kafka:/user:geheim@h:9092":      "want kafka://host:port",
		"user:geheim@h:9092":             "want kafka://host:port",
		"kafka://h:9092,u:geheim@h:9092": "--kafka-password-file",
	} {
		brokers, _, err := ParseURL(url)
		if err == nil {
			t.Errorf("%s: no error but %v", url, brokers)
			continue
		}
		if !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "--publish ") {
			t.Errorf("%s: error %q, want one of --publish with %q", url, err, want)
		}
		if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "heim@") {
			t.Errorf("%s: the error shows the password: %v", url, err)
		}
	}
}

func TestNewRefusesConfiguration(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	write(t, text, "no certificate")
	empty := filepath.Join(dir, "empty")
	write(t, empty, "\n")
	missing := filepath.Join(dir, "missing")
	brokers := []string{"127.0.0.1:1"}

	for want, cfg := range map[string]Config{
		"--publish names no broker":                     {},
		`--publish: broker "h" is not host:port`:        {Brokers: []string{"h"}},
		"--kafka-tls-ca: open " + missing:               {Brokers: brokers, CAFile: missing},
		"--kafka-tls-ca " + text + ": no PEM":           {Brokers: brokers, CAFile: text},
		"--kafka-tls-cert " + text + ": want":           {Brokers: brokers, CertFile: text},
		"--kafka-tls-key " + text + ": want":            {Brokers: brokers, KeyFile: text},
		"--kafka-tls-cert " + missing + ", --kafka-tls": {Brokers: brokers, CertFile: missing, KeyFile: text},
		"--kafka-tls-cert " + text + ", --kafka-tls":    {Brokers: brokers, CertFile: text, KeyFile: text},
		`--kafka-sasl "kerberos": want plain, scram`:    {Brokers: brokers, SASL: "kerberos"},
		"--kafka-sasl plain: want --kafka-user":         {Brokers: brokers, SASL: Plain, PasswordFile: text},
		"--kafka-sasl scram-sha-512: want --kafka-user": {Brokers: brokers, SASL: ScramSHA512, User: "u"},
		"want --kafka-sasl with a mechanism":            {Brokers: brokers, User: "u"},
		"--kafka-password-file: open " + missing:        {Brokers: brokers, SASL: Plain, User: "u", PasswordFile: missing},
		"--kafka-password-file " + empty + ": it is":    {Brokers: brokers, SASL: Plain, User: "u", PasswordFile: empty},
	} {
		p, err := New(cfg)
		if err == nil {
			p.Close()
			t.Errorf("no error, want %q", want)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
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
