package operand

import (
	"strconv"
	"strings"
	"testing"
)

// FuzzMask: wherever a password stands in what an operator typed, it is not shown, by itself or quoted in a text.
func FuzzMask(f *testing.F) {
	// What was thought of for --journal, --running-list, --publish and --engine.
	f.Add("postgres://", "node", "", "db:none/health", "x=1")
	f.Add("postgres:", "node", "/@?#", "db", "connect_timeout=soon&PASSWORD=1")
	f.Add("", "node", "%zz\n", "[::1]", "sslmode=perhaps")
	f.Add("mysql://", "", ":", "db/health", "")
	f.Add("postgres://", "node", "", "db/games", "connect_timeout=soon")
	f.Add("postgresql://", "", "/x", "[::1]:port", "sslmode=perhaps")
	f.Add("postgres://", "a:b", "%zz@\n", "db", "target_session_attrs=?&port=x")
	f.Add("kafka://", "user", "", "h:9092", "")
	f.Add("kafkas://h:1,", "u@v", "/?#@", "[::1]:9092/", "")
	f.Add("kafka:/", "user", "\n", "h://x@y", "")
	f.Add("", "", "://", "", "")
	f.Add("a=tcp://", "me", "", "10.0.0.1:2376,/certs", "")
	f.Add("a=ssh://", "me", "/x", "host/run/x=y.sock", "")
	f.Add("a=unix:///run/a.sock,", "", "@", "", "")
	f.Add("=", "\n", "%", "[::1]", "")
	f.Add("unix://", "", "\x01", "\xfa", "")
	f.Fuzz(func(t *testing.T, scheme, user, password, rest, query string) {
		const secret = "gehe1m"
		if strings.Contains(password, secret) {
			return // what stands behind an & is another parameter
		}
		for _, value := range []string{
			scheme + user + ":" + secret + password + "@" + rest + "?" + query,
			scheme + user + ":" + secret + password + "@" + rest,
			scheme + rest + "?" + query + "&password=" + secret + password,
		} {
			if pathOnly.MatchString(value) {
				continue
			}
			text := "open " + strconv.Quote(value) + ": it is wrong"
			for _, shown := range []string{Mask(value), Mask(Mask(value)), MaskText(text)} {
				if strings.Contains(shown, secret) {
					t.Errorf("%q is shown as %q", value, shown)
				}
			}
		}
	})
}
