package runninglist

import (
	"strings"
	"testing"
)

// FuzzPostgresURL: whatever the URL is, an error is one line that shows no password.
func FuzzPostgresURL(f *testing.F) {
	f.Add("postgres://", "node", "", "db/games", "connect_timeout=soon")
	f.Add("postgresql://", "", "/x", "[::1]:port", "sslmode=perhaps")
	f.Add("postgres://", "a:b", "%zz@\n", "db", "target_session_attrs=?&port=x")
	f.Fuzz(func(t *testing.T, scheme, user, password, rest, query string) {
		for _, raw := range []string{
			scheme + user + ":gehe1m" + password + "@" + rest + "?" + query,
			scheme + rest + "?" + query + "&password=gehe1m" + password,
		} {
			if strings.Contains(query, "file") || strings.Contains(query, "ssl") && strings.Contains(query, "/") {
				return // reads files
			}
			if _, err := parseURL(raw); err != nil && (strings.Contains(err.Error(), "gehe1m") || strings.Contains(err.Error(), "\n")) {
				t.Errorf("%q: error %q", raw, err)
			}
		}
	})
}
