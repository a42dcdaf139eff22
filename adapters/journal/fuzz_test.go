package journal

import (
	"strings"
	"testing"

	"galaxy/healthactors/adapters/operand"
)

// FuzzURL: whatever the URL is, an error is one line that shows no password, and neither does what is shown of a URL that can be
// used.
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
			text, err := operand.Mask(raw), Validate(raw)
			if err != nil {
				text = err.Error()
			}
			// Of a URL that can be used, lines are the log's to escape.
			if strings.Contains(text, "gehe1m") || err != nil && strings.Contains(text, "\n") {
				t.Errorf("%q is shown as %q", raw, text)
			}
		}
	})
}
