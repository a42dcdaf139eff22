package journal

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"sqlite:healthactors.db", ""},
		{"sqlite:/var/lib/health actors/journal.db", ""},
		{"memory:", ""},
		{"postgres://node:pw@db:5432/health?search_path=journal&sslmode=disable", ""},
		{"postgresql://db/health", ""},
		{"postgres:///health?host=/run/postgresql", ""},

		{"", "has no scheme"},
		{"healthactors.db", "has no scheme"},
		{"sqlite:", "names no file"},
		{"sqlite:dir/", "names no file"},
		{"memory:x", "takes no path"},
		{"mysql://db", "has an unknown scheme"},
		{"postgres:db", "lacks //"},
		{"postgres://db:none/health", "is not a URL"},
		{"postgres://db/health?connect_timeout=soon", "can't be used"},
		{"postgres://node:secret@db:none/health", "is not a URL"},
		{"postgres://node:sec%ret@db/health", "is not a URL"},
		{"postgres://node:sec/ret@db/health", "is not a URL"},
		{"postgres://db:none/health?password=secret", "is not a URL"},
	} {
		err := Validate(c.url)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.url, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.url, err, c.want)
		case err != nil && !strings.Contains(err.Error(), "; want sqlite:PATH"):
			t.Errorf("%s: %v doesn't say what would be right", c.url, err)
		case err != nil && (strings.Contains(err.Error(), "sec") || strings.ContainsRune(err.Error(), '\n')):
			t.Errorf("%s: the error shows a secret or has several lines: %v", c.url, err)
		}
	}
}
