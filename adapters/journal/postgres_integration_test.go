//go:build integration

package journal

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
)

// newSchema makes a schema of the test's own in the Postgres of HEALTHACTORS_TEST_POSTGRES. It returns a journal URL for it,
// and the test's own sessions in it.
func newSchema(t *testing.T) (journalURL string, db *sql.DB) {
	t.Helper()
	u, err := url.Parse(os.Getenv("HEALTHACTORS_TEST_POSTGRES"))
	if err != nil || u.Host == "" {
		t.Fatal("HEALTHACTORS_TEST_POSTGRES is not the URL of a Postgres")
	}
	schema := "journal_" + uuid.NewString()
	query := u.Query()
	query.Set("search_path", `"`+schema+`"`)
	u.RawQuery = query.Encode()
	if db, err = sql.Open("pgx", u.String()); err != nil {
		t.Fatal(err)
	}
	exec(t, db, fmt.Sprintf(`CREATE SCHEMA "%s"`, schema))
	t.Cleanup(func() {
		exec(t, db, fmt.Sprintf(`DROP SCHEMA "%s" CASCADE`, schema))
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return u.String(), db
}

// exec runs a statement; it works in a cleanup too, when the test's context has ended.
func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestRealPostgresKeepsThePort(t *testing.T) {
	porttest.Journal(t, func(t *testing.T) func() actors.Journal {
		u, _ := newSchema(t)
		return reopening(t, u)
	})
}
