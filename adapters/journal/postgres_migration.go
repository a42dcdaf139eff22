package journal

import (
	"context"

	"github.com/pressly/goose/v3"
)

// migrated says whether the schema of a journal is up to date.
func (c *lockConn) migrated(ctx context.Context) (done bool, err error) {
	err = c.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) >= $1 FROM journal_versions WHERE is_applied`, schemaVersion).Scan(&done)
	return done, err
}

// migrate brings the schema up to date in another session, while this one holds the lock.
func (c *lockConn) migrate(ctx context.Context) error {
	return c.keepAwake(ctx, func() error { return migrate(ctx, c.db, goose.DialectPostgres, "postgres") })
}
