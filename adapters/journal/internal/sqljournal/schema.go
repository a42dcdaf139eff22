package sqljournal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// SchemaVersion is the version that this build knows: its last migration's. A later build that changes the schema so that
// this one can't use it any more raises journal_meta.least_reader above this number; as long as it doesn't, both can.
const SchemaVersion = 5

// errNewer says that a newer build wrote the journal.
var errNewer = errors.New("it was written by a newer version")

// CheckVersion refuses a journal that this build can't use, BEFORE anything is changed.
func CheckVersion(ctx context.Context, q Querier) error {
	var least int64
	if err := q.QueryRowContext(ctx, `SELECT least_reader FROM journal_meta`).Scan(&least); err != nil {
		return fmt.Errorf("read its version: %w", err)
	}
	if least > SchemaVersion {
		return fmt.Errorf("%w: it needs one that knows journal version %d, and this one knows %d", errNewer, least, SchemaVersion)
	}
	return nil
}

// Migrate brings the schema up to SchemaVersion by the files in the folder migrations. A schema that is ahead stays as it is.
func Migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, migrations fs.FS) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, files,
		goose.WithTableName("journal_versions"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.UpTo(ctx, SchemaVersion); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
