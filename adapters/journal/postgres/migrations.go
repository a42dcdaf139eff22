package postgres

import (
	"context"
	"embed"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

//go:embed migrations
var migrations embed.FS

// migrated says whether the schema of a journal is up to date.
func (c *lockConn) migrated(ctx context.Context) (done bool, err error) {
	err = c.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) >= $1 FROM journal_versions WHERE is_applied`,
		sqljournal.SchemaVersion).Scan(&done)
	return done, err
}
