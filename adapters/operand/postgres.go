package operand

import (
	"net/url"
	"strings"
)

// IsPostgres says whether a URL is one of a Postgres database.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// PostgresFault is what is wrong with the URL of a database that pgx refuses with an error; it goes on where the URL ends. Pgx's own
// words quote the URL.
func PostgresFault(databaseURL string, err error) string {
	if !wellFormed(databaseURL) {
		return "is not a URL: special characters in its user, password and parameters must be percent-encoded"
	}
	words := err.Error()
	if i := strings.LastIndex(words, "`: "); i >= 0 { // cannot parse `URL`: …
		words = words[i+len("`: "):]
	}
	return "can't be used: " + words
}

// wellFormed says whether a URL can be taken apart. If not, it isn't certain where its password begins and ends, so pgx's reason,
// which may quote what it takes for a port, must not be shown.
func wellFormed(databaseURL string) bool {
	u, err := url.Parse(databaseURL)
	if err != nil || strings.ContainsAny(databaseURL, "# \t\r\n`") {
		return false
	}
	for parameter := range strings.SplitSeq(u.RawQuery, "&") {
		if _, err := url.QueryUnescape(parameter); err != nil || parameter != "" && !strings.Contains(parameter, "=") {
			return false
		}
	}
	return true
}
