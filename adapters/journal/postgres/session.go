package postgres

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// reopenPause is how often a running node looks whether its sessions are open.
const reopenPause = 2 * time.Second

// takesNoWrites is the SQLSTATE of what can't be done in a read-only transaction.
const takesNoWrites = "25006"

var (
	errStandby  = errors.New("it is a standby")
	errReadOnly = errors.New("the database is read-only")
)

// writableOnly is the beginning of a statement that only a server which takes writes answers. Others refuse it, with
// takesNoWrites, though it would change nothing.
const writableOnly = `WITH writable AS (UPDATE journal_holder SET token = token WHERE false) `

// unasked spares a session that was idle for a second the driver's question whether it lives: one answer more before each write
// and load after a pause (C1). That the server has ended it is noticed without a question.
var unasked = stdlib.OptionShouldPing(func(_ context.Context, p stdlib.ShouldPingParams) bool {
	return p.IdleDuration > time.Second && p.Conn.PgConn().CheckConn() != nil //nolint:staticcheck // it is for slow connections
})

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

// keepOpen keeps that many sessions open until ctx ends, since a new one takes three answers: to connect, to be asked whether it
// takes writes, and for what it was opened for (C1).
func keepOpen(ctx context.Context, db *sql.DB, count int) {
	ticker := time.NewTicker(reopenPause)
	defer ticker.Stop()
	for ctx.Err() == nil {
		if db.Stats().OpenConnections < count {
			openTogether(ctx, db, count)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// openTogether has that many sessions in use at the same moment. An error is an outage, of which those tell who read.
func openTogether(ctx context.Context, db *sql.DB, count int) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	held := make([]*sql.Conn, count)
	var opening sync.WaitGroup
	for n := range held {
		opening.Go(func() { held[n], _ = db.Conn(ctx) })
	}
	opening.Wait()
	for _, conn := range held {
		if conn != nil {
			_ = conn.Close()
		}
	}
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
