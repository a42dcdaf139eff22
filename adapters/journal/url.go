package journal

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"galaxy/healthactors/adapters/journal/postgres"
	"galaxy/healthactors/adapters/operand"
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

// Validate says whether a journal URL is well formed. The error is an *[operand.Error].
func Validate(journalURL string) error {
	if _, fault := parseTarget(journalURL); fault != "" {
		return &operand.Error{Reason: fault, Want: "sqlite:PATH, memory: or postgres://USER@HOST:PORT/DATABASE"}
	}
	return nil
}

func parse(journalURL string) (target, error) {
	t, fault := parseTarget(journalURL)
	if fault != "" {
		return nil, fmt.Errorf("open the journal %s: it %s", operand.Mask(journalURL), fault)
	}
	return t, nil
}

// parseTarget returns what a URL means, or what is wrong with it.
func parseTarget(journalURL string) (t target, fault string) {
	scheme, rest, found := strings.Cut(journalURL, ":")
	if !found || !validScheme.MatchString(scheme) {
		return nil, "has no scheme"
	}
	switch scheme {
	case "sqlite":
		if rest == "" || strings.HasSuffix(rest, "/") || strings.ContainsRune(rest, 0) {
			return nil, "names no file"
		}
		return sqliteTarget{path: rest}, ""
	case "memory":
		if rest != "" {
			return nil, "takes no path"
		}
		return sqliteTarget{}, ""
	case "postgres", "postgresql":
		if !strings.HasPrefix(rest, "//") {
			return nil, "lacks // after its scheme"
		}
		config, err := pgx.ParseConfig(journalURL)
		if fault := operand.PostgresFault(journalURL, err); fault != "" {
			return nil, fault
		}
		return postgresTarget{postgres.NewTarget(config)}, ""
	default:
		return nil, "has an unknown scheme"
	}
}

var validScheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
