package settings

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"galaxy/healthactors/adapters/operand"
)

// Wrong is an error that the operator mends. All of them are written here, on one line and in one grammar, but those about the
// command line as a whole:
//
//	--flag "VALUE" (from WHERE): reason; want …
type Wrong struct {
	// setting is its name as the operator writes it, such as --http or DOCKER_HOST; empty for the command line as a whole.
	setting string
	// value is as it was given.
	value string
	// empty says that an empty value was given, and shows it too.
	empty bool
	// from is where it was given, empty for the command line.
	from string
	err  error
}

// Error is the line, in which nothing is secret.
func (w *Wrong) Error() string {
	if w.setting == "" {
		return operand.OneLine(operand.MaskText(w.err.Error()))
	}
	text, value := w.err.Error(), operand.Mask(w.value)
	if e, ok := w.err.(*operand.Error); ok { //nolint:errorlint // one in an error of other words has its own name in these
		unnamed := *e
		unnamed.Of = ""
		text = unnamed.Error()
		if e.Hidden {
			value = "xxxxx"
		}
	}
	setting := w.setting
	if value != "" || w.empty {
		setting += " " + strconv.Quote(value)
	}
	if w.from != "" {
		setting += " (from " + w.from + ")"
	}
	return setting + ": " + operand.OneLine(operand.MaskText(text))
}

// Unwrap returns the reason.
func (w *Wrong) Unwrap() error { return w.err }

// Wrong says what is wrong with the value of a flag, which is told without its dashes. An empty value is none.
func (s *Settings) Wrong(flag, value string, err error) *Wrong {
	return &Wrong{setting: "--" + flag, value: value, from: s.given[flag], err: err}
}

// WrongVariable says what is wrong with a variable of the environment that is none of ours, such as DOCKER_HOST.
func WrongVariable(name string, err error) *Wrong {
	return &Wrong{setting: name, value: os.Getenv(name), err: err}
}

// WrongAsAWhole is an error of the configuration that is about no setting alone.
func WrongAsAWhole(err error) *Wrong { return &Wrong{err: err} }

// About says of an error that is not the configuration's which value of a flag it concerns.
func (s *Settings) About(flag, value string, err error) error {
	return errors.New(s.Wrong(flag, value, err).Error())
}

// wrongf says what is wrong with a flag beside the others, and what would be right.
func (s *Settings) wrongf(flag, value, want, reason string, args ...any) *Wrong {
	return s.Wrong(flag, value, &operand.Error{Reason: fmt.Sprintf(reason, args...), Want: want})
}
