package sqlite

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lockByte lies behind the end of the largest SQLite file, and so far from the bytes that SQLite locks that the two never meet,
// not even on a network file system. A lock on the whole file would be in SQLite's way there.
const lockByte = 1 << 62

// tryLock locks a file's inode for this opening of it: under whatever name it is opened again, hard links and bind mounts
// included, nobody gets the lock until the file is closed. It goes with the opening and not with the process, so that no
// other close drops it.
func tryLock(file *os.File) (locked bool, err error) {
	err = unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{
		Type: unix.F_WRLCK, Whence: io.SeekStart, Start: lockByte, Len: 1,
	})
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
		return false, nil
	case errors.Is(err, unix.EINVAL):
		// A kernel without such locks, as some sandboxes are: the lock beside the file has to do.
		return true, nil
	default:
		return err == nil, err
	}
}
