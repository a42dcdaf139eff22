//go:build unix

package sqlite

import "golang.org/x/sys/unix"

// canWrite says whether this process may make files in a directory.
func canWrite(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }

// canUse says whether this process may read and write a file.
func canUse(file string) error { return unix.Access(file, unix.R_OK|unix.W_OK) }
