//go:build integration

package journaltest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // its driver pgx
)

// NewSchema makes a schema of the test's own in the Postgres of HEALTHACTORS_TEST_POSTGRES. It returns a journal URL for it,
// and the test's own sessions in it.
func NewSchema(t testing.TB) (journalURL string, db *sql.DB) {
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
	Run(t, db, fmt.Sprintf(`CREATE SCHEMA "%s"`, schema))
	t.Cleanup(func() {
		Run(t, db, fmt.Sprintf(`DROP SCHEMA "%s" CASCADE`, schema))
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return u.String(), db
}
