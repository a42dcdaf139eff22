package postgres

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/adapters/operand"
)

// explain says what Postgres's error codes mean to an operator, in one line.
func explain(err error) error {
	if errors.Is(err, errStandby) || errors.Is(err, errReadOnly) {
		return fmt.Errorf("postgres takes no writes: %w", flat{err}) // which has each host's reason
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
			return fmt.Errorf("postgres can't be reached: %w", flat{err})
		}
		return err
	}
	switch e.Code {
	case "53100":
		return fmt.Errorf("no space is left for the journal: %w", err)
	case takesNoWrites:
		return fmt.Errorf("the database is read-only: %w", err)
	case "42501":
		return fmt.Errorf("a right is missing: %w", err)
	case "XX001", "XX002":
		return fmt.Errorf("%w: %w", actors.ErrDamaged, err)
	default:
		return fmt.Errorf("%w", flat{err})
	}
}

// sick says whether the server could not read what it keeps: a damaged page or tuple, a file that is not there, a disk that
// fails. What lies elsewhere may be well.
func sick(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (strings.HasPrefix(e.Code, "XX") || strings.HasPrefix(e.Code, "58"))
}

// flat is an error whose text is on one line.
type flat struct{ error }

func (f flat) Error() string { return operand.OneLine(f.error.Error()) }
func (f flat) Unwrap() error { return f.error }
