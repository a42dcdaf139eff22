package journal

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// takesNoWrites is the SQLSTATE of what can't be done in a read-only transaction.
const takesNoWrites = "25006"

var (
	errStandby  = errors.New("it is a standby")
	errReadOnly = errors.New("the database is read-only")
)

// writableOnly is the beginning of a statement that only a server which takes writes answers. Others refuse it, with
// takesNoWrites, though it would change nothing.
const writableOnly = `WITH writable AS (UPDATE journal_holder SET token = token WHERE false) `

// sessions opens the sessions of a running node. Each begins where the database takes writes, whatever the URL says of
// target_session_attrs: of several hosts on the first that does. One whose server takes no more writes ends with the error
// that tells so, lest it stay when others do again (R4).
func sessions(config *pgx.ConnConfig) *sql.DB {
	config = config.Copy()
	config.ValidateConnect = takesWrites
	goesOn := config.OnPgError
	config.OnPgError = func(conn *pgconn.PgConn, err *pgconn.PgError) bool {
		return err.Code != takesNoWrites && goesOn(conn, err)
	}
	return stdlib.OpenDB(*config, unasked)
}

// takesWrites asks the server itself: what it reported when the session began may be a pooler's memory of another one.
func takesWrites(ctx context.Context, conn *pgconn.PgConn) error {
	answer, err := conn.Exec(ctx, `SELECT pg_is_in_recovery(), current_setting('transaction_read_only')`).ReadAll()
	if err != nil {
		return err
	}
	row := answer[0].Rows[0]
	switch {
	case string(row[0]) == "t":
		return errStandby
	case string(row[1]) == "on":
		return errReadOnly
	}
	return nil
}
