package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Check says whether a node could open the journal now, and changes nothing. A SQLite file that is still to be made is fine
// when its directory is there; a journal that a running node holds is an error that names the holder.
func Check(ctx context.Context, journalURL string) error {
	t, err := parse(journalURL)
	if err != nil {
		return err
	}
	if err := t.check(ctx); err != nil {
		return fmt.Errorf("check the journal %s: %w", mask(journalURL), err)
	}
	return nil
}

func (memoryTarget) check(context.Context) error { return nil }

func (t sqliteTarget) check(ctx context.Context) error {
	f, err := resolveFile(t.path)
	if err != nil {
		return err
	}
	if err := canWrite(filepath.Dir(f.path)); err != nil {
		return fmt.Errorf("the directory %s can't be written: %w", filepath.Dir(f.path), err)
	}
	// A lock file that is not there holds nothing, and is not made.
	lock := flock.New(f.path+".lock", flock.SetFlag(os.O_RDONLY))
	locked, err := lock.TryLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return openError(err)
	case !locked:
		return f.heldBy(ctx)
	default:
		defer func() { _ = lock.Close() }()
	}
	return sqliteError(f.inspect(ctx))
}

func (t postgresTarget) check(ctx context.Context) error {
	conn, err := t.connect(ctx)
	defer func() { _ = conn.Close() }()
	if err == nil {
		// The lock is held for as long as the check takes; a node that starts meanwhile waits.
		err = conn.tryLock(ctx)
	}
	if err == nil {
		err = conn.inspect(ctx)
	}
	return postgresError(err)
}
