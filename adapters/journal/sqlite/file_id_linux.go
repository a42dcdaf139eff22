package sqlite

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// fileID tells a file from its copies, and from what gets its inode number after it was deleted: that is made at another time.
// It stays the same under all names and when the file is moved within its file system. Empty: not known.
func fileID(file *os.File) string {
	var s unix.Statx_t
	err := unix.Statx(int(file.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_INO|unix.STATX_BTIME, &s)
	if err != nil || s.Mask&unix.STATX_INO == 0 || s.Mask&unix.STATX_BTIME == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%d:%d:%d.%09d", s.Dev_major, s.Dev_minor, s.Ino, s.Btime.Sec, s.Btime.Nsec)
}
