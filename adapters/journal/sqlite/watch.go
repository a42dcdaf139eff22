package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// ErrFileGone says that the file of a journal is no longer where it was opened: it was deleted, moved or replaced. What it
// holds can still be read back and written to until the journal is closed, and by nobody afterwards (R5).
var ErrFileGone = errors.New("the journal's file is gone")

// lookEvery is how often a running node looks whether its file is still there.
const lookEvery = 3 * time.Second

// watch looks after the file until ctx ends, or until it is gone.
func (s *database) watch(ctx context.Context, failed func(error)) {
	beat := time.NewTicker(lookEvery)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			err := s.fileGone()
			if err == nil {
				err = s.logGone()
			}
			if err != nil {
				failed(err)
				return
			}
			if !s.recorded {
				// Those who read are not waited for. What fails is tried again, and the log has it all.
				s.recorded, _ = writeBack(ctx, s.read, "PASSIVE")
			}
		}
	}
}

// fileGone returns ErrFileGone when the path no longer is a name of the file that is held. It only looks: opening and closing
// the file would drop SQLite's locks on it. What can't be looked at, because the disk fails, say, is not gone.
func (s *database) fileGone() error {
	if same, err := s.hold.isAt(s.path); err == nil && !same {
		return fmt.Errorf("%w: %s was deleted, moved or replaced while it was open", ErrFileGone, s.path)
	}
	return nil
}

// logGone is the same for the log. SQLite goes on with the one that it has open, and writes it back when it is closed; but
// after a crash it would be missed.
func (s *database) logGone() error {
	found, err := os.Stat(s.path + "-wal")
	if isGone(err) || err == nil && !os.SameFile(found, s.log) {
		return fmt.Errorf("%w: its log %s-wal was deleted, moved or replaced while it was open", ErrFileGone, s.path)
	}
	return nil
}

// isGone says whether an error of os.Stat means that there is nothing of that name.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// pinned connects to the file that is held, and to none that has taken its place.
type pinned struct {
	driver.Connector
	s *database
}

func (p pinned) Connect(ctx context.Context) (driver.Conn, error) {
	if err := p.s.fileGone(); err != nil {
		return nil, err
	}
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.s.fileGone(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
