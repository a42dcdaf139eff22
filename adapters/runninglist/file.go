package runninglist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"galaxy/healthactors/actors"
)

// File is a running list in a JSON file: an array of {"game_id": "…", "container_id": "…", "engine": "…"}, of which
// engine is optional. It implements actors.RunningList.
//
// Whoever writes the file should write another one and rename it: then every reading sees a whole list. A file that
// is rewritten in place and caught half-written is an error, and the next reading makes up for it.
type File struct {
	path string
	// load reads the file; a field so that tests can stand in for a file system that hangs.
	load func(path string) ([]byte, error)
	// hung is the reading that an earlier call gave up waiting for, nil if there is none.
	hung <-chan reading
}

type reading struct {
	entries []actors.Entry
	err     error
}

// NewFile returns the running list that the file at path holds. The file need not be there yet.
func NewFile(path string) *File {
	return &File{path: path, load: load}
}

// Read reads the file anew.
//
// The system's calls for a file can't be cut off, and on a network file system they can hang. So they run beside
// Read, which returns when ctx ends; until the system answers, later calls wait for it and begin no second reading.
func (f *File) Read(ctx context.Context) ([]actors.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, f.failed(err)
	}
	if f.hung != nil {
		select {
		case <-f.hung: // What it read may be old.
			f.hung = nil
		case <-ctx.Done():
			return nil, f.failed(fmt.Errorf("an earlier reading still hangs: %w", ctx.Err()))
		}
	}
	done := make(chan reading, 1)
	go func() {
		data, err := f.load(f.path)
		if err != nil {
			done <- reading{err: err}
			return
		}
		entries, err := parse(data)
		done <- reading{entries, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, f.failed(r.err)
		}
		return r.entries, nil
	case <-ctx.Done():
		f.hung = done
		return nil, f.failed(ctx.Err())
	}
}

func (f *File) failed(err error) error {
	return fmt.Errorf("read the running list from %s: %w", f.path, err)
}

// load reads a file whole. Only a regular file is read: opening a pipe or a device would wait for whoever writes it,
// which O_NONBLOCK prevents.
func load(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, reason(err)
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return nil, reason(err)
	}
	if !before.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if before.Size() > maxBytes {
		return nil, errTooManyBytes
	}
	data, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return nil, reason(err)
	}
	if len(data) > maxBytes {
		return nil, errTooManyBytes
	}
	after, err := file.Stat()
	if err != nil {
		return nil, reason(err)
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return nil, errors.New("the file changed while it was read")
	}
	return data, nil
}

// reason strips the path from a file error, which Read names already.
func reason(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
