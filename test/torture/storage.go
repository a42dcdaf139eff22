package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// diskFull keeps the journal on a small file system, and fills that while every game is sick.
func diskFull(o options) (_ row, err error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	disk := filepath.Join(s.dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		return row{}, err
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64m"); err != nil {
		return row{}, fmt.Errorf("mount a small file system (as root, or in `unshare --map-root-user --mount`): %w", err)
	}
	s.onClose(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	n, err := s.addReady(30*time.Second, binary, "--journal=sqlite:"+filepath.Join(disk, "journal.db"))
	if err != nil {
		return row{}, err
	}
	filler := filepath.Join(disk, "filler")
	return s.withoutJournal(n, "disk full (journal in SQLite on a tmpfs of 64 MB)", "no space is left",
		func() error { return fill(filler) },
		func() error { return os.Remove(filler) })
}

// syncFails has each fsync of the node fail with an input/output error, as a dying disk does, through strace.
func syncFails(o options) (row, error) {
	s, err := newStage(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	n, err := s.addReady(30*time.Second, binary)
	if err != nil {
		return row{}, err
	}
	var tracer *exec.Cmd
	detach := func() error {
		_ = tracer.Process.Signal(os.Interrupt)
		_ = tracer.Wait() // it reports the interrupt as an error
		return nil
	}
	return s.withoutJournal(n, "each fsync fails with EIO (through strace)", "disk I/O error",
		func() error {
			ctx, kill := context.WithCancel(context.Background())
			s.onClose(kill)
			tracer = exec.CommandContext(ctx, "strace", "--follow-forks", "--quiet=all", "--output=/dev/null", "--attach="+strconv.Itoa(n.cmd.Process.Pid),
				"--trace=fsync,fdatasync", "--inject=fsync,fdatasync:error=EIO")
			tracer.Stderr = os.Stderr
			return tracer.Start()
		}, detach)
}

// withoutJournal breaks a node's journal while every game is sick, waits until the node says so in its logs, and mends it
// after the scenario's span.
func (s *stage) withoutJournal(n *node, fault, said string, harm, mend func() error) (row, error) {
	s.fleet().start(s.changes)
	time.Sleep(2 * time.Second)
	from := time.Now()
	if err := harm(); err != nil {
		return row{}, err
	}
	if err := eventually(s.span, "the node says "+strconv.Quote(said), func() (bool, error) { return n.logged(said) > 0, nil }); err != nil {
		return row{}, errors.Join(err, mend())
	}
	time.Sleep(s.span - min(s.span, time.Since(from)))
	if err := mend(); err != nil {
		return row{}, err
	}
	if err := s.well(time.Now(), time.Minute); err != nil {
		return row{}, err
	}
	s.inDoubt(from)
	all, _ := s.history.Count(from)
	if err := s.lively(n); err != nil {
		return row{}, err
	}
	r, err := s.report(fault, s.span.String(), time.Minute)
	r.note("%d answers meanwhile came to nothing at most, none of their restarts", all)
	return r, err
}

// fill writes a file until the file system is full.
func fill(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	for piece := make([]byte, 64<<10); ; {
		if _, err := file.Write(piece); err != nil {
			if len(piece) == 1 || !errors.Is(err, syscall.ENOSPC) {
				break
			}
			piece = piece[:len(piece)/2]
		}
	}
	return nil
}

// lively lets some more happen, and wants it to be seen.
func (s *stage) lively(n *node) error {
	since := time.Now()
	before, err := n.metrics()
	if err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	after, err := n.metrics()
	if err != nil {
		return err
	}
	if _, sick := s.history.Count(since); sick == 0 || after[published] == before[published] {
		return fmt.Errorf("after the fault, of %d sick answers %v events were published", sick, after[published]-before[published])
	}
	return nil
}

// postgresCut ends the node's sessions at random moments, and breaks its connections at others.
func postgresCut(o options) (row, error) {
	s, n, err := onPostgres(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	cuts := 0
	for began := time.Now(); time.Since(began) < s.span; cuts++ {
		from := time.Now()
		if rand.IntN(2) == 0 {
			err = s.database.terminate()
		} else {
			s.database.cut()
		}
		if err != nil {
			return row{}, err
		}
		pause(time.Second, false)
		s.inDoubt(from)
	}
	back := time.Now()
	if err := s.well(back, time.Minute); err != nil {
		return row{}, err
	}
	s.inDoubt(back)
	if err := s.lively(n); err != nil {
		return row{}, err
	}
	return s.report("PostgreSQL's sessions ended, or its connections cut, at random", fmt.Sprintf("%d times in %s", cuts, s.span), time.Minute)
}

// postgresAway stops the server for a while.
func postgresAway(o options) (row, error) {
	s, n, err := onPostgres(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	from := time.Now()
	if err := s.database.down(); err != nil {
		return row{}, err
	}
	time.Sleep(s.span)
	if _, err := n.get("/livez"); err != nil {
		return row{}, fmt.Errorf("while PostgreSQL is away: %w", err)
	}
	if err := s.database.up(); err != nil {
		return row{}, err
	}
	back := time.Now()
	if err := s.well(back, 2*time.Minute); err != nil {
		return row{}, err
	}
	s.inDoubt(from)
	if err := s.lively(n); err != nil {
		return row{}, err
	}
	return s.report("PostgreSQL stopped and started again", s.span.String(), time.Minute)
}

// onPostgres is a node under load whose journal is in PostgreSQL.
func onPostgres(o options) (*stage, *node, error) {
	s, n, err := withPostgres(o, func(*stage) error { return nil })
	if err != nil {
		return nil, nil, err
	}
	s.fleet().start(s.changes)
	time.Sleep(time.Second)
	return s, n, nil
}

// withPostgres sets the stage with PostgreSQL, which is prepared first, and with one node that is ready and has its journal
// there.
func withPostgres(o options, prepare func(*stage) error) (*stage, *node, error) {
	s, err := newStage(o)
	if err != nil {
		return nil, nil, err
	}
	var n *node
	if err = s.usePostgres(); err == nil {
		err = prepare(s)
	}
	if err == nil {
		n, err = s.addReady(30*time.Second, binary)
	}
	if err != nil {
		s.close()
		return nil, nil, err
	}
	return s, n, nil
}
