package settings

import (
	"encoding"
	"strings"
	"testing"

	"galaxy/healthactors/adapters/operand"
)

// FuzzWrong: whatever a setting that may have a password in it is set to, what is wrong with it is said on one line that begins with
// the setting and shows no password. A value that is taken shows none either, as it is logged.
func FuzzWrong(f *testing.F) {
	f.Add("postgres://", "node", "", "db:none/health", "x=1")
	f.Add("postgres:", "node", "/@?#", "db", "connect_timeout=soon&PASSWORD=1")
	f.Add("", "node", "%zz\n", "[::1]", "sslmode=perhaps")
	f.Add("mysql://", "", ":", "db/health", "")
	f.Add("postgresql://", "", "/x", "[::1]:port", "target_session_attrs=?&port=x")
	f.Add("kafkas://h:1,", "u@v", "/?#@", "[::1]:9092/", "")
	f.Add("a=tcp://", "me", "", "10.0.0.1:2376,/certs", "")
	f.Add("a=ssh://", "me", "/x", "host/run/x=y.sock", "")
	f.Add("=", "\n", "%", "[::1]", "")
	f.Fuzz(func(t *testing.T, scheme, user, password, rest, query string) {
		const secret = "gehe1m"
		if strings.Contains(password, secret) || strings.Contains(query+rest, "file") || strings.Contains(query+rest, "ssl") {
			return // what stands behind an & is another parameter; and the database's driver reads files
		}
		for _, value := range []string{
			scheme + user + ":" + secret + password + "@" + rest + "?" + query,
			scheme + rest + "?" + query + "&password=" + secret + password,
		} {
			if pathOnly(value) {
				continue
			}
			for flag, setting := range map[string]encoding.TextUnmarshaler{
				"journal": new(JournalURL), "running-list": new(Source), "publish": new(PublishURL), "engine": new(Engine),
				"http": new(Address), "topic": new(Topic), "cluster": new(name),
			} {
				err := setting.UnmarshalText([]byte(value))
				if err == nil {
					if shown := operand.Mask(value); strings.Contains(shown, secret) {
						t.Errorf("--%s=%q is logged as %q", flag, value, shown)
					}
					continue
				}
				line := (&Settings{}).Wrong(flag, value, err).Error()
				if strings.Contains(line, secret) || strings.Contains(line, "\n") || !strings.HasPrefix(line, "--"+flag+` "`) {
					t.Errorf("--%s=%q: %s", flag, value, line)
				}
			}
		}
	})
}

// pathOnly says whether a value is a path, which has no password in it.
func pathOnly(value string) bool {
	return strings.HasPrefix(value, "sqlite:") || strings.HasPrefix(value, "file:") || strings.Contains(value, "unix://")
}
