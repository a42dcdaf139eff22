package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"galaxy/healthactors/adapters/journal/internal/sqljournal"
)

// Check says whether Open would succeed now, and what it would warn of; it changes nothing.
func Check(ctx context.Context, path string, me sqljournal.Holder) (warning string, err error) {
	if err := oneNode(me); err != nil || path == "" {
		return "", err
	}
	f, err := resolveFile(path)
	if err != nil {
		return "", err
	}
	if err := canWrite(filepath.Dir(f.path)); err != nil {
		return "", fmt.Errorf("the directory %s can't be written: %w", filepath.Dir(f.path), err)
	}
	if err := f.canUseBeside(); err != nil {
		return "", err
	}
	h, err := f.acquire(ctx, false)
	if err != nil {
		return "", err
	}
	defer func() { _ = h.release() }()
	warning, err = f.inspect(ctx, h)
	if err == nil && !h.empty() {
		err = f.tryPreparing(ctx, me)
	}
	return warning, explain(err)
}

// canUseBeside looks at what lies beside the file, such as a log that another user has left, which a start opens for writing.
func (f journalFile) canUseBeside() error {
	for _, ending := range []string{".lock", "-wal", "-shm"} {
		path := f.path + ending
		info, err := os.Stat(path)
		switch {
		case isGone(err):
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a file", path)
		case ending == ".lock": // it is only read, by acquire
		default:
			if err := canUse(path); err != nil {
				return fmt.Errorf("%s can't be written: %w", path, err)
			}
		}
	}
	return nil
}

// tryPreparing prepares a copy in memory of what the file has but its history, as a start would prepare the file.
func (f journalFile) tryPreparing(ctx context.Context, me sqljournal.Holder) error {
	db, err := f.openReadOnly()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	trial, err := newInMemory(me)
	if err != nil {
		return err
	}
	if err := copySchema(ctx, db, trial.write); err != nil {
		return fmt.Errorf("read its tables: %w", err)
	}
	if _, err := trial.prepared(ctx); err != nil {
		return err // it is closed by then
	}
	return trial.Close()
}

// copySchema copies the tables, and the rows by which a start decides what there is to do.
func copySchema(ctx context.Context, from, to *sql.DB) error {
	statements, err := sqljournal.QueryStrings(ctx, from,
		`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid`)
	if err != nil {
		return err
	}
	tables, err := sqljournal.QueryStrings(ctx, from,
		`SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('journal_meta', 'journal_versions')`)
	if err != nil {
		return err
	}
	for _, table := range tables {
		rows, err := sqljournal.QueryStrings(ctx, from, rowsOf[table])
		if err != nil {
			return err
		}
		statements = append(statements, rows...)
	}
	for _, statement := range statements {
		if _, err := to.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf writes the rows of a table as the statements that insert them.
var rowsOf = map[string]string{
	"journal_meta": `SELECT format('INSERT INTO journal_meta (only_row, least_reader, floor) VALUES (%d, %d, %d)',
		only_row, least_reader, floor) FROM journal_meta`,
	"journal_versions": `SELECT format('INSERT INTO journal_versions (version_id, is_applied) VALUES (%d, %d)',
		version_id, is_applied) FROM journal_versions ORDER BY id`,
}
