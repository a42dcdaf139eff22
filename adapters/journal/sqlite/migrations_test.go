package sqlite

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"galaxy/healthactors/adapters/journal/internal/journaltest"
)

func TestC6MigrationFromTheFirstVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	db, err := sql.Open("sqlite", path)
	must(t, err)
	journaltest.Run(t, db, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	journaltest.OfVersion1(t, db, goose.DialectSQLite3, migrations)
	must(t, db.Close())
	j := start(t, path)
	journaltest.WantMigrated(t, j, j.db.write)
}
