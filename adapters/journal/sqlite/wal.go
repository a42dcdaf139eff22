package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
)

// checkLog refuses a file that was not closed in order since it was opened under another name, and whose log is left beside that
// one: what only the log has would be missing, and SQLite would begin a second log (R5). The log of ANOTHER file is none of
// its, and would damage it: a copy or a backup is opened, with a warning where something may be missing in it.
func (f journalFile) checkLog(from origin, h *hold) (warning string, err error) {
	name := from.name
	if name == "" || name == f.path || sameEntry(name, f.path) {
		return "", nil
	}
	left, unseen := hasLog(name)
	if unseen == nil && !left {
		return "", nil
	}
	linked := false
	if unseen == nil {
		linked, unseen = h.isAt(name)
	}
	if linked {
		return "", fmt.Errorf("it was not closed in order, and its log is %s-wal: open it as %s", name, name)
	}
	// Even an empty log came along: one that is not moved or copied along is missing.
	if _, err := os.Lstat(f.path + "-wal"); !isGone(err) {
		return "", err
	}
	return f.checkStrayLog(name, from.id != "" && from.id == h.id(), unseen)
}

// checkStrayLog decides on a file without a log that was open as name, where a log is left, or may be because nobody can look
// there. It is the file that was open there, or it is another one, or a moved one that lost its identity on its way to another
// file system.
func (f journalFile) checkStrayLog(name string, itself bool, unseen error) (warning string, err error) {
	_, there := os.Lstat(name)
	switch {
	case unseen != nil && itself:
		// It has another name than it had, and has no log: nearly certainly the log is still there.
		return "", fmt.Errorf("it was moved and was not closed in order, and whether its log is still %s-wal can't be looked at: "+
			"if it is, move it to %s-wal; a copy of this file can be opened without it: %w", name, f.path, unseen)
	case unseen != nil:
		// What can't be looked at proves nothing. A service's backup that another user opens is the usual case.
		return fmt.Sprintf("the journal's file seems to be a copy or a backup of %s, which can't be looked at (%v): "+
			"if it was moved from there instead, its log is missing", name, unseen), nil
	case itself && isGone(there):
		return "", fmt.Errorf("it was moved and was not closed in order, and its log is still %s-wal: move it to %s-wal", name, f.path)
	case itself:
		return "", fmt.Errorf("it was moved and was not closed in order, and its log was %s-wal, where another file is now: "+
			"if that one has not been opened yet, move the log to %s-wal; a copy of this file can be opened without it", name, f.path)
	case isGone(there):
		return "", fmt.Errorf("it is not known whether its log is %s-wal, whose file is gone: "+
			"if this file was moved, move its log to %s-wal; if it is a copy or a backup, move the log away", name, f.path)
	default:
		return fmt.Sprintf("the journal's file is a copy or a backup of %s, which was open then: "+
			"what only its log %s-wal had is missing in a copy", name, name), nil
	}
}

// sameEntry says whether two paths are one entry of one directory, which is mounted in two places, say: its files are then
// the same under both. Two links to one file are not: their logs go ways of their own.
func sameEntry(a, b string) bool {
	if filepath.Base(a) != filepath.Base(b) {
		return false
	}
	dirA, errA := os.Stat(filepath.Dir(a))
	dirB, errB := os.Stat(filepath.Dir(b))
	return errA == nil && errB == nil && os.SameFile(dirA, dirB)
}

// hasLog says whether there is something in the log beside a name.
func hasLog(name string) (bool, error) {
	info, err := os.Stat(name + "-wal")
	if isGone(err) {
		return false, nil
	}
	return err == nil && info.Size() > 0, err
}
