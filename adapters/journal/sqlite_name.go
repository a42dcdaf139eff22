package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
)

// recordName writes into the file under which name it is open, and an empty one when it is closed in order: until then its log
// lies beside that name, and the file alone is not whole. All of the log is written back with it, since whoever finds the
// file under another name sees the file alone.
//
// The table is none of the schema's versions: it tells of the file and not of the history, releases that don't know it leave
// it alone, and a stale name does no harm, because it is the log that counts.
func recordName(ctx context.Context, db execer, name string) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS journal_file (
		only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1), open_as TEXT NOT NULL)`)
	if err == nil {
		_, err = db.ExecContext(ctx, `INSERT INTO journal_file (only_row, open_as) VALUES (1, $1)
			ON CONFLICT (only_row) DO UPDATE SET open_as = excluded.open_as`, name)
	}
	if err == nil {
		_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err != nil {
		return fmt.Errorf("record the name of the file: %w", err)
	}
	return nil
}

// recordedName is the name under which the file was opened last, empty if it was closed in order.
func recordedName(ctx context.Context, q querier) (name string, err error) {
	var known bool
	err = q.QueryRowContext(ctx, `SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'journal_file'`).Scan(&known)
	if err == nil && known {
		err = q.QueryRowContext(ctx, `SELECT open_as FROM journal_file`).Scan(&name)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read under which name it was open: %w", err)
	}
	return name, nil
}

// checkLog refuses a file that was not closed in order since it was opened under a name, and whose log is left beside that one:
// what only the log has would be missing, and SQLite would begin a second log (R5).
func (f sqliteFile) checkLog(name string, h *hold) error {
	if name == "" || name == f.path {
		return nil
	}
	if left, err := hasLog(name); err != nil || !left {
		return err
	}
	same, err := h.isAt(name)
	if err != nil {
		return err
	}
	if same {
		return fmt.Errorf("it was not closed in order, and its log is %s-wal: open it as %s", name, name)
	}
	if _, err := os.Lstat(name); err == nil {
		return nil // the log is that of the file which is there, and this one is a copy
	}
	if here, err := hasLog(f.path); err != nil || here {
		return err // its log came along
	}
	return fmt.Errorf("it was not closed in order, and its log is still %s-wal: move it to %s-wal", name, f.path)
}

// hasLog says whether there is something in the log beside a name.
func hasLog(name string) (bool, error) {
	info, err := os.Stat(name + "-wal")
	if isGone(err) {
		return false, nil
	}
	return err == nil && info.Size() > 0, err
}
