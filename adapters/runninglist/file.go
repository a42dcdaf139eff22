package runninglist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"

	"galaxy/healthactors/actors"
)

// File is a running list in a JSON file: an array of {"game_id": "…", "container_id": "…", "engine": "…"}, of which
// engine is optional. It implements actors.RunningList.
//
// Whoever writes the file should write another one and rename it, so that every reading sees a whole list. A file that
// is rewritten in place and read half-written is an error, and the next reading makes up for it.
//
// If a file is mounted by itself, as into a container, the mount keeps the file that was there at first, whatever takes
// its name later. It is read all the same, since it is the last list that is known, with one warning (W7).
type File struct {
	path string
	log  *slog.Logger
	// load reads the file; a field so that tests can stand in for a file system that hangs.
	load func(path string) (content, error)
	// hung is the reading that an earlier call gave up waiting for, nil if there is none.
	hung <-chan reading
	// nameless says that the file that was read last has lost its name.
	nameless bool
}

// content is what was read of a file.
type content struct {
	data []byte
	// nameless says that the file has lost its name, though its path still leads to it.
	nameless bool
}

type reading struct {
	entries  []actors.Entry
	nameless bool
	err      error
}

var errNameless = errors.New("the file was replaced or removed where it is mounted from; mount its directory instead")

// NewFile returns the running list that the file at path holds. The file need not be there yet.
func NewFile(path string, log *slog.Logger) *File {
	return &File{path: path, log: log, load: load}
}

// Stale says why what the last Read returned may stay out of date forever; nil if it doesn't (W7).
func (f *File) Stale() error {
	if f.nameless {
		return errNameless
	}
	return nil
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
		content, err := f.load(f.path)
		if err != nil {
			done <- reading{err: err}
			return
		}
		entries, err := parse(content.data)
		done <- reading{entries, content.nameless, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, f.failed(r.err)
		}
		if r.nameless && !f.nameless {
			f.log.Warn("the running list is not read from the file that has its name now", "file", f.path, "error", errNameless)
		}
		f.nameless = r.nameless
		return r.entries, nil
	case <-ctx.Done():
		f.hung = done
		return nil, f.failed(ctx.Err())
	}
}

func (f *File) failed(err error) error {
	return fmt.Errorf("read the running list from %s: %w", f.path, err)
}

// load reads a whole file. Only a regular file is read: opening a pipe or a device would wait for whoever writes it,
// which O_NONBLOCK prevents.
func load(path string) (content, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return content{}, reason(err)
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return content{}, reason(err)
	}
	if !before.Mode().IsRegular() {
		return content{}, errors.New("not a regular file")
	}
	if before.Size() > maxBytes {
		return content{}, errTooManyBytes
	}
	data, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err != nil {
		return content{}, reason(err)
	}
	if len(data) > maxBytes {
		return content{}, errTooManyBytes
	}
	after, err := file.Stat()
	if err != nil {
		return content{}, reason(err)
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return content{}, errors.New("the file changed while it was read")
	}
	return content{data, isNameless(after) && leadsTo(path, after)}, nil
}

// isNameless says whether a file has no name left.
func isNameless(file os.FileInfo) bool {
	stat, ok := file.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 0
}

// leadsTo says whether a path leads to a file. It no longer does where the file was replaced while it was read.
func leadsTo(path string, file os.FileInfo) bool {
	found, err := os.Stat(path)
	return err == nil && os.SameFile(found, file)
}

// reason strips the path, which Read already names, from a file error.
func reason(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
