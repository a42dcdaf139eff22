package runninglist

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestW7AMountedFileThatWasReplaced reads a file through the name that Linux gives an open one in /proc, which leads to it for
// ever, as the mount of a single file does.
func TestW7AMountedFileThatWasReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "games.json")
	replace(t, path, []byte(`[{"game_id":"g","container_id":"old"}]`))
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var log strings.Builder
	mounted := NewFile(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), slog.New(slog.NewTextHandler(&log, nil)))
	read := func(stale bool, warnings int) {
		t.Helper()
		entries, err := mounted.Read(t.Context())
		if err != nil || len(entries) != 1 || entries[0].ContainerID != "old" {
			t.Errorf("%v, %v, want the list that was mounted", entries, err)
		}
		if err := mounted.Stale(); (err != nil) != stale {
			t.Errorf("stale is %v, want %t", err, stale)
		}
		if n := strings.Count(log.String(), "mount its directory instead"); n != warnings {
			t.Errorf("%d warnings, want %d:\n%s", n, warnings, log.String())
		}
	}
	read(false, 0)
	if err := os.Rename(path, path+".old"); err != nil { // It has a name as long as it has any.
		t.Fatal(err)
	}
	replace(t, path, []byte(`[{"game_id":"g","container_id":"new"}]`))
	read(false, 0)
	if err := os.Remove(path + ".old"); err != nil {
		t.Fatal(err)
	}
	read(true, 1)
	read(true, 1)
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), mounted.path) {
		t.Errorf("the warning doesn't name the file:\n%s", log.String())
	}
}

// A file that is replaced between its opening and its reading has lost its name too, and is as good as any.
func TestW7AFileThatIsReplacedWhileItIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "games.json")
	replace(t, path, []byte("[]"))
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	replace(t, path, []byte("[]"))
	old, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if !isNameless(old) || leadsTo(path, old) {
		t.Errorf("nameless: %t, at its path: %t; want the one and not the other", isNameless(old), leadsTo(path, old))
	}
}
