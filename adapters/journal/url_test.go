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
		{"mysql://db", `unknown scheme "mysql"`},
		{"postgres:db", "lacks //"},
		{"postgres://db:none/health", "can't be used"},
		{"postgres://db/health?connect_timeout=soon", "can't be used"},
		{"postgres://node:secret@db:none/health", "can't be used"},
		{"postgres://node:sec%ret@db/health", "can't be used"},
		{"postgres://node:sec/ret@db/health", "can't be used"},
		{"postgres://db:none/health?password=secret", "can't be used"},
	} {
		err := Validate(c.url)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.url, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.url, err, c.want)
		case err != nil && !strings.Contains(err.Error(), "would be sqlite:PATH"):
			t.Errorf("%s: %v doesn't say what would be right", c.url, err)
		case err != nil && (strings.Contains(err.Error(), "sec") || strings.ContainsRune(err.Error(), '\n')):
			t.Errorf("%s: the error shows a secret or has several lines: %v", c.url, err)
		}
	}
}

func TestMask(t *testing.T) {
	for _, c := range [][2]string{
		{"postgres://node:secret@db/health", "postgres://node:xxxxx@db/health"},
		{"postgres://node:s%zz:@x@db/health", "postgres://node:xxxxx@db/health"},
		{"postgres://node@db/health?sslmode=disable&password=secret&x=1", "postgres://node@db/health?sslmode=disable&password=xxxxx&x=1"},
		{"postgres://db/health?sslpassword=secret", "postgres://db/health?sslpassword=xxxxx"},
		{"sqlite:a:b@c.db", "sqlite:a:b@c.db"},
		{"memory:", "memory:"},
	} {
		if got := mask(c[0]); got != c[1] {
			t.Errorf("%s is shown as %s, want %s", c[0], got, c[1])
		}
	}
}
