package sqljournal

import (
	"context"
	"database/sql"
)

// Reader is a database's sessions for reading.
type Reader struct {
	DB *sql.DB
	// Prefix begins each statement, so that only a database that takes writes answers it: an answer from any other may be old,
	// and what is missing in it proves nothing (R4).
	Prefix string
}

// PrepareContext is the method of sql.DB.
func (r Reader) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return r.DB.PrepareContext(ctx, r.Prefix+query)
}

// QueryContext is the method of sql.DB.
func (r Reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.DB.QueryContext(ctx, r.Prefix+query, args...)
}

// QueryRowContext is the method of sql.DB.
func (r Reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return r.DB.QueryRowContext(ctx, r.Prefix+query, args...)
}

// rowsQuerier is a Reader, *sql.DB or *sql.Conn.
type rowsQuerier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// QueryStrings reads a query's only column to the end.
func QueryStrings(ctx context.Context, q rowsQuerier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}
