package operand

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestError(t *testing.T) {
	for want, err := range map[string]Error{
		"has no port; want HOST:PORT":              {Reason: "has no port", Want: "HOST:PORT"},
		"Key can't be read: no; want one that can": {Of: "Key", Reason: "can't be read:\n\tno\n", Want: "one that can"},
		"is taken": {Reason: "is taken"},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "a\n": "a", "a\r\nb": "a; b", "a:\n\tb\n\tb\n\tc": "a: b; c", "\n a \n": "a",
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestHostPort(t *testing.T) {
	for _, c := range []struct {
		address, host string
		port          int
		err           string
	}{
		{address: "127.0.0.1:8080", host: "127.0.0.1", port: 8080},
		{address: "[::1]:0", host: "::1"},
		{address: ":65535", port: 65535},
		{address: "h", err: "has no port"},
		{address: "h:", err: "has no port"},
		{address: "", err: "has no port"},
		{address: "[::1]", err: "has no port"},
		{address: "::1:80", err: "is not HOST:PORT"},
		{address: "http://h:80", err: "is not HOST:PORT"},
		{address: "h:65536", err: "has a port that is not a number from 0 to 65535"},
		{address: "h:-1", err: "has a port that is not a number from 0 to 65535"},
		{address: "h:http", err: "has a port that is not a number from 0 to 65535"},
	} {
		host, port, err := HostPort(c.address)
		if host != c.host || port != c.port || (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%q: %q, %d, %v", c.address, host, port, err)
		}
	}
}

// Pgx's own words quote the URL, and take a part of the password for a port where it isn't escaped.
func TestPostgresFault(t *testing.T) {
	for _, c := range []struct{ url, said, want string }{
		{"postgres://u:s3cret@h/db?sslmode=x", "cannot parse `postgres://u:xxxxx@h/db?sslmode=x`: failed to configure TLS (sslmode is invalid)", "can't be used: failed to configure TLS (sslmode is invalid)"},
		{"postgres://u:s%cret@h", "anything", "is not a URL: special characters in its user, password and parameters must be percent-encoded"},
		{"postgres://h/db?s3cret", "anything", "is not a URL: special characters in its user, password and parameters must be percent-encoded"},
	} {
		if got := PostgresFault(c.url, errors.New(c.said)); got != c.want {
			t.Errorf("%s: %s, want %s", c.url, got, c.want)
		}
	}
}

// Pgx takes these apart without an error, and the end of the password for a host or a database.
func TestPostgresFaultOfAStrayAt(t *testing.T) {
	for url, stray := range map[string]bool{
		"postgres://u:pa@ss@h/db":                    true,
		"postgres://u:/s3cret@h/db":                  true,
		"postgres://u:s3cret@h1:1,u:s3cret@h2:1/db":  true,
		"postgres://u:pa%40ss@h/db":                  false,
		"postgres://u@h1:1,h2:1/db?sslmode=disable":  false,
		"postgres://h/db?application_name=me@here/x": false,
		"postgres:///db?host=/run/postgresql":        false,
		"postgres://h":                               false,
	} {
		if got := PostgresFault(url, nil); (got != "") != stray {
			t.Errorf("%s: %q", url, got)
		}
	}
}

func TestTLSFilesThatCantBeUsed(t *testing.T) {
	dir := t.TempDir()
	text, missing := filepath.Join(dir, "text"), filepath.Join(dir, "missing")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, files := range map[string]TLSFiles{
		"CA can't be read: no such file or directory; want a PEM file that can be read":                                              {CA: missing},
		"CA has no certificate in it; want a file of PEM certificates":                                                               {CA: text},
		"Cert can't be read: no such file or directory; want a PEM file that can be read":                                            {Cert: missing, Key: text},
		"Key can't be read: no such file or directory; want a PEM file that can be read":                                             {Cert: text, Key: missing},
		"Cert can't be used with its key: tls: failed to find any PEM data in certificate input; want a PEM certificate and its key": {Cert: text, Key: text},
	} {
		if _, _, err := files.Read(); err == nil || err.Error() != want {
			t.Errorf("%+v: %v, want %s", files, err, want)
		}
	}
	if roots, certificates, err := (TLSFiles{}).Read(); roots != nil || certificates != nil || err != nil {
		t.Errorf("no files: %v, %v, %v", roots, certificates, err)
	}
}
