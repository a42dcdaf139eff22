package journaltest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"galaxy/healthactors/actors"
)

// crashURL names the journal that a child process of a test writes to until it is killed.
const crashURL = "JOURNAL_TEST_CRASH_URL"

// Journal is one that can be closed.
type Journal interface {
	actors.Journal
	Close() error
}

// Open opens the journal of a URL or a path for a node.
type Open func(ctx context.Context, url, node string) (Journal, error)

// Main runs a package's tests, or in a process that StartWriter has started what this one does.
func Main(m *testing.M, open Open) {
	if url := os.Getenv(crashURL); url != "" {
		writeUntilKilled(url, open)
		return
	}
	goleak.VerifyTestMain(m)
}

// writeUntilKilled appends to several games at once and prints "GAME INDEX" after each acknowledgement.
func writeUntilKilled(url string, open Open) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // should the parent die
	defer cancel()
	j, err := open(ctx, url, "child")
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var printing sync.Mutex
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := int64(0); ; i++ {
				if err := j.Append(ctx, fmt.Sprint("game-", g), i, Detection(i)); err != nil {
					return
				}
				printing.Lock()
				fmt.Printf("game-%d %d\n", g, i)
				printing.Unlock()
			}
		})
	}
	wg.Wait()
}

// StartWriter starts a process that writes to a journal until it is killed, and returns what it prints.
func StartWriter(t *testing.T, url string) (child *exec.Cmd, lines *bufio.Scanner) {
	t.Helper()
	child = exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), crashURL+"="+url)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	return child, bufio.NewScanner(out)
}

// KilledWriter wants what was acknowledged before kill -9 to be there after it, and the next start not to be kept waiting.
func KilledWriter(t *testing.T, url string, open Open) {
	child, lines := StartWriter(t, url)
	acknowledged := make(map[string]int64)
	for n := 0; lines.Scan(); n++ {
		game, index, _ := strings.Cut(lines.Text(), " ")
		var i int64
		if _, err := fmt.Sscan(index, &i); err != nil {
			t.Fatalf("the child says %q", lines.Text())
		}
		acknowledged[game] = i
		if n == 100 {
			want := fmt.Sprintf("held by node %q (process %d)", "child", child.Process.Pid)
			if _, err := open(t.Context(), url, "a"); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("beside the child: got %v, want %q", err, want)
			}
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}

	j, err := open(t.Context(), url, "a")
	must(t, err)
	defer func() { must(t, j.Close()) }()
	for game, last := range acknowledged {
		r, err := j.Load(t.Context(), game)
		must(t, err)
		// At most one more was written and not yet said to be.
		if n := int64(len(r.Events)); n != last+1 && n != last+2 {
			t.Errorf("%s holds %d events, and %d was acknowledged", game, n, last)
		}
		must(t, j.Append(t.Context(), game, int64(len(r.Events)), Detection(0)))
	}
	if len(acknowledged) < 8 {
		t.Errorf("only %d games had an acknowledgement", len(acknowledged))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
