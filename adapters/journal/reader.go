package journal

import (
	"context"
	"database/sql"
)

// reader is a database's sessions for reading.
type reader struct {
	db *sql.DB
	// prefix begins each statement, so that only a database that takes writes answers it: an answer from any other may be old,
	// and what is missing in it proves nothing (R4).
	prefix string
}

func (r reader) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return r.db.PrepareContext(ctx, r.prefix+query)
}

func (r reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.db.QueryContext(ctx, r.prefix+query, args...)
}

func (r reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return r.db.QueryRowContext(ctx, r.prefix+query, args...)
}
