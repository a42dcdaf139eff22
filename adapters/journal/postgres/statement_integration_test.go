//go:build integration

package postgres

import (
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

// onSession runs a statement on the only session of db, and returns the session's process.
func onSession(t *testing.T, db *sql.DB, s statement, ps ...parameter) (pid int, err error) {
	t.Helper()
	db.SetMaxOpenConns(1)
	err = s.run(t.Context(), db, ps, func([][]byte) {})
	must(t, db.QueryRowContext(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid))
	return pid, err
}

// What the server refuses loses no session, and no statement that is prepared there.
func TestRealSessionOutlivesARefusal(t *testing.T) {
	_, db := journaltest.NewSchema(t)
	divides := statement{"divides", `SELECT 1 / $1::bigint`}
	before, err := onSession(t, db, statement{"one", `SELECT 1`})
	must(t, err)
	for _, by := range []int64{0, 1, 0, 1} {
		after, err := onSession(t, db, divides, parameter{pgtype.Int8OID, by})
		if (err != nil) != (by == 0) {
			t.Errorf("divided by %d: %v", by, err)
		}
		if after != before {
			t.Fatal("the session was lost")
		}
	}
}

// A session whose prepared statement does not fit the tables any more is given up.
func TestRealSessionEndsWithAnOldStatement(t *testing.T) {
	_, db := journaltest.NewSchema(t)
	journaltest.Run(t, db, `CREATE TABLE things (a bigint)`)
	all := statement{"all", `SELECT * FROM things`}
	_, err := onSession(t, db, all)
	must(t, err)
	journaltest.Run(t, db, `ALTER TABLE things ADD COLUMN b bigint`)
	if _, err = onSession(t, db, all); err == nil {
		t.Fatal("the statement fits")
	}
	_, err = onSession(t, db, all)
	must(t, err)
}

// An empty text is one, and not NULL.
func TestRealEmptyTextIsAParameter(t *testing.T) {
	_, db := journaltest.NewSchema(t)
	_, err := onSession(t, db, statement{"empty", `SELECT 1 / (CASE WHEN $1::text = '' THEN 1 ELSE 0 END)`}, parameter{pgtype.TextOID, ""})
	must(t, err)
}
