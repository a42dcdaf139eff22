package journal

import (
	"strings"
	"testing"
)

// FuzzURL: whatever --journal is set to, an error is one line that shows no password, and neither does what is logged of a
// URL that can be used.
func FuzzURL(f *testing.F) {
	f.Add("postgres://", "node", "", "db:none/health", "x=1")
	f.Add("postgres:", "node", "/@?#", "db", "connect_timeout=soon&PASSWORD=1")
	f.Add("", "node", "%zz\n", "[::1]", "sslmode=perhaps")
	f.Add("mysql://", "", ":", "db/health", "")
	f.Fuzz(func(t *testing.T, scheme, user, password, rest, query string) {
		if strings.Contains(query+rest, "file") || strings.Contains(query+rest, "ssl") || strings.HasPrefix(scheme, "sqlite:") {
			return // reads files, or is one
		}
		for _, raw := range []string{
			scheme + user + ":gehe1m" + password + "@" + rest + "?" + query,
			scheme + rest + "?" + query + "&password=gehe1m" + password,
		} {
			text := mask(raw)
			if err := Validate(raw); err != nil {
				text = err.Error()
			}
			if strings.Contains(text, "gehe1m") || strings.Contains(text, "\n") {
				t.Errorf("%q is shown as %q", raw, text)
			}
		}
	})
}
