package actorstest

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Play runs a story outside of a test: in an Example of a test binary, which has no *testing.T. It returns the timeline,
// and an error with what the story expected in vain.
func Play(story func(w *World)) (timeline string, err error) {
	err = errors.New("the story was not played: the flags of go test select another")
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	played := false
	play := func(t *testing.T) {
		if played {
			return // -count asks for more than one run
		}
		played = true
		quiet := os.Stdout
		Spec(t, func(w *World) {
			r := &recorder{TB: w.T}
			w.T = r
			os.Stdout = stdout
			r.play(func() { story(w) })
			os.Stdout = quiet
			timeline, err = w.Timeline(), r.failure()
		})
	}
	// What testing itself says of the run is no part of an Example's output.
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		defer null.Close()
		os.Stdout = null
	}
	all := func(string, string) (bool, error) { return true, nil }
	testing.RunTests(all, []testing.InternalTest{{Name: "Play", F: play}})
	return timeline, err
}

// recorder takes note of failures instead of failing a test.
type recorder struct {
	testing.TB
	failures []string
	failed   bool
}

// givenUp is what a story panics with that can't go on.
type givenUp struct{}

func (r *recorder) play(story func()) {
	defer func() {
		if p := recover(); p != nil && p != (givenUp{}) {
			panic(p)
		}
	}()
	story()
}

func (r *recorder) failure() error {
	if !r.failed {
		return nil
	}
	return errors.New(strings.Join(r.failures, "\n"))
}

func (r *recorder) Helper() {}

func (r *recorder) Failed() bool { return r.failed }

func (r *recorder) Fail() { r.failed = true }

func (r *recorder) FailNow() {
	r.failed = true
	panic(givenUp{})
}

func (r *recorder) Error(args ...any) {
	r.failed = true
	r.failures = append(r.failures, strings.TrimSuffix(fmt.Sprintln(args...), "\n"))
}

func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }

func (r *recorder) Fatal(args ...any) {
	r.Error(args...)
	r.FailNow()
}

func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }
