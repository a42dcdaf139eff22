package operand

import (
	"net/url"
	"strings"
)

// IsPostgres says whether a URL is one of a Postgres database.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// PostgresFault is what is wrong with the URL of a database that pgx takes apart, perhaps with an error; it goes on where the URL ends,
// and is empty if nothing is wrong. Pgx's own words quote the URL.
func PostgresFault(databaseURL string, err error) string {
	switch {
	case strayAt(databaseURL) || err != nil && !wellFormed(databaseURL):
		return "is not a URL: special characters in its user, password and parameters must be percent-encoded"
	case err == nil:
		return ""
	}
	words := err.Error()
	if i := strings.LastIndex(words, "`: "); i >= 0 { // cannot parse `URL`: …
		words = words[i+len("`: "):]
	}
	return "can't be used: " + words
}

// strayAt says whether there is an @ in a URL besides the one that ends its user and password. Pgx takes what stands before such a one
// for a host or a database, which are logged, although it is the end of a password.
func strayAt(databaseURL string) bool {
	_, rest, _ := strings.Cut(databaseURL, "://")
	rest, _, _ = strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	return strings.Count(authority, "@") > 1 || strings.Contains(path, "@")
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
