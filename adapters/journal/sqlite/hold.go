package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/gofrs/flock"
)

const (
	// lockPatience outlasts a check that holds the locks for an instant.
	lockPatience = 500 * time.Millisecond
	lockPoll     = 50 * time.Millisecond
)

// hold keeps other processes from a journal's file until it is let go of, or until the process ends, however it ends (R5).
// SQLite's own locks don't do: they come and go with transactions, and under a second name of the file there is a second log.
type hold struct {
	// beside locks PATH.lock, as earlier releases do; nil where there is none and none is to be made.
	beside *flock.Flock
	// file is the journal's own, which is locked under all its names at once. It is opened BEFORE SQLite opens the file and
	// closed after SQLite closed it: whoever closes a file drops all the locks that SQLite has on it in this process. nil where
	// there is none and none is to be made.
	file *os.File
}

// acquire takes hold of a file. With create a new one is made, readable by its owner alone, as its log is then too: events
// tell what a studio runs. Without it nothing is made.
func (f journalFile) acquire(ctx context.Context, create bool) (*hold, error) {
	waiting, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	h := new(hold)
	err := h.lockBeside(waiting, f, create)
	if err == nil {
		err = h.lockFile(waiting, f, create)
	}
	switch {
	case err == nil:
		return h, nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case waiting.Err() != nil:
		err = f.heldBy(ctx)
	default:
		err = openError(err)
	}
	return nil, errors.Join(err, h.release())
}

func (h *hold) lockBeside(ctx context.Context, f journalFile, create bool) error {
	var options []flock.Option
	if !create {
		options = append(options, flock.SetFlag(os.O_RDONLY))
	}
	beside := flock.New(f.path+".lock", options...)
	_, err := beside.TryLockContext(ctx, lockPoll)
	if !create && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		h.beside = beside
	}
	return err
}

func (h *hold) lockFile(ctx context.Context, f journalFile, create bool) (err error) {
	flags := os.O_RDWR
	if create && f.fresh {
		flags |= os.O_CREATE
	}
	h.file, err = os.OpenFile(f.path, flags, 0o600)
	if f.fresh && !create && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for locked := false; err == nil && !locked; {
		if locked, err = tryLock(h.file); err == nil && !locked {
			err = wait(ctx, lockPoll)
		}
	}
	if err != nil {
		return err
	}
	same, err := h.isAt(f.path)
	if err == nil && !same {
		err = errors.New("it was replaced while it was being opened")
	}
	return err
}

// isAt says whether a path is a name of the file that is held. An error is not known to mean anything.
func (h *hold) isAt(path string) (bool, error) {
	held, err := h.file.Stat()
	if err != nil {
		return false, err
	}
	found, err := os.Stat(path)
	if isGone(err) {
		return false, nil
	}
	return err == nil && os.SameFile(held, found), err
}

// empty says whether there is nothing in the file yet.
func (h *hold) empty() bool {
	if h.file == nil {
		return true
	}
	info, err := h.file.Stat()
	return err == nil && info.Size() == 0
}

// id is the identity of the file that is held.
func (h *hold) id() string { return fileID(h.file) }

// release lets go of the file. SQLite has closed it.
func (h *hold) release() error {
	var errs []error
	if h.file != nil {
		errs = append(errs, h.file.Close())
	}
	if h.beside != nil {
		errs = append(errs, h.beside.Close())
	}
	return errors.Join(errs...)
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
