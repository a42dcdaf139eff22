package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"galaxy/healthactors/adapters/journal/postgres"
)

// target is a parsed journal URL.
type target interface {
	open(ctx context.Context, cfg Config) (*Journal, error)
	// check is what Check says to a node, which may want a lease.
	check(ctx context.Context, cfg Config, lease *postgres.LeaseConfig) (Found, error)
}

type (
	sqliteTarget   struct{ path string } // empty: in memory
	postgresTarget struct{ postgres.Target }
)

// Validate says whether a journal URL is well formed. Its error says what would be right, and masks passwords.
func Validate(journalURL string) error {
	_, err := parse(journalURL)
	return err
}

func parse(journalURL string) (target, error) {
	t, err := parseTarget(journalURL)
	if err != nil {
		return nil, fmt.Errorf("the journal %q %w; it would be sqlite:PATH, memory: or postgres://USER@HOST:PORT/DATABASE",
			mask(journalURL), err)
	}
	return t, nil
}

func parseTarget(journalURL string) (target, error) {
	scheme, rest, found := strings.Cut(journalURL, ":")
	if !found || !validScheme.MatchString(scheme) {
		return nil, errors.New("has no scheme")
	}
	switch scheme {
	case "sqlite":
		if rest == "" || strings.HasSuffix(rest, "/") || strings.ContainsRune(rest, 0) {
			return nil, errors.New("names no file")
		}
		return sqliteTarget{path: rest}, nil
	case "memory":
		if rest != "" {
			return nil, errors.New("takes no path")
		}
		return sqliteTarget{}, nil
	case "postgres", "postgresql":
		if !strings.HasPrefix(rest, "//") {
			return nil, errors.New("lacks // after its scheme")
		}
		config, err := pgx.ParseConfig(journalURL)
		if err != nil && !wellFormed(journalURL) {
			return nil, errors.New("can't be used (not a URL; special characters in its user, password and parameters must be percent-encoded)")
		}
		if err != nil {
			return nil, fmt.Errorf("can't be used (%s)", reason(err))
		}
		return postgresTarget{postgres.NewTarget(config)}, nil
	default:
		return nil, fmt.Errorf("has the unknown scheme %q", scheme)
	}
}

// wellFormed says whether a URL can be taken apart. If not, it isn't certain where its password begins and ends, so pgx's
// reason, which quotes parts of the URL, must not be shown.
func wellFormed(databaseURL string) bool {
	u, err := url.Parse(databaseURL)
	if err != nil || strings.ContainsAny(databaseURL, "# \t\r\n") {
		return false
	}
	for parameter := range strings.SplitSeq(u.RawQuery, "&") {
		if _, err := url.QueryUnescape(parameter); err != nil || parameter != "" && !strings.Contains(parameter, "=") {
			return false
		}
	}
	return true
}

// reason is the innermost part of pgx's parse error, which alone never repeats the URL.
func reason(err error) string {
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return oneLine(file.Error()) // which names the file
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	if strings.Contains(err.Error(), "://") {
		return "not a URL"
	}
	return oneLine(err.Error())
}

var (
	validScheme      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
	userinfoPassword = regexp.MustCompile(`(?s)^([A-Za-z][A-Za-z0-9+.-]*://[^:@/?#]*|postgres(?:ql)?:/?[^:@/?#]*|).*@`)
	queryPassword    = regexp.MustCompile(`((?i:password|sslpassword)=)[^&]*`)
)

// mask returns the URL as it may be shown: with xxxxx where a password stands, also in a URL that can't be parsed.
func mask(journalURL string) string {
	if strings.HasPrefix(journalURL, "sqlite:") {
		return journalURL
	}
	if u, err := url.Parse(journalURL); err == nil && u.User != nil {
		journalURL = u.Redacted()
	} else {
		journalURL = userinfoPassword.ReplaceAllString(journalURL, "$1:xxxxx@")
	}
	return queryPassword.ReplaceAllString(journalURL, "${1}xxxxx")
}

// oneLine keeps an error of several lines on one.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
