package sqlite

import (
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"galaxy/healthactors/actors"
)

// explain says what SQLite's error codes mean to an operator.
func explain(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) || errors.Is(err, actors.ErrDamaged) {
		return err
	}
	switch e.Code() & 0xff {
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", actors.ErrDamaged, err)
	case codes.SQLITE_FULL:
		return fmt.Errorf("no space is left for the journal: %w", err)
	case codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_CANTOPEN:
		return fmt.Errorf("the journal's file or directory can't be written: %w", err)
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return fmt.Errorf("another program uses the journal's file: %w", err)
	default:
		return err
	}
}
