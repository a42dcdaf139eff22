package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// secondNames gives the journal's file more names, and has a second node come by each of them: while the first one runs, and
// after it was killed, when its log lies beside the first name alone (R5).
func secondNames(o options) (row, error) {
	s, n, err := underLoad(o)
	if err != nil {
		return row{}, err
	}
	defer s.close()
	names, err := s.nameAnew(s.journalFile(n))
	if err != nil {
		return row{}, err
	}
	refused := 0
	for range s.times {
		pause(time.Second, false)
		for kind, name := range names {
			if err := n.refuses(name, "held by node"); err != nil {
				return row{}, fmt.Errorf("%s of a held file: %w", kind, err)
			}
			refused++
		}
		if err := s.lively(n); err != nil {
			return row{}, fmt.Errorf("after a second node came: %w", err)
		}
		n.kill()
		died := time.Now()
		if err := s.settled(); err != nil {
			return row{}, err
		}
		for kind, name := range names {
			if err := n.refuses(name, "its log is "+s.journalFile(n)+"-wal"); err != nil {
				return row{}, fmt.Errorf("%s after kill -9: %w", kind, err)
			}
			refused++
		}
		if err := errors.Join(n.start(), s.asked(died, n)); err != nil {
			return row{}, err
		}
	}
	r, err := s.report("the journal's file under a second name (hard link, bind mount), while it is held and after `kill -9`",
		fmt.Sprintf("%d times", s.times), time.Minute)
	r.note("%d times a second node was refused, and `check` with it", refused)
	return r, err
}

// journalFile is where a node's journal is, in SQLite.
func (s *stage) journalFile(n *node) string {
	return strings.TrimPrefix(s.journalURL(n.name), "sqlite:")
}

// nameAnew gives a file more names, by their kinds.
func (s *stage) nameAnew(path string) (map[string]string, error) {
	dir := filepath.Join(s.dir, "names")
	hard, bound := filepath.Join(dir, "hard.db"), filepath.Join(dir, "bound.db")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Link(path, hard), os.WriteFile(bound, nil, 0o600)); err != nil {
		return nil, err
	}
	if err := syscall.Mount(path, bound, "", syscall.MS_BIND, ""); err != nil {
		return nil, fmt.Errorf("mount a file (as root, or in `unshare --map-root-user --mount`): %w", err)
	}
	s.onClose(func() { _ = syscall.Unmount(bound, syscall.MNT_DETACH) })
	return map[string]string{"a hard link": hard, "a bind mount": bound}, nil
}

// refuses wants a second node that is to use a journal to end with exit code 1 and to say why, and a check to say so too.
func (n *node) refuses(journal, why string) error {
	flags := slices.DeleteFunc(slices.Clone(n.args[1:]), func(flag string) bool {
		return strings.HasPrefix(flag, "--journal=") || strings.HasPrefix(flag, "--http=")
	})
	flags = append(flags, "--journal=sqlite:"+journal, "--http=")
	for _, verb := range []string{"check", "run"} {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		second := exec.CommandContext(ctx, n.program, append([]string{verb}, flags...)...)
		second.Env = n.cmd.Env
		said, _ := second.CombinedOutput() // its exit code tells
		cancel()
		if code := second.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(said), why) {
			return fmt.Errorf("%s has the exit code %d, want 1, and doesn't say %q: %s", verb, code, why, said)
		}
	}
	return nil
}

// fileDeleted deletes the journal's file and what is beside it while the broker is away. All that was detected has to arrive as
// soon as the broker is back, since nothing has it afterwards (R5).
func fileDeleted(o options) (row, error) {
	const drain = 30 * time.Second
	s, n, err := underLoad(o, "--drain-timeout="+drain.String())
	if err != nil {
		return row{}, err
	}
	defer s.close()
	time.Sleep(time.Second)
	if err := s.broker.down(); err != nil {
		return row{}, err
	}
	time.Sleep(s.span)
	m, err := n.metrics()
	if err == nil && m[pending] == 0 {
		err = errors.New("nothing waits for the broker")
	}
	if err != nil {
		return row{}, err
	}
	file := s.journalFile(n)
	files, err := filepath.Glob(file + "*")
	if err != nil {
		return row{}, err
	}
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	if err != nil {
		return row{}, err
	}
	deleted := time.Now()
	err = eventually(10*time.Second, "the node notices", func() (bool, error) { return n.logged(file+" was deleted") > 0, nil })
	if err != nil {
		return row{}, err
	}
	noticed := time.Since(deleted)
	if err := errors.Join(s.broker.up(), n.failed(drain)); err != nil {
		return row{}, err
	}
	ended := time.Since(deleted)
	s.nodes = nil // no node is there any more to come to rest
	r, err := s.report("the journal's file deleted while the broker is away", s.span.String(), time.Minute)
	r.note("%.0f events waited; noticed after %s, exit code 1 after %s", m[pending], round(noticed), round(ended))
	return r, err
}

// failed waits for the process to end and wants exit code 1.
func (n *node) failed(within time.Duration) error {
	select {
	case <-n.gone:
	case <-time.After(within):
		return fmt.Errorf("node %s has not ended within %s:\n%s", n.name, within, n.lastLogs())
	}
	if code := n.cmd.ProcessState.ExitCode(); code != 1 {
		return fmt.Errorf("node %s ended with exit code %d, want 1:\n%s", n.name, code, n.lastLogs())
	}
	return nil
}
