package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/journal/internal/sqljournal"
	"galaxy/healthactors/adapters/operand"
)

const (
	// applicationID marks a SQLite file as a journal of this program: "haJ1" in its header.
	applicationID = 0x68614a31
	// quickCheckBelow is the size up to which a file is checked as a whole when it is opened. It takes 2 to 3 ms a megabyte,
	// so that a start waits 0.2 s at most; of larger files the pages are checked as they are read.
	quickCheckBelow = 64 << 20
	// walHeader is the length of a write-ahead log without frames.
	walHeader = 32
)

var magic = []byte("SQLite format 3\x00")

// journalFile is where a journal is, or will be.
type journalFile struct {
	path  string // absolute, without symbolic links, so that two names of one file have one lock
	fresh bool   // there is nothing in it yet
}

// resolveFile finds the file and looks whether it can be a journal, without opening it as a database: nothing is created or
// changed.
func resolveFile(path string) (f journalFile, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return f, err
	}
	f.path, err = filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newFile(path)
	}
	if err != nil {
		return f, err
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return f, err
	}
	if !info.Mode().IsRegular() {
		return f, errors.New("it is not a file")
	}
	if info.Size() == 0 {
		f.fresh = true
		return f, f.noStrayLog()
	}
	return f, nil
}

func newFile(path string) (f journalFile, err error) {
	if _, err := os.Lstat(path); err == nil {
		return f, errors.New("it is a symbolic link to a file that does not exist")
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return f, fmt.Errorf("the directory %s does not exist", filepath.Dir(path))
	}
	if err != nil {
		return f, err
	}
	f = journalFile{path: filepath.Join(dir, filepath.Base(path)), fresh: true}
	return f, f.noStrayLog()
}

// noStrayLog keeps SQLite from discarding the write-ahead log of a file that somebody moved away.
func (f journalFile) noStrayLog() error {
	left, err := hasLog(f.path)
	if left {
		return fmt.Errorf("%w: the file is gone, but its log %s-wal is there", actors.ErrDamaged, f.path)
	}
	return err
}

// heldBy names who holds the file, and the name that it has there.
func (f journalFile) heldBy(ctx context.Context) error {
	db, err := f.openReadOnly()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	held := sqljournal.HeldBy(ctx, db)
	if from, err := recordedOrigin(ctx, db); err == nil && from.name != "" && from.name != f.path {
		return fmt.Errorf("%w, under the name %s", held, from.name)
	}
	return held
}

// openReadOnly opens the file so that nothing in it or in its log can change, not even when it is closed.
func (f journalFile) openReadOnly() (*sql.DB, error) {
	parameters := url.Values{"mode": {"ro"}, "_pragma": {busyTimeout, "query_only(1)"}}
	if log, err := os.Stat(f.path + "-wal"); err != nil || log.Size() == 0 {
		// Without a log that has to be read, SQLite needs no files beside this one.
		parameters.Set("immutable", "1")
	}
	return sql.Open("sqlite", dsn(f.path, parameters))
}

// inspect refuses a file that is no sound journal of ours, and warns of what may be missing in it. It changes nothing.
func (f journalFile) inspect(ctx context.Context, h *hold) (warning string, err error) {
	if h.empty() {
		return "", nil
	}
	if err := checkMagic(h.file); err != nil {
		return "", err
	}
	db, err := f.openReadOnly()
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	// BEFORE what may look like damage while the log is not beside the file.
	from, unread := recordedOrigin(ctx, db)
	if warning, err = f.checkLog(from, h); err != nil {
		return "", err
	}
	if info, err := os.Stat(f.path + "-wal"); err != nil || info.Size() <= walHeader { // otherwise the log may hold what the file lacks
		if err := checkLength(h.file); err != nil {
			return "", err
		}
	}
	if err := f.quickCheck(ctx, db); err != nil {
		return "", err
	}
	if err := checkProgram(ctx, db); err != nil {
		return "", err
	}
	return warning, unread
}

// checkProgram refuses the database of another program, or of a release that is too new.
func checkProgram(ctx context.Context, db *sql.DB) error {
	var id, tables int64
	var migrated bool
	err := db.QueryRowContext(ctx, `
		SELECT (SELECT application_id FROM pragma_application_id), count(*), coalesce(max(name = 'journal_meta'), 0)
		FROM sqlite_schema WHERE type = 'table'`).Scan(&id, &tables, &migrated)
	switch {
	case err != nil:
		return err
	case id != applicationID && tables > 0:
		return errors.New("it is the SQLite database of another program")
	case migrated:
		return sqljournal.CheckVersion(ctx, db)
	default:
		return nil
	}
}

func checkMagic(file *os.File) error {
	head := make([]byte, len(magic))
	if _, err := file.ReadAt(head, 0); err != nil || !bytes.Equal(head, magic) {
		return fmt.Errorf("%w: it is not a SQLite database", actors.ErrDamaged)
	}
	return nil
}

// checkLength refuses a file that is shorter than its header says, as an interrupted copy is. SQLite would notice only when
// it needs what is missing.
func checkLength(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, 100)
	if _, err := file.ReadAt(head, 0); err != nil {
		return fmt.Errorf("%w: the file ends within its header", actors.ErrDamaged)
	}
	if !bytes.Equal(head[24:28], head[92:96]) {
		return nil // an old SQLite wrote last, and left the number of pages as it was
	}
	pageSize := int64(binary.BigEndian.Uint16(head[16:18]))
	if pageSize == 1 {
		pageSize = 1 << 16
	}
	whole := pageSize * int64(binary.BigEndian.Uint32(head[28:32]))
	if info.Size() < whole {
		return fmt.Errorf("%w: the file was cut short, it has %d of %d bytes; restore it from a backup, or move it away to begin anew",
			actors.ErrDamaged, info.Size(), whole)
	}
	return nil
}

func (f journalFile) quickCheck(ctx context.Context, db *sql.DB) error {
	info, err := os.Stat(f.path)
	if err != nil || info.Size() >= quickCheckBelow {
		return err
	}
	var first string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&first); err != nil {
		return err
	}
	if first != "ok" {
		return fmt.Errorf("%w: %s", actors.ErrDamaged, operand.OneLine(first))
	}
	return nil
}

// openError says in short why a file can't be opened for writing.
func openError(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("it can't be written: %w", err)
	}
	return err
}
