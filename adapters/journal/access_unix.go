//go:build unix

package journal

import "golang.org/x/sys/unix"

// canWrite says whether this process may make files in a directory.
func canWrite(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }
