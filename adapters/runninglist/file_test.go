package runninglist

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"galaxy/healthactors/actors"
	"galaxy/healthactors/actors/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFileIsARunningList(t *testing.T) {
	porttest.RunningList(t, func(t *testing.T) porttest.RunningListFixture {
		path := filepath.Join(t.TempDir(), "games.json")
		list := NewFile(path, slog.New(slog.DiscardHandler))
		return porttest.RunningListFixture{
			List: list,
			Set: func(t *testing.T, entries []actors.Entry) {
				elements := []map[string]string{}
				for _, e := range entries {
					elements = append(elements, map[string]string{"game_id": e.GameID, "container_id": e.ContainerID})
				}
				data, err := json.Marshal(elements)
				if err != nil {
					t.Fatal(err)
				}
				replace(t, path, data)
			},
			Break: func(t *testing.T) { replace(t, path, []byte(`[{"game_id": "game-1", "contai`)) },
			Hang: func(t *testing.T) func() {
				hang := make(chan struct{})
				list.load = func(path string) (content, error) {
					<-hang
					return load(path)
				}
				return func() { close(hang) }
			},
		}
	})
}

// replace writes a file as File asks for it: another file, renamed.
func replace(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestFileThatCannotBeReadIsAnError(t *testing.T) { // S1
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(dir, "huge")
	replace(t, huge, nil)
	if err := os.Truncate(huge, maxBytes+1); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"): "no such file or directory",
		dir:                           "not a regular file",
		pipe:                          "not a regular file",
		"/dev/zero":                   "not a regular file",
		huge:                          "more than 64 MiB",
		loop:                          "too many levels of symbolic links",
		"":                            "no such file or directory",
	} {
		entries, err := NewFile(path, slog.New(slog.DiscardHandler)).Read(t.Context())
		if err == nil || !strings.HasSuffix(err.Error(), ": "+want) || !strings.Contains(err.Error(), path) {
			t.Errorf("Read %q: %d entries and error %v, want %q and the path", path, len(entries), err, want)
		}
	}
}

func TestFileHangsInOneGoroutineAtMost(t *testing.T) { // S1
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		var loads atomic.Int64
		list := NewFile("games.json", slog.New(slog.DiscardHandler))
		list.load = func(string) (content, error) {
			loads.Add(1)
			<-hang
			return content{data: []byte("[]")}, nil
		}
		for range 5 {
			ctx, cancel := context.WithTimeout(t.Context(), 30e9)
			if _, err := list.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Read: %v, want the deadline", err)
			}
			cancel()
		}
		if n := loads.Load(); n != 1 {
			t.Errorf("%d goroutines read the file at once, want 1", n)
		}
		close(hang)
		if _, err := list.Read(t.Context()); err != nil {
			t.Error(err)
		}
		if n := loads.Load(); n != 2 {
			t.Errorf("the file was read %d times, want a second time once the first had ended", n)
		}
	})
}
