package journal

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// schemaVersion is the version that this build knows: its last migration's. A later build that changes the schema so that
// this one can't use it any more raises journal_meta.least_reader above this number; as long as it doesn't, both can.
const schemaVersion = 4

// errNewer says that a newer build wrote the journal.
var errNewer = errors.New("it was written by a newer version")

// checkVersion refuses a journal that this build can't use, BEFORE anything is changed.
func checkVersion(ctx context.Context, q querier) error {
	var least int64
	if err := q.QueryRowContext(ctx, `SELECT least_reader FROM journal_meta`).Scan(&least); err != nil {
		return fmt.Errorf("read its version: %w", err)
	}
	if least > schemaVersion {
		return fmt.Errorf("%w: it needs one that knows journal version %d, and this one knows %d", errNewer, least, schemaVersion)
	}
	return nil
}

// migrate brings the schema up to schemaVersion. A schema that is ahead stays as it is.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, folder string) error {
	return migrateTo(ctx, db, dialect, folder, schemaVersion)
}

func migrateTo(ctx context.Context, db *sql.DB, dialect goose.Dialect, folder string, version int64) error {
	files, err := fs.Sub(migrations, "migrations/"+folder)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, files,
		goose.WithTableName("journal_versions"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.UpTo(ctx, version); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
