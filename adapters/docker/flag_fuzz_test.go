package docker

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzParseEngine: whatever is typed, what is taken has a name and a host, and an error is one line that shows no
// password.
func FuzzParseEngine(f *testing.F) {
	f.Add("a=tcp://", "me", "", "10.0.0.1:2376,/certs")
	f.Add("a=ssh://", "me", "/x", "host/run/x=y.sock")
	f.Add("a=unix:///run/a.sock,", "", "@", "")
	f.Add("=", "\n", "%", "[::1]")
	f.Add("unix://", "", "\x01", "\xfa")
	f.Fuzz(func(t *testing.T, scheme, user, password, rest string) {
		for _, value := range []string{scheme + rest, scheme + user + ":gehe1m" + password + "@" + rest} {
			name, host, _, err := ParseEngine(value)
			if err == nil {
				if !validName(name) || host == "" {
					t.Errorf("%q: taken as %q, %q", value, name, host)
				}
				continue
			}
			if name+host != "" || strings.Contains(err.Error(), "gehe1m") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: error %q with %q, %q", value, err, name, host)
			}
		}
	})
}

// FuzzPath: no container id changes the path of an inspect.
func FuzzPath(f *testing.F) {
	for _, id := range []string{"b3f1", "..", "a/../../version", "a%2fb", "a?b#c", "a\n", "ä", "a.-_"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		path, err := pathOf(id)
		if err != nil {
			return
		}
		u, err := url.Parse("http://engine/v1.44" + path)
		if err != nil || u.Path != "/v1.44/containers/"+id+"/json" || u.RawQuery != "" || u.Fragment != "" || u.RawPath != "" {
			t.Errorf("%q: %s is %+v, %v", id, path, u, err)
		}
		if clean := u.JoinPath(".").Path; clean != u.Path {
			t.Errorf("%q: %s means %s", id, u.Path, clean)
		}
	})
}
